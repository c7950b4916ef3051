# SPDX-License-Identifier: Apache-2.0
"""The first schema.

It is history from the first release on: later changes are migrations of their own,
and this file imports nothing of the service that could change.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

revision = "0001"
down_revision = None

_ID = sa.String(36)
_PROJECT = sa.String(64)
_NAME = sa.String(255)
_LABEL = sa.String(80)
_WORD = sa.String(32)
_TEXT = sa.Text().with_variant(mysql.LONGTEXT(), "mysql", "mariadb")
_TIME = sa.DateTime().with_variant(mysql.DATETIME(fsp=6), "mysql", "mariadb")
_FLAG = sa.Boolean()
_INT = sa.Integer()

Item = sa.schema.SchemaItem


def _some(name: str, type: Any) -> sa.Column[Any]:
    return sa.Column(name, type, nullable=False)


def _maybe(name: str, type: Any) -> sa.Column[Any]:
    return sa.Column(name, type, nullable=True)


def _row() -> list[Item]:
    return [
        _some("id", _ID),
        _maybe("created_at", _TIME),
        _maybe("updated_at", _TIME),
        sa.PrimaryKeyConstraint("id"),
    ]


def _resource() -> list[Item]:
    return [
        *_row(),
        _some("project_id", _PROJECT),
        _some("name", _NAME),
        _maybe("description", _TEXT),
        _some("is_public", _FLAG),
        _some("is_protected", _FLAG),
    ]


def _unique_name() -> sa.UniqueConstraint:
    return sa.UniqueConstraint("project_id", "name")


def _node_settings() -> list[Item]:
    return [
        _some("flavor_id", _NAME),
        _some("node_processes", _TEXT),
        _maybe("image_id", _NAME),
        _some("node_configs", _TEXT),
        _some("volumes_per_node", _INT),
        _some("volumes_size", _INT),
        _maybe("volume_type", _NAME),
        _maybe("volumes_availability_zone", _NAME),
        _some("volume_mount_prefix", _NAME),
        _some("volume_local_to_instance", _FLAG),
        _some("boot_from_volume", _FLAG),
        _maybe("boot_volume_type", _NAME),
        _maybe("boot_volume_availability_zone", _NAME),
        _some("boot_volume_local_to_instance", _FLAG),
        _maybe("floating_ip_pool", _NAME),
        _maybe("security_groups", _TEXT),
        _some("auto_security_group", _FLAG),
        _maybe("availability_zone", _NAME),
        _some("is_proxy_gateway", _FLAG),
        _maybe("shares", _TEXT),
        _some("use_autoconfig", _FLAG),
    ]


def _group() -> list[Item]:
    return [
        *_row(),
        *_node_settings(),
        _some("name", _NAME),
        _some("count", _INT),
        _maybe("node_group_template_id", _ID),
        _some("indices", _TEXT),
        _maybe("flavor", _TEXT),
        _some("position", _INT),
        _refers("node_group_template_id", "node_group_templates"),
    ]


def _work() -> list[Item]:
    return [
        *_resource(),
        _some("generation", _INT),
        _some("observed_generation", _INT),
        _maybe("step", _NAME),
        _maybe("step_started_at", _TIME),
        _some("attempts", _INT),
        _some("checkpoint", _TEXT),
        _maybe("reason", _TEXT),
        _some("waiting_for", _TEXT),
        _maybe("next_run_at", _TIME),
        _some("user_id", _NAME),
        _maybe("idempotency_key", _NAME),
        _maybe("lease_owner", _NAME),
        _some("lease_epoch", _INT),
        _maybe("lease_expires_at", _TIME),
        _some("target", _WORD),
        sa.UniqueConstraint("project_id", "idempotency_key"),
    ]


def _refers(
    column: str, table: str, ondelete: str = "RESTRICT"
) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{table}.id"], ondelete=ondelete)


def _part_of(column: str, table: str) -> list[Item]:
    return [_some(column, _ID), _refers(column, table, "CASCADE")]


def _table(name: str, *items: Item, indexes: tuple[tuple[str, ...], ...] = ()) -> None:
    op.create_table(
        name,
        *items,
        mysql_engine="InnoDB",
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
    )
    for columns in indexes:
        op.create_index(None, name, list(columns))


def _templates() -> None:
    _table(
        "node_group_templates",
        *_resource(),
        *_node_settings(),
        _some("plugin_name", _NAME),
        _some("plugin_version", _NAME),
        _some("is_default", _FLAG),
        _unique_name(),
    )
    _table(
        "cluster_templates",
        *_resource(),
        _some("plugin_name", _NAME),
        _some("plugin_version", _NAME),
        _some("cluster_configs", _TEXT),
        _maybe("default_image_id", _NAME),
        _some("anti_affinity", _TEXT),
        _maybe("neutron_management_network", _NAME),
        _maybe("shares", _TEXT),
        _some("use_autoconfig", _FLAG),
        _maybe("domain_name", _NAME),
        _some("is_default", _FLAG),
        _unique_name(),
    )
    _table(
        "cluster_template_node_groups",
        *_group(),
        *_part_of("cluster_template_id", "cluster_templates"),
        indexes=(("cluster_template_id",), ("node_group_template_id",)),
    )


def _clusters() -> None:
    _table(
        "clusters",
        *_work(),
        _some("plugin_name", _NAME),
        _some("plugin_version", _NAME),
        _maybe("cluster_template_id", _ID),
        _maybe("default_image_id", _NAME),
        _maybe("neutron_management_network", _NAME),
        _some("cluster_configs", _TEXT),
        _maybe("user_keypair_id", _NAME),
        _maybe("user_public_key", _TEXT),
        _some("stem", _NAME),
        _some("is_transient", _FLAG),
        _some("anti_affinity", _TEXT),
        _maybe("shares", _TEXT),
        _some("use_autoconfig", _FLAG),
        _maybe("domain_name", _NAME),
        _some("verify_asked", _INT),
        _some("force", _FLAG),
        _some("condition", _WORD),
        _maybe("active_at", _TIME),
        _some("info", _TEXT),
        _some("secret_refs", _TEXT),
        _some("management_public_key", _TEXT),
        _maybe("trust_id", _NAME),
        _some("verify_done", _INT),
        _unique_name(),
        _refers("cluster_template_id", "cluster_templates"),
        indexes=(("cluster_template_id",), ("next_run_at", "id")),
    )
    _table(
        "node_groups",
        *_group(),
        *_part_of("cluster_id", "clusters"),
        indexes=(("cluster_id",), ("node_group_template_id",)),
    )
    _table(
        "instances",
        *_row(),
        *_part_of("cluster_id", "clusters"),
        _some("name", _NAME),
        _some("node_group_id", _ID),
        _some("instance_id", _NAME),
        _maybe("internal_ip", _NAME),
        _maybe("management_ip", _NAME),
        _maybe("dns_hostname", _NAME),
        _some("storage_devices_number", _INT),
        _some("facts", _TEXT),
        _some("position", _INT),
        indexes=(("cluster_id",),),
    )
    _table(
        "verifications",
        *_row(),
        *_part_of("cluster_id", "clusters"),
        _some("status", _NAME),
        _some("checks", _TEXT),
        indexes=(("cluster_id",),),
    )


def _progress() -> None:
    _table(
        "provision_steps",
        *_row(),
        *_part_of("cluster_id", "clusters"),
        _some("project_id", _PROJECT),
        _some("step_name", _NAME),
        _some("step_type", _NAME),
        _some("total", _INT),
        _maybe("successful", _FLAG),
        _some("position", _INT),
        indexes=(("cluster_id",),),
    )
    _table(
        "events",
        *_row(),
        *_part_of("step_id", "provision_steps"),
        _some("successful", _FLAG),
        _maybe("node_group_id", _ID),
        _maybe("instance_id", _NAME),
        _maybe("instance_name", _NAME),
        _maybe("event_info", _TEXT),
        _some("position", _INT),
        indexes=(("step_id",),),
    )


def _job_parts() -> None:
    _table(
        "data_sources",
        *_resource(),
        _some("type", _NAME),
        _some("url", _TEXT),
        _maybe("secret_ref", _NAME),
        _unique_name(),
    )
    _table(
        "job_binaries",
        *_resource(),
        _some("url", _TEXT),
        _maybe("secret_ref", _NAME),
        _unique_name(),
    )
    _table(
        "job_binary_internals",
        *_resource(),
        _some("datasize", sa.BigInteger()),
        _maybe("sha256", sa.String(64)),
        _unique_name(),
    )
    _table("job_templates", *_resource(), _some("type", _NAME), _unique_name())
    _table(
        "job_template_binaries",
        _some("job_template_id", _ID),
        _some("is_main", _FLAG),
        _some("position", _INT),
        _some("job_binary_id", _ID),
        sa.PrimaryKeyConstraint("job_template_id", "is_main", "position"),
        _refers("job_template_id", "job_templates", "CASCADE"),
        _refers("job_binary_id", "job_binaries"),
        indexes=(("job_binary_id",),),
    )
    _table(
        "job_template_arguments",
        *_row(),
        *_part_of("job_template_id", "job_templates"),
        _some("name", _NAME),
        _some("mapping_type", _NAME),
        _some("location", _NAME),
        _some("required", _FLAG),
        _some("value_type", _NAME),
        _maybe("default", _TEXT),
        _maybe("description", _TEXT),
        _some("order", _INT),
        _some("position", _INT),
        indexes=(("job_template_id",),),
    )


def _jobs() -> None:
    _table(
        "jobs",
        *_work(),
        _some("job_template_id", _ID),
        _some("type", _NAME),
        _maybe("cluster_id", _ID),
        _maybe("input_id", _ID),
        _maybe("output_id", _ID),
        _some("job_configs", _TEXT),
        _maybe("secret_ref", _NAME),
        _maybe("outcome", _WORD),
        _maybe("engine_job_id", _NAME),
        _maybe("return_code", _NAME),
        _maybe("start_time", _TIME),
        _maybe("end_time", _TIME),
        _maybe("data_source_urls", _TEXT),
        _maybe("progress", _TEXT),
        _refers("job_template_id", "job_templates"),
        _refers("cluster_id", "clusters", "SET NULL"),
        _refers("input_id", "data_sources"),
        _refers("output_id", "data_sources"),
        indexes=(
            ("project_id",),
            ("job_template_id",),
            ("cluster_id",),
            ("input_id",),
            ("output_id",),
            ("next_run_at", "id"),
        ),
    )


def _others() -> None:
    _table(
        "secrets",
        _some("id", _ID),
        _some("project_id", _PROJECT),
        _some("ciphertext", _TEXT),
        sa.PrimaryKeyConstraint("id"),
    )
    _table(
        "plugin_labels",
        _some("project_id", _PROJECT),
        _some("plugin_name", _LABEL),
        _some("version", _LABEL),
        _some("label", _LABEL),
        _some("status", _FLAG),
        sa.PrimaryKeyConstraint("project_id", "plugin_name", "version", "label"),
    )


def upgrade() -> None:
    """Parents before children."""
    _templates()
    _clusters()
    _progress()
    _job_parts()
    _jobs()
    _others()
