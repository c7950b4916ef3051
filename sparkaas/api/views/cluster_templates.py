# SPDX-License-Identifier: Apache-2.0
"""Cluster templates on the wire."""

from __future__ import annotations

from typing import Any

from sparkaas import model
from sparkaas.api.views import common
from sparkaas.api.views import node_groups

_OWN = ("id", "project_id", "is_default", "created_at", "updated_at")
#: What differs from site to site.
_PLACEHOLDERS = ("default_image_id", "node_groups")

_COMMON = (
    "plugin_name",
    "plugin_version",
    "cluster_configs",
    "default_image_id",
    "anti_affinity",
    "neutron_management_network",
    "shares",
    "use_autoconfig",
    "domain_name",
)


def shared(record: model.ClusterTemplate | model.Cluster) -> dict[str, Any]:
    """What clusters show as well."""
    return {**common.resource(record), **common.fields(record, _COMMON)}


def show(template: model.ClusterTemplate) -> dict[str, Any]:
    """One template."""
    return {
        **shared(template),
        "node_groups": [node_groups.show(group) for group in template.node_groups],
        "is_default": template.is_default,
    }


def export(template: model.ClusterTemplate) -> dict[str, Any]:
    """A template to take to another site: ``{field}`` stands for what to fill in."""
    shown = {key: value for key, value in show(template).items() if key not in _OWN}
    return shown | {key: f"{{{key}}}" for key in _PLACEHOLDERS}
