# SPDX-License-Identifier: Apache-2.0
"""Schemas of clusters."""

from __future__ import annotations

from sparkaas.api import pagination
from sparkaas.api.schemas import cluster_templates
from sparkaas.api.schemas import fragments
from sparkaas.api.schemas import node_groups

CREATE = fragments.closed(
    {
        **cluster_templates.COMMON,
        "cluster_template_id": fragments.UUID,
        "user_keypair_id": fragments.KEYPAIR,
        "is_transient": fragments.BOOLEAN,
        "count": {"type": "integer", "minimum": 1, "maximum": 200},
    },
    ["name", "plugin_name", "plugin_version"],
)
UPDATE = fragments.closed(
    {
        "name": fragments.HOSTNAME,
        "description": fragments.nullable(fragments.LONG_TEXT),
        "is_public": fragments.nullable(fragments.BOOLEAN),
        "is_protected": fragments.nullable(fragments.BOOLEAN),
        "shares": fragments.SHARES,
        "update_keypair": fragments.BOOLEAN,
        "verification": fragments.closed({"status": {"enum": ["START"]}}, ["status"]),
    }
)
RESIZE: fragments.Schema = {
    **fragments.closed(
        {
            "resize_node_groups": {
                "type": "array",
                "minItems": 1,
                "maxItems": 100,
                "items": fragments.closed(
                    {
                        "name": fragments.HOSTNAME,
                        "count": node_groups.COUNT,
                        "instances": {
                            "type": "array",
                            "items": fragments.TEXT,
                            "uniqueItems": True,
                            "maxItems": 1000,
                        },
                    },
                    ["name", "count"],
                ),
            },
            "add_node_groups": {**node_groups.GROUPS, "minItems": 1},
        }
    ),
    "minProperties": 1,
}
DELETE = fragments.closed({"force": fragments.BOOLEAN})

_TEXT: fragments.Schema = {"type": ["string", "null"]}
_STAMPS: fragments.Schema = {
    "created_at": fragments.nullable(fragments.TIMESTAMP),
    "updated_at": fragments.nullable(fragments.TIMESTAMP),
}

_INSTANCE = fragments.whole(
    {
        "id": {"type": "string"},
        "instance_id": {"type": "string"},
        "instance_name": {"type": "string"},
        "internal_ip": _TEXT,
        "management_ip": _TEXT,
        "dns_hostname": _TEXT,
        "storage_devices_number": {"type": "integer"},
        **_STAMPS,
    }
)
_EVENT = fragments.whole(
    {
        "id": {"type": "string"},
        "step_id": {"type": "string"},
        "node_group_id": _TEXT,
        "instance_id": _TEXT,
        "instance_name": _TEXT,
        "event_info": _TEXT,
        "successful": fragments.BOOLEAN,
        **_STAMPS,
    }
)
_STEP = fragments.whole(
    {
        "id": {"type": "string"},
        "cluster_id": {"type": "string"},
        "project_id": {"type": "string"},
        "step_name": {"type": "string"},
        "step_type": {"type": "string"},
        "total": {"type": "integer"},
        "successful": {"type": ["boolean", "null"]},
        "events": {"type": "array", "items": _EVENT},
        **_STAMPS,
    },
    optional=["events"],
)
_CHECK = fragments.whole(
    {
        "id": {"type": "string"},
        "verification_id": {"type": "string"},
        "name": {"type": "string"},
        "status": {"enum": ["GREEN", "YELLOW", "RED"]},
        "description": {"type": "string"},
        **_STAMPS,
    }
)
_VERIFICATION = fragments.whole(
    {
        "id": {"type": "string"},
        "cluster_id": {"type": "string"},
        "status": {"enum": ["CHECKING", "GREEN", "YELLOW", "RED"]},
        "checks": {"type": "array", "items": _CHECK},
        **_STAMPS,
    }
)

_SHOWN: fragments.Schema = {
    **cluster_templates.SHOWN,
    "status": {"type": "string"},
    "status_description": {"type": "string"},
    "cluster_template_id": _TEXT,
    "user_keypair_id": _TEXT,
    "is_transient": fragments.BOOLEAN,
    "info": {"type": "object", "additionalProperties": fragments.ANY_OBJECT},
    "trust_id": _TEXT,
    "management_public_key": {"type": "string"},
    "anti_affinity_ratio": {"type": "integer"},
    "node_groups": {
        "type": "array",
        "items": fragments.whole(
            {
                **node_groups.SHOWN,
                "instances": {"type": "array", "items": _INSTANCE},
            }
        ),
    },
    "provision_progress": {"type": "array", "items": _STEP},
    "verification": _VERIFICATION,
}
CLUSTER = fragments.whole(_SHOWN, optional=["verification"])
#: From 2.1 on lists have no steps, and every cluster says what goes on and why.
CLUSTER_2_1 = fragments.whole({**_SHOWN, **fragments.WORK}, optional=["verification"])
LISTED_2_1 = fragments.whole(
    {
        key: schema
        for key, schema in CLUSTER_2_1["properties"].items()
        if key != "provision_progress"
    },
    optional=["verification"],
)

SUMMARY_2_1 = fragments.whole(
    {
        **fragments.RESOURCE,
        "plugin_name": {"type": "string"},
        "plugin_version": {"type": "string"},
        "cluster_template_id": _TEXT,
        "is_transient": fragments.BOOLEAN,
        "status": {"type": "string"},
        "status_description": {"type": "string"},
        **fragments.WORK,
    }
)

ONE = fragments.wrapped("cluster", CLUSTER)
ONE_2_1 = fragments.wrapped("cluster", CLUSTER_2_1)
MANY = pagination.schema("clusters", CLUSTER)
MANY_2_1 = pagination.schema("clusters", {"anyOf": [LISTED_2_1, SUMMARY_2_1]})


def created(one: fragments.Schema) -> fragments.Schema:
    """A cluster, or with ``count`` the list of them, each under its key."""
    return {
        "type": "object",
        "if": {"type": "object", "required": ["cluster"]},
        "then": one,
        "else": fragments.closed(
            {"clusters": {"type": "array", "items": one}}, ["clusters"]
        ),
    }


FORCED = fragments.closed({"stack_name": _TEXT}, ["stack_name"])

_LOGIN = fragments.whole(
    {
        "instance_name": {"type": "string"},
        "user": {"type": "string"},
        "host": {"type": "string"},
        "port": {"type": "integer"},
        "host_key": {"type": "string"},
        "via": _TEXT,
        "directory": {"type": "string"},
    }
)

LOGINS = fragments.closed({"logins": {"type": "array", "items": _LOGIN}}, ["logins"])

_ENTRANCE = fragments.whole(
    {
        "name": {"type": "string"},
        "url": {"type": "string"},
        "token": {"type": "string"},
    }
)

ENTRANCES = fragments.closed(
    {"entrances": {"type": "array", "items": _ENTRANCE}}, ["entrances"]
)
