# SPDX-License-Identifier: Apache-2.0
"""Schemas of job templates."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sparkaas.api import pagination
from sparkaas.api.schemas import fragments
from sparkaas.api.schemas import job_binaries
from sparkaas.service import job_types

_MOST = 1000
_BINARIES = {
    "type": "array",
    "items": fragments.UUID,
    "uniqueItems": True,
    "maxItems": _MOST,
}
_NAMED = {**fragments.TEXT, "minLength": 1}
_ARGUMENT = fragments.closed(
    {
        "name": _NAMED,
        "description": fragments.nullable(fragments.LONG_TEXT),
        "mapping_type": {"type": "string", "enum": ["args", "configs", "params"]},
        "location": _NAMED,
        "value_type": {
            "type": "string",
            "enum": ["string", "number", "data_source"],
        },
        "required": fragments.BOOLEAN,
        "default": fragments.nullable(fragments.LONG_TEXT),
    },
    ["name", "mapping_type", "location", "required"],
)


def _create(types: Sequence[str]) -> dict[str, Any]:
    return fragments.closed(
        {
            "name": fragments.NAME,
            "description": fragments.LONG_TEXT,
            "type": {"type": "string", "enum": sorted(types)},
            "mains": _BINARIES,
            "libs": _BINARIES,
            # Sent by old clients, without a meaning.
            "streaming": fragments.BOOLEAN,
            "interface": {
                "type": ["array", "null"],
                "items": _ARGUMENT,
                "maxItems": _MOST,
            },
            "is_public": fragments.nullable(fragments.BOOLEAN),
            "is_protected": fragments.nullable(fragments.BOOLEAN),
        },
        ["name", "type"],
    )


CREATE = _create(job_types.SAHARA)
CREATE_2_1 = _create(job_types.SAHARA + job_types.ADDED)
UPDATE = fragments.closed(
    {
        "name": fragments.NAME,
        "description": fragments.nullable(fragments.LONG_TEXT),
        "is_public": fragments.nullable(fragments.BOOLEAN),
        "is_protected": fragments.nullable(fragments.BOOLEAN),
    }
)

#: ``job_id`` and ``tenant_id`` are the old words for the template and its project:
#: arguments keep them in every version.
_SHOWN_ARGUMENT = fragments.whole(
    {
        "id": fragments.UUID,
        "order": {"type": "integer"},
        "job_id": fragments.UUID,
        "tenant_id": {"type": "string"},
        "name": {"type": "string"},
        "description": {"type": ["string", "null"]},
        "mapping_type": {"type": "string"},
        "location": {"type": "string"},
        "value_type": {"type": "string"},
        "required": fragments.BOOLEAN,
        "default": {"type": ["string", "null"]},
        "created_at": fragments.TIMESTAMP,
        "updated_at": fragments.nullable(fragments.TIMESTAMP),
    }
)
JOB_TEMPLATE = fragments.whole(
    {
        **fragments.RESOURCE,
        "type": {"type": "string"},
        "mains": {"type": "array", "items": job_binaries.JOB_BINARY},
        "libs": {"type": "array", "items": job_binaries.JOB_BINARY},
        "interface": {"type": "array", "items": _SHOWN_ARGUMENT},
    }
)

ONE = fragments.wrapped("job_template", JOB_TEMPLATE)
MANY = pagination.schema("job_templates", JOB_TEMPLATE)
