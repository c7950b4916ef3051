# SPDX-License-Identifier: Apache-2.0
"""Schemas of cluster templates."""

from __future__ import annotations

from sparkaas.api import pagination
from sparkaas.api.schemas import fragments
from sparkaas.api.schemas import node_groups

PROCESSES: fragments.Schema = {
    "type": ["array", "null"],
    "items": {"type": "string", "maxLength": 255},
    "maxItems": 100,
}
DOMAIN: fragments.Schema = {
    "type": ["string", "null"],
    "maxLength": 255,
    "pattern": r"^([A-Za-z0-9_-]{1,63}\.)+$",
    "description": "a DNS zone: labels, each followed by a dot",
}

#: What clusters have as well.
COMMON: fragments.Schema = {
    "name": fragments.HOSTNAME,
    "plugin_name": fragments.TEXT,
    "plugin_version": fragments.TEXT,
    "description": fragments.nullable(fragments.LONG_TEXT),
    "node_groups": fragments.nullable(node_groups.GROUPS),
    "cluster_configs": fragments.nullable(fragments.CONFIG_MAP),
    "default_image_id": fragments.nullable(fragments.UUID),
    "anti_affinity": PROCESSES,
    "neutron_management_network": fragments.nullable(fragments.UUID),
    "shares": fragments.SHARES,
    "use_autoconfig": fragments.nullable(fragments.BOOLEAN),
    "domain_name": DOMAIN,
    "is_public": fragments.nullable(fragments.BOOLEAN),
    "is_protected": fragments.nullable(fragments.BOOLEAN),
}

CREATE = fragments.closed(COMMON, ["name", "plugin_name", "plugin_version"])
UPDATE = fragments.closed(COMMON)

_TEXT: fragments.Schema = {"type": ["string", "null"]}

#: As clusters show it too.
SHOWN: fragments.Schema = {
    **fragments.RESOURCE,
    "plugin_name": {"type": "string"},
    "plugin_version": {"type": "string"},
    "cluster_configs": fragments.CONFIG_MAP,
    "default_image_id": _TEXT,
    "anti_affinity": {"type": "array", "items": {"type": "string"}},
    "neutron_management_network": _TEXT,
    "shares": fragments.nullable(fragments.SHARES),
    "use_autoconfig": fragments.BOOLEAN,
    "domain_name": _TEXT,
}

TEMPLATE = fragments.whole(
    {
        **SHOWN,
        "node_groups": {
            "type": "array",
            "items": fragments.whole(node_groups.SHOWN),
        },
        "is_default": fragments.BOOLEAN,
    }
)

ONE = fragments.wrapped("cluster_template", TEMPLATE)
MANY = pagination.schema("cluster_templates", TEMPLATE)
#: What a site has in place of these is written as a placeholder.
EXPORT = fragments.wrapped(
    "cluster_template",
    fragments.whole(
        {
            key: schema
            for key, schema in TEMPLATE["properties"].items()
            if key not in {"id", "project_id", "is_default", "created_at", "updated_at"}
        }
        | dict.fromkeys(("default_image_id", "node_groups"), {"type": "string"})
    ),
)
