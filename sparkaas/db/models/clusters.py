# SPDX-License-Identifier: Apache-2.0
"""Clusters, and what belongs to one."""

from __future__ import annotations

import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import orm

from sparkaas import model
from sparkaas import states
from sparkaas.db import types
from sparkaas.db.models import base
from sparkaas.db.models import node_groups


class NodeGroup(node_groups.Group):
    __tablename__ = "node_groups"

    cluster_id: orm.Mapped[str] = orm.mapped_column(
        base.reference("clusters.id", "CASCADE"), index=True
    )


class Instance(base.Child):
    """``node_group_id`` is no reference: an instance outlives the wish for it."""

    __tablename__ = "instances"
    RECORD = model.Instance

    cluster_id: orm.Mapped[str] = orm.mapped_column(
        base.reference("clusters.id", "CASCADE"), index=True
    )
    name: orm.Mapped[str]
    node_group_id: orm.Mapped[str] = orm.mapped_column(base.ID)
    instance_id: orm.Mapped[str]
    internal_ip: orm.Mapped[str | None]
    management_ip: orm.Mapped[str | None]
    dns_hostname: orm.Mapped[str | None]
    storage_devices_number: orm.Mapped[int]
    facts: orm.Mapped[dict[str, Any]] = orm.mapped_column(types.Json)


class Verification(base.Row):
    """One for each cluster."""

    __tablename__ = "verifications"
    RECORD = model.Verification

    cluster_id: orm.Mapped[str] = orm.mapped_column(
        base.reference("clusters.id", "CASCADE"), index=True
    )
    status: orm.Mapped[str]
    checks: orm.Mapped[tuple[Any, ...]] = orm.mapped_column(types.Tuple)


class Cluster(base.Work):
    __tablename__ = "clusters"
    __table_args__ = base.named(
        sa.UniqueConstraint("project_id", "idempotency_key"),
        sa.Index(None, "next_run_at", "id"),
    )
    RECORD = model.Cluster

    plugin_name: orm.Mapped[str]
    plugin_version: orm.Mapped[str]
    target: orm.Mapped[states.Target] = orm.mapped_column(types.Word(states.Target))
    cluster_template_id: orm.Mapped[str | None] = orm.mapped_column(
        base.reference("cluster_templates.id"), index=True
    )
    default_image_id: orm.Mapped[str | None]
    neutron_management_network: orm.Mapped[str | None]
    cluster_configs: orm.Mapped[dict[str, Any]] = orm.mapped_column(types.Json)
    user_keypair_id: orm.Mapped[str | None]
    user_public_key: orm.Mapped[str | None] = orm.mapped_column(base.TEXT)
    stem: orm.Mapped[str]
    is_transient: orm.Mapped[bool]
    anti_affinity: orm.Mapped[tuple[str, ...]] = orm.mapped_column(types.Tuple)
    shares: orm.Mapped[tuple[Any, ...] | None] = orm.mapped_column(types.Tuple)
    use_autoconfig: orm.Mapped[bool]
    domain_name: orm.Mapped[str | None]
    verify_asked: orm.Mapped[int]
    force: orm.Mapped[bool]
    condition: orm.Mapped[states.Condition] = orm.mapped_column(
        types.Word(states.Condition)
    )
    active_at: orm.Mapped[datetime.datetime | None]
    info: orm.Mapped[dict[str, Any]] = orm.mapped_column(types.Json)
    secret_refs: orm.Mapped[dict[str, str]] = orm.mapped_column(types.Json)
    management_public_key: orm.Mapped[str] = orm.mapped_column(base.TEXT)
    trust_id: orm.Mapped[str | None]
    verify_done: orm.Mapped[int]
    node_groups: orm.Mapped[list[NodeGroup]] = orm.relationship(
        order_by=NodeGroup.position,
        cascade="all, delete-orphan",
        passive_deletes=True,
        lazy="raise",
    )
    instances: orm.Mapped[list[Instance]] = orm.relationship(
        order_by=Instance.position,
        cascade="all, delete-orphan",
        passive_deletes=True,
        lazy="raise",
    )
    verification: orm.Mapped[Verification | None] = orm.relationship(
        cascade="all, delete-orphan", passive_deletes=True, lazy="raise"
    )


class ProvisionStep(base.Row):
    """``position`` counts up as steps come, events likewise within a step."""

    __tablename__ = "provision_steps"
    RECORD = model.ProvisionStep

    cluster_id: orm.Mapped[str] = orm.mapped_column(
        base.reference("clusters.id", "CASCADE"), index=True
    )
    project_id: orm.Mapped[str] = orm.mapped_column(base.PROJECT)
    step_name: orm.Mapped[str]
    step_type: orm.Mapped[str]
    total: orm.Mapped[int]
    successful: orm.Mapped[bool | None]
    position: orm.Mapped[int]


class Event(base.Row):
    __tablename__ = "events"
    RECORD = model.Event

    step_id: orm.Mapped[str] = orm.mapped_column(
        base.reference("provision_steps.id", "CASCADE"), index=True
    )
    successful: orm.Mapped[bool]
    node_group_id: orm.Mapped[str | None] = orm.mapped_column(base.ID)
    instance_id: orm.Mapped[str | None]
    instance_name: orm.Mapped[str | None]
    event_info: orm.Mapped[str | None] = orm.mapped_column(base.TEXT)
    position: orm.Mapped[int]
