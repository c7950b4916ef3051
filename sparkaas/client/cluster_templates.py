# SPDX-License-Identifier: Apache-2.0
"""Cluster templates: reusable descriptions of a cluster."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from sparkaas.client import nodes
from sparkaas.client import resource


@dataclasses.dataclass(frozen=True, kw_only=True)
class ClusterTemplate(resource.Resource):
    """A cluster template."""

    plugin_name: str = ""
    plugin_version: str = ""
    node_groups: tuple[nodes.NodeGroup, ...] = resource.records(nodes.NodeGroup)
    cluster_configs: Mapping[str, Any] = resource.mapping()
    default_image_id: str | None = None
    anti_affinity: tuple[str, ...] = resource.strings()
    neutron_management_network: str | None = None
    use_autoconfig: bool = True
    domain_name: str | None = None
    is_default: bool = False


class ClusterTemplates(resource.Portable[ClusterTemplate]):
    """The verbs on cluster templates."""

    path = "/cluster-templates"
    key = "cluster_template"
    keys = "cluster_templates"
    noun = "cluster template"
    record = ClusterTemplate
