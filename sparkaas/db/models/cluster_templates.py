# SPDX-License-Identifier: Apache-2.0
"""Cluster templates."""

from __future__ import annotations

from typing import Any

from sqlalchemy import orm

from sparkaas import model
from sparkaas.db import types
from sparkaas.db.models import base
from sparkaas.db.models import node_groups


class TemplateNodeGroup(node_groups.Group):
    __tablename__ = "cluster_template_node_groups"

    cluster_template_id: orm.Mapped[str] = orm.mapped_column(
        base.reference("cluster_templates.id", "CASCADE"), index=True
    )


class ClusterTemplate(base.Resource):
    __tablename__ = "cluster_templates"
    __table_args__ = base.named()
    RECORD = model.ClusterTemplate

    plugin_name: orm.Mapped[str]
    plugin_version: orm.Mapped[str]
    cluster_configs: orm.Mapped[dict[str, Any]] = orm.mapped_column(types.Json)
    default_image_id: orm.Mapped[str | None]
    anti_affinity: orm.Mapped[tuple[str, ...]] = orm.mapped_column(types.Tuple)
    neutron_management_network: orm.Mapped[str | None]
    shares: orm.Mapped[tuple[Any, ...] | None] = orm.mapped_column(types.Tuple)
    use_autoconfig: orm.Mapped[bool]
    domain_name: orm.Mapped[str | None]
    is_default: orm.Mapped[bool]
    node_groups: orm.Mapped[list[TemplateNodeGroup]] = orm.relationship(
        order_by=TemplateNodeGroup.position,
        cascade="all, delete-orphan",
        passive_deletes=True,
        lazy="raise",
    )
