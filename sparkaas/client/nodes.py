# SPDX-License-Identifier: Apache-2.0
"""What templates and clusters have in common: node groups and their instances."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from sparkaas.client import resource


@dataclasses.dataclass(frozen=True, kw_only=True)
class Instance(resource.Record):
    """A node that exists."""

    id: str = ""
    instance_id: str = ""
    instance_name: str = ""
    internal_ip: str | None = None
    management_ip: str | None = None
    dns_hostname: str | None = None


@dataclasses.dataclass(frozen=True, kw_only=True)
class NodeGroup(resource.Record):
    """Nodes of one kind."""

    id: str = ""
    name: str = ""
    count: int = 0
    flavor_id: str = ""
    image_id: str | None = None
    node_processes: tuple[str, ...] = resource.strings()
    node_configs: Mapping[str, Any] = resource.mapping()
    node_group_template_id: str | None = None
    volumes_per_node: int = 0
    volumes_size: int = 0
    instances: tuple[Instance, ...] = resource.records(Instance)
