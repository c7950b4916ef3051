# SPDX-License-Identifier: Apache-2.0
"""Schemas of plugins."""

from __future__ import annotations

from sparkaas.api.schemas import fragments

_STATUS = fragments.closed({"status": fragments.BOOLEAN}, ["status"])
_NEW_LABELS: fragments.Schema = {"type": "object", "additionalProperties": _STATUS}

UPDATE = fragments.closed(
    {
        "plugin_labels": _NEW_LABELS,
        "version_labels": {"type": "object", "additionalProperties": _NEW_LABELS},
    }
)

_LABELS: fragments.Schema = {
    "type": "object",
    "additionalProperties": fragments.whole(
        {
            "status": fragments.BOOLEAN,
            "mutable": fragments.BOOLEAN,
            "description": {"type": "string"},
        }
    ),
}
_TEXTS: fragments.Schema = {"type": "array", "items": {"type": "string"}}

_PLUGIN: fragments.Schema = {
    "name": {"type": "string"},
    "title": {"type": "string"},
    "description": {"type": "string"},
    "versions": _TEXTS,
    "plugin_labels": _LABELS,
    "version_labels": {"type": "object", "additionalProperties": _LABELS},
}

_CONFIG = fragments.whole(
    {
        "name": {"type": "string"},
        "description": {"type": "string"},
        "config_type": {
            "type": "string",
            "enum": ["string", "int", "bool", "dropdown"],
        },
        "config_values": {
            "type": ["array", "null"],
            "items": {
                "type": "array",
                "items": {"type": "string"},
                "minItems": 2,
                "maxItems": 2,
            },
        },
        "default_value": {"type": ["string", "integer", "boolean", "null"]},
        "applicable_target": {"type": "string"},
        "scope": {"type": "string", "enum": ["cluster", "node"]},
        "is_optional": fragments.BOOLEAN,
        "priority": {"type": "integer"},
    }
)

_DETAIL: fragments.Schema = {
    **_PLUGIN,
    "node_processes": {"type": "object", "additionalProperties": _TEXTS},
    "required_image_tags": _TEXTS,
    "configs": {"type": "array", "items": _CONFIG},
}

MANY = fragments.closed(
    {"plugins": {"type": "array", "items": fragments.whole(_PLUGIN)}}, ["plugins"]
)
ONE = fragments.wrapped("plugin", fragments.whole(_PLUGIN))
VERSION = fragments.wrapped("plugin", fragments.whole(_DETAIL))
UPDATED = fragments.wrapped(
    "plugin", fragments.whole({**_PLUGIN, "tenant_id": {"type": "string"}})
)
