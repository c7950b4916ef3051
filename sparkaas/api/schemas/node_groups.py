# SPDX-License-Identifier: Apache-2.0
"""Schemas of the node groups in clusters and cluster templates."""

from __future__ import annotations

from sparkaas.api.schemas import fragments
from sparkaas.api.schemas import node_settings

#: The most nodes of one group, which keeps a slip of the finger from becoming a
#: million.
COUNT: fragments.Schema = {"type": "integer", "minimum": 0, "maximum": 10_000}

_FIELDS: fragments.Schema = {
    "name": fragments.HOSTNAME,
    "count": COUNT,
    **node_settings.INPUT,
}

#: With a template what else is given overrides its values; without one the group
#: says all itself.
GROUP: fragments.Schema = {
    "type": "object",
    "if": {"type": "object", "required": ["node_group_template_id"]},
    "then": fragments.closed(
        {**_FIELDS, "node_group_template_id": fragments.UUID}, ["name", "count"]
    ),
    "else": fragments.closed(_FIELDS, ["name", "flavor_id", "node_processes", "count"]),
}
GROUPS: fragments.Schema = {"type": "array", "items": GROUP, "maxItems": 100}

SHOWN: fragments.Schema = {
    "id": {"type": "string"},
    "name": {"type": "string"},
    "count": {"type": "integer"},
    **node_settings.OUTPUT,
    "node_group_template_id": {"type": ["string", "null"]},
    "created_at": fragments.nullable(fragments.TIMESTAMP),
    "updated_at": fragments.nullable(fragments.TIMESTAMP),
}
