# SPDX-License-Identifier: Apache-2.0
"""Schemas of node group templates."""

from __future__ import annotations

from sparkaas.api import pagination
from sparkaas.api.schemas import fragments
from sparkaas.api.schemas import node_settings

_INPUT: fragments.Schema = {
    "name": fragments.HOSTNAME,
    "plugin_name": fragments.TEXT,
    "plugin_version": fragments.TEXT,
    "description": fragments.nullable(fragments.LONG_TEXT),
    **node_settings.INPUT,
    "is_public": fragments.nullable(fragments.BOOLEAN),
    "is_protected": fragments.nullable(fragments.BOOLEAN),
}

CREATE = fragments.closed(
    _INPUT, ["name", "plugin_name", "plugin_version", "flavor_id", "node_processes"]
)
UPDATE = fragments.closed(_INPUT)

TEMPLATE = fragments.whole(
    {
        **fragments.RESOURCE,
        "plugin_name": {"type": "string"},
        "plugin_version": {"type": "string"},
        **node_settings.OUTPUT,
        "is_default": fragments.BOOLEAN,
    }
)

ONE = fragments.wrapped("node_group_template", TEMPLATE)
MANY = pagination.schema("node_group_templates", TEMPLATE)
#: What a site has in place of these is written as a placeholder.
EXPORT = fragments.wrapped(
    "node_group_template",
    fragments.whole(
        {
            key: schema
            for key, schema in TEMPLATE["properties"].items()
            if key not in {"id", "project_id", "is_default", "created_at", "updated_at"}
        }
        | dict.fromkeys(
            ("flavor_id", "security_groups", "image_id", "floating_ip_pool"),
            {"type": "string"},
        )
    ),
)
