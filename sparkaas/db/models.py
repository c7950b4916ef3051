# SPDX-License-Identifier: Apache-2.0
"""The tables. A row has the attributes of its record in ``sparkaas.model``, and of
the same types; what a record has not is said here.
"""

from __future__ import annotations

import datetime
from typing import Any
from typing import ClassVar

import sqlalchemy as sa
from sqlalchemy import orm

from sparkaas import model
from sparkaas import states
from sparkaas.db import types

_ID = sa.String(36)
_PROJECT = sa.String(64)
_TEXT = types.LONG_TEXT


class Base(orm.DeclarativeBase):
    """Names compare byte by byte on every database, so on MySQL too."""

    metadata = sa.MetaData(
        naming_convention={
            "pk": "pk_%(table_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        }
    )
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        datetime.datetime: types.UtcDateTime,
        str: sa.String(255),
    }
    #: The record that a row stands for.
    RECORD: ClassVar[type[Any]]


_MYSQL = {
    "mysql_engine": "InnoDB",
    "mysql_charset": "utf8mb4",
    "mysql_collate": "utf8mb4_bin",
}


def _reference(column: str, ondelete: str = "RESTRICT") -> sa.ForeignKey:
    return sa.ForeignKey(column, ondelete=ondelete)


class Row(Base):
    """What every table that holds records has."""

    __abstract__ = True
    __table_args__: Any = _MYSQL

    id: orm.Mapped[str] = orm.mapped_column(_ID, primary_key=True)
    created_at: orm.Mapped[datetime.datetime | None]
    updated_at: orm.Mapped[datetime.datetime | None]


class Resource(Row):
    """``model.Resource``."""

    __abstract__ = True

    project_id: orm.Mapped[str] = orm.mapped_column(_PROJECT)
    name: orm.Mapped[str]
    description: orm.Mapped[str | None] = orm.mapped_column(_TEXT)
    is_public: orm.Mapped[bool]
    is_protected: orm.Mapped[bool]


def _named(*more: sa.Constraint | sa.Index) -> tuple[Any, ...]:
    return (sa.UniqueConstraint("project_id", "name"), *more, _MYSQL)


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


class NodeGroupTemplate(NodeSettings, Resource):
    __tablename__ = "node_group_templates"
    __table_args__ = _named()
    RECORD = model.NodeGroupTemplate

    plugin_name: orm.Mapped[str]
    plugin_version: orm.Mapped[str]
    is_default: orm.Mapped[bool]


class Child(Row):
    """A row of a parent's ordered list."""

    __abstract__ = True

    position: orm.Mapped[int]


class Group(NodeSettings, Child):
    """``model.NodeGroup``, in a cluster or a cluster template."""

    __abstract__ = True
    RECORD = model.NodeGroup

    name: orm.Mapped[str]
    count: orm.Mapped[int]
    node_group_template_id: orm.Mapped[str | None] = orm.mapped_column(
        _reference("node_group_templates.id"), index=True
    )
    indices: orm.Mapped[tuple[int, ...]] = orm.mapped_column(types.Tuple)
    flavor: orm.Mapped[model.Flavor | None] = orm.mapped_column(
        types.Structure(model.Flavor)
    )


class TemplateNodeGroup(Group):
    __tablename__ = "cluster_template_node_groups"

    cluster_template_id: orm.Mapped[str] = orm.mapped_column(
        _reference("cluster_templates.id", "CASCADE"), index=True
    )


class ClusterTemplate(Resource):
    __tablename__ = "cluster_templates"
    __table_args__ = _named()
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


class Work(Resource):
    """``model.Work``, and the lease on it, which no record shows."""

    __abstract__ = True

    generation: orm.Mapped[int]
    observed_generation: orm.Mapped[int]
    step: orm.Mapped[str | None]
    step_started_at: orm.Mapped[datetime.datetime | None]
    attempts: orm.Mapped[int]
    checkpoint: orm.Mapped[dict[str, Any]] = orm.mapped_column(types.Json)
    reason: orm.Mapped[model.Reason | None] = orm.mapped_column(
        types.Structure(model.Reason)
    )
    waiting_for: orm.Mapped[str] = orm.mapped_column(_TEXT)
    next_run_at: orm.Mapped[datetime.datetime | None]
    user_id: orm.Mapped[str]
    idempotency_key: orm.Mapped[str | None]

    lease_owner: orm.Mapped[str | None]
    lease_epoch: orm.Mapped[int] = orm.mapped_column(default=0)
    lease_expires_at: orm.Mapped[datetime.datetime | None]


class NodeGroup(Group):
    __tablename__ = "node_groups"

    cluster_id: orm.Mapped[str] = orm.mapped_column(
        _reference("clusters.id", "CASCADE"), index=True
    )


class Instance(Child):
    """``node_group_id`` is no reference: an instance outlives the wish for it."""

    __tablename__ = "instances"
    RECORD = model.Instance

    cluster_id: orm.Mapped[str] = orm.mapped_column(
        _reference("clusters.id", "CASCADE"), index=True
    )
    name: orm.Mapped[str]
    node_group_id: orm.Mapped[str] = orm.mapped_column(_ID)
    instance_id: orm.Mapped[str]
    internal_ip: orm.Mapped[str | None]
    management_ip: orm.Mapped[str | None]
    dns_hostname: orm.Mapped[str | None]
    storage_devices_number: orm.Mapped[int]
    facts: orm.Mapped[dict[str, Any]] = orm.mapped_column(types.Json)


class Verification(Row):
    """One for each cluster."""

    __tablename__ = "verifications"
    RECORD = model.Verification

    cluster_id: orm.Mapped[str] = orm.mapped_column(
        _reference("clusters.id", "CASCADE"), index=True
    )
    status: orm.Mapped[str]
    checks: orm.Mapped[tuple[Any, ...]] = orm.mapped_column(types.Tuple)


class Cluster(Work):
    __tablename__ = "clusters"
    __table_args__ = _named(
        sa.UniqueConstraint("project_id", "idempotency_key"),
        sa.Index(None, "next_run_at", "id"),
    )
    RECORD = model.Cluster

    plugin_name: orm.Mapped[str]
    plugin_version: orm.Mapped[str]
    target: orm.Mapped[states.Target] = orm.mapped_column(types.Word(states.Target))
    cluster_template_id: orm.Mapped[str | None] = orm.mapped_column(
        _reference("cluster_templates.id"), index=True
    )
    default_image_id: orm.Mapped[str | None]
    neutron_management_network: orm.Mapped[str | None]
    cluster_configs: orm.Mapped[dict[str, Any]] = orm.mapped_column(types.Json)
    user_keypair_id: orm.Mapped[str | None]
    user_public_key: orm.Mapped[str | None] = orm.mapped_column(_TEXT)
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
    management_public_key: orm.Mapped[str] = orm.mapped_column(_TEXT)
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


class ProvisionStep(Row):
    """``position`` counts up as steps come, events likewise within a step."""

    __tablename__ = "provision_steps"
    RECORD = model.ProvisionStep

    cluster_id: orm.Mapped[str] = orm.mapped_column(
        _reference("clusters.id", "CASCADE"), index=True
    )
    project_id: orm.Mapped[str] = orm.mapped_column(_PROJECT)
    step_name: orm.Mapped[str]
    step_type: orm.Mapped[str]
    total: orm.Mapped[int]
    successful: orm.Mapped[bool | None]
    position: orm.Mapped[int]


class Event(Row):
    __tablename__ = "events"
    RECORD = model.Event

    step_id: orm.Mapped[str] = orm.mapped_column(
        _reference("provision_steps.id", "CASCADE"), index=True
    )
    successful: orm.Mapped[bool]
    node_group_id: orm.Mapped[str | None] = orm.mapped_column(_ID)
    instance_id: orm.Mapped[str | None]
    instance_name: orm.Mapped[str | None]
    event_info: orm.Mapped[str | None] = orm.mapped_column(_TEXT)
    position: orm.Mapped[int]


class DataSource(Resource):
    __tablename__ = "data_sources"
    __table_args__ = _named()
    RECORD = model.DataSource

    type: orm.Mapped[str]
    url: orm.Mapped[str] = orm.mapped_column(_TEXT)
    secret_ref: orm.Mapped[str | None]


class JobBinary(Resource):
    __tablename__ = "job_binaries"
    __table_args__ = _named()
    RECORD = model.JobBinary

    url: orm.Mapped[str] = orm.mapped_column(_TEXT)
    secret_ref: orm.Mapped[str | None]


class JobBinaryInternal(Resource):
    __tablename__ = "job_binary_internals"
    __table_args__ = _named()
    RECORD = model.JobBinaryInternal

    datasize: orm.Mapped[int] = orm.mapped_column(sa.BigInteger)
    sha256: orm.Mapped[str | None] = orm.mapped_column(sa.String(64))


class JobTemplateBinary(Base):
    """That a job template uses a binary, as a main or as a library."""

    __tablename__ = "job_template_binaries"
    __table_args__ = _MYSQL

    job_template_id: orm.Mapped[str] = orm.mapped_column(
        _reference("job_templates.id", "CASCADE"), primary_key=True
    )
    is_main: orm.Mapped[bool] = orm.mapped_column(primary_key=True)
    position: orm.Mapped[int] = orm.mapped_column(primary_key=True)
    job_binary_id: orm.Mapped[str] = orm.mapped_column(
        _reference("job_binaries.id"), index=True
    )


class JobTemplateArgument(Child):
    __tablename__ = "job_template_arguments"
    RECORD = model.Argument

    job_template_id: orm.Mapped[str] = orm.mapped_column(
        _reference("job_templates.id", "CASCADE"), index=True
    )
    name: orm.Mapped[str]
    mapping_type: orm.Mapped[str]
    location: orm.Mapped[str]
    required: orm.Mapped[bool]
    value_type: orm.Mapped[str]
    default: orm.Mapped[str | None] = orm.mapped_column(_TEXT)
    description: orm.Mapped[str | None] = orm.mapped_column(_TEXT)
    order: orm.Mapped[int]


class JobTemplate(Resource):
    __tablename__ = "job_templates"
    __table_args__ = _named()
    RECORD = model.JobTemplate

    type: orm.Mapped[str]
    binaries: orm.Mapped[list[JobTemplateBinary]] = orm.relationship(
        order_by=JobTemplateBinary.position,
        cascade="all, delete-orphan",
        passive_deletes=True,
        lazy="raise",
    )
    interface: orm.Mapped[list[JobTemplateArgument]] = orm.relationship(
        order_by=JobTemplateArgument.position,
        cascade="all, delete-orphan",
        passive_deletes=True,
        lazy="raise",
    )

    def _of(self, is_main: bool) -> tuple[str, ...]:
        kept = (one for one in self.binaries if one.is_main is is_main)
        return tuple(one.job_binary_id for one in kept)

    def _put(self, is_main: bool, ids: tuple[str, ...]) -> None:
        others = [one for one in self.binaries if one.is_main is not is_main]
        new = [
            JobTemplateBinary(is_main=is_main, position=position, job_binary_id=id)
            for position, id in enumerate(ids)
        ]
        self.binaries = others + new

    @property
    def mains(self) -> tuple[str, ...]:
        return self._of(True)

    @mains.setter
    def mains(self, ids: tuple[str, ...]) -> None:
        self._put(True, ids)

    @property
    def libs(self) -> tuple[str, ...]:
        return self._of(False)

    @libs.setter
    def libs(self, ids: tuple[str, ...]) -> None:
        self._put(False, ids)


class Job(Work):
    __tablename__ = "jobs"
    __table_args__ = (
        sa.UniqueConstraint("project_id", "idempotency_key"),
        sa.Index(None, "next_run_at", "id"),
        sa.Index(None, "project_id"),
        _MYSQL,
    )
    RECORD = model.Job

    job_template_id: orm.Mapped[str] = orm.mapped_column(
        _reference("job_templates.id"), index=True
    )
    type: orm.Mapped[str]
    target: orm.Mapped[states.JobTarget] = orm.mapped_column(
        types.Word(states.JobTarget)
    )
    cluster_id: orm.Mapped[str | None] = orm.mapped_column(
        _reference("clusters.id", "SET NULL"), index=True
    )
    input_id: orm.Mapped[str | None] = orm.mapped_column(
        _reference("data_sources.id"), index=True
    )
    output_id: orm.Mapped[str | None] = orm.mapped_column(
        _reference("data_sources.id"), index=True
    )
    job_configs: orm.Mapped[dict[str, Any]] = orm.mapped_column(types.Json)
    secret_ref: orm.Mapped[str | None]
    outcome: orm.Mapped[states.JobStatus | None] = orm.mapped_column(
        types.Word(states.JobStatus)
    )
    engine_job_id: orm.Mapped[str | None]
    return_code: orm.Mapped[str | None]
    start_time: orm.Mapped[datetime.datetime | None]
    end_time: orm.Mapped[datetime.datetime | None]
    data_source_urls: orm.Mapped[dict[str, str] | None] = orm.mapped_column(types.Json)
    progress: orm.Mapped[model.Progress | None] = orm.mapped_column(
        types.Structure(model.Progress)
    )


class Secret(Base):
    """An encrypted value. The id is its reference."""

    __tablename__ = "secrets"
    __table_args__ = _MYSQL

    id: orm.Mapped[str] = orm.mapped_column(_ID, primary_key=True)
    project_id: orm.Mapped[str] = orm.mapped_column(_PROJECT)
    ciphertext: orm.Mapped[str] = orm.mapped_column(_TEXT)


class PluginLabel(Base):
    """A project's own setting of a label; ``version`` is empty for the plugin's."""

    __tablename__ = "plugin_labels"
    __table_args__ = _MYSQL

    project_id: orm.Mapped[str] = orm.mapped_column(_PROJECT, primary_key=True)
    plugin_name: orm.Mapped[str] = orm.mapped_column(sa.String(80), primary_key=True)
    version: orm.Mapped[str] = orm.mapped_column(sa.String(80), primary_key=True)
    label: orm.Mapped[str] = orm.mapped_column(sa.String(80), primary_key=True)
    status: orm.Mapped[bool]
