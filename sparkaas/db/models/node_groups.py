# SPDX-License-Identifier: Apache-2.0
"""Settings of nodes, which templates and clusters have alike."""

from __future__ import annotations

from typing import Any

from sqlalchemy import orm

from sparkaas import model
from sparkaas.db import types
from sparkaas.db.models import base


class NodeSettings:
    """``model.NodeSettings``, apart from the name."""

    flavor_id: orm.Mapped[str]
    node_processes: orm.Mapped[tuple[str, ...]] = orm.mapped_column(types.Tuple)
    image_id: orm.Mapped[str | None]
    node_configs: orm.Mapped[dict[str, Any]] = orm.mapped_column(types.Json)
    volumes_per_node: orm.Mapped[int]
    volumes_size: orm.Mapped[int]
    volume_type: orm.Mapped[str | None]
    volumes_availability_zone: orm.Mapped[str | None]
    volume_mount_prefix: orm.Mapped[str]
    volume_local_to_instance: orm.Mapped[bool]
    boot_from_volume: orm.Mapped[bool]
    boot_volume_type: orm.Mapped[str | None]
    boot_volume_availability_zone: orm.Mapped[str | None]
    boot_volume_local_to_instance: orm.Mapped[bool]
    floating_ip_pool: orm.Mapped[str | None]
    security_groups: orm.Mapped[tuple[str, ...] | None] = orm.mapped_column(types.Tuple)
    auto_security_group: orm.Mapped[bool]
    availability_zone: orm.Mapped[str | None]
    is_proxy_gateway: orm.Mapped[bool]
    shares: orm.Mapped[tuple[Any, ...] | None] = orm.mapped_column(types.Tuple)
    use_autoconfig: orm.Mapped[bool]


class NodeGroupTemplate(NodeSettings, base.Resource):
    __tablename__ = "node_group_templates"
    __table_args__ = base.named()
    RECORD = model.NodeGroupTemplate

    plugin_name: orm.Mapped[str]
    plugin_version: orm.Mapped[str]
    is_default: orm.Mapped[bool]


class Group(NodeSettings, base.Child):
    """``model.NodeGroup``, in a cluster or a cluster template."""

    __abstract__ = True
    RECORD = model.NodeGroup

    name: orm.Mapped[str]
    count: orm.Mapped[int]
    node_group_template_id: orm.Mapped[str | None] = orm.mapped_column(
        base.reference("node_group_templates.id"), index=True
    )
    indices: orm.Mapped[tuple[int, ...]] = orm.mapped_column(types.Tuple)
    flavor: orm.Mapped[model.Flavor | None] = orm.mapped_column(
        types.Structure(model.Flavor)
    )
