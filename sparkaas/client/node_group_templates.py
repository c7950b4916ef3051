# SPDX-License-Identifier: Apache-2.0
"""Node group templates: reusable descriptions of one kind of node."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from sparkaas.client import resource


@dataclasses.dataclass(frozen=True, kw_only=True)
class NodeGroupTemplate(resource.Resource):
    """A node group template."""

    plugin_name: str = ""
    plugin_version: str = ""
    flavor_id: str = ""
    image_id: str | None = None
    node_processes: tuple[str, ...] = resource.strings()
    node_configs: Mapping[str, Any] = resource.mapping()
    volumes_per_node: int = 0
    volumes_size: int = 0
    floating_ip_pool: str | None = None
    security_groups: tuple[str, ...] = resource.strings()
    auto_security_group: bool = False
    availability_zone: str | None = None
    use_autoconfig: bool = True
    is_default: bool = False


class NodeGroupTemplates(resource.Portable[NodeGroupTemplate]):
    """The verbs on node group templates."""

    path = "/node-group-templates"
    key = "node_group_template"
    keys = "node_group_templates"
    noun = "node group template"
    record = NodeGroupTemplate
