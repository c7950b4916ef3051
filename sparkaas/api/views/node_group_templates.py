# SPDX-License-Identifier: Apache-2.0
"""Node group templates on the wire."""

from __future__ import annotations

from typing import Any

from sparkaas import model
from sparkaas.api.views import common
from sparkaas.api.views import node_settings

_OWN = ("id", "project_id", "is_default", "created_at", "updated_at")
#: What differs from site to site.
_PLACEHOLDERS = ("flavor_id", "security_groups", "image_id", "floating_ip_pool")


def show(template: model.NodeGroupTemplate) -> dict[str, Any]:
    """One template."""
    return {
        **common.resource(template),
        "plugin_name": template.plugin_name,
        "plugin_version": template.plugin_version,
        **node_settings.show(template),
        "is_default": template.is_default,
    }


def export(template: model.NodeGroupTemplate) -> dict[str, Any]:
    """A template to take to another site: ``{field}`` stands for what to fill in."""
    shown = {key: value for key, value in show(template).items() if key not in _OWN}
    return shown | {key: f"{{{key}}}" for key in _PLACEHOLDERS}
