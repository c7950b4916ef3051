# SPDX-License-Identifier: Apache-2.0
"""Parts that the schemas share.

A pattern's ``description`` is what an error message says: "must be ...".
Patterns are written so that no input makes them slow.
"""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any

Schema = dict[str, Any]

#: The largest integer that every database takes.
LARGEST = 2**31 - 1

_LABEL = "[A-Za-z][A-Za-z0-9]*(-+[A-Za-z0-9]+)*"
_UUID = (
    "[0-9A-Fa-f]{8}-?[0-9A-Fa-f]{4}-?[0-9A-Fa-f]{4}-?[0-9A-Fa-f]{4}-?[0-9A-Fa-f]{12}"
)

TEXT: Schema = {"type": "string", "maxLength": 255}
LONG_TEXT: Schema = {"type": "string", "maxLength": 65535}
BOOLEAN: Schema = {"type": "boolean"}
ANY_OBJECT: Schema = {"type": "object"}

HOSTNAME: Schema = {
    "type": "string",
    "minLength": 1,
    "maxLength": 50,
    "pattern": rf"^{_LABEL}(\.{_LABEL})*$",
    "description": "a host name: labels of letters, digits and hyphens that begin "
    "with a letter and do not end with a hyphen, separated by dots",
}
NAME: Schema = {
    "type": "string",
    "minLength": 1,
    "maxLength": 50,
    "pattern": "^[A-Za-z0-9][A-Za-z0-9_.-]*$",
    "description": "a name: a letter or digit, then letters, digits, -, _ and .",
}
TAG: Schema = {
    "type": "string",
    "minLength": 1,
    "maxLength": 255,
    "pattern": r"^[A-Za-z0-9]([A-Za-z0-9]|[-_.]+(?=[A-Za-z0-9]))*$",
    "description": "a tag: letters, digits, -, _ and ., beginning and ending with a "
    "letter or digit",
}
KEYPAIR: Schema = {
    "type": "string",
    "minLength": 1,
    "maxLength": 255,
    "pattern": "^[A-Za-z0-9_ -]+$",
    "description": "the name of a key pair: letters, digits, -, _ and spaces",
}
UUID: Schema = {
    "type": "string",
    "pattern": f"^{_UUID}$",
    "description": "a UUID",
}
FLAVOR: Schema = {
    "type": ["integer", "string"],
    "pattern": f"^([0-9]{{1,255}}|{_UUID})$",
    "minimum": 0,
    "description": "a flavor's id: a number or a UUID",
}
PATH: Schema = {
    "type": "string",
    "maxLength": 255,
    "pattern": "^(/[A-Za-z0-9_-]+)+$",
    "description": "an absolute path of letters, digits, - and _",
}

_SIMPLE: Schema = {
    "type": ["string", "integer", "boolean"],
    "minimum": -(2**63),
    "maximum": 2**63 - 1,
}
#: {name: value}
SIMPLE_MAP: Schema = {"type": "object", "additionalProperties": _SIMPLE}
#: {target: {name: value}}
CONFIG_MAP: Schema = {"type": "object", "additionalProperties": SIMPLE_MAP}

COUNT: Schema = {"type": "integer", "minimum": 0, "maximum": LARGEST}

SHARES: Schema = {
    "type": "array",
    "items": {
        "type": "object",
        "properties": {
            "id": UUID,
            "path": {
                "type": ["string", "null"],
                "maxLength": 255,
                "pattern": "^/[^/]",
                "description": "an absolute path",
            },
            "access_level": {"type": "string", "enum": ["rw", "ro"]},
        },
        "required": ["id"],
        "additionalProperties": False,
    },
}

TIMESTAMP: Schema = {
    "type": "string",
    "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}$",
    "description": "a time in UTC",
}


def nullable(schema: Schema) -> Schema:
    """``schema``, or null."""
    made = dict(schema)
    kinds = made["type"]
    made["type"] = [*([kinds] if isinstance(kinds, str) else kinds), "null"]
    if "enum" in made:
        made["enum"] = [*made["enum"], None]
    return made


def closed(properties: Mapping[str, Schema], required: Sequence[str] = ()) -> Schema:
    """An object with these properties and no other."""
    return {
        "type": "object",
        "properties": dict(properties),
        "required": list(required),
        "additionalProperties": False,
    }


def whole(properties: Mapping[str, Schema], optional: Sequence[str] = ()) -> Schema:
    """An answer's object: every property is there, apart from ``optional``."""
    return closed(properties, [key for key in properties if key not in optional])


def wrapped(key: str, schema: Schema) -> Schema:
    """``{key: ...}``, as every single object is answered."""
    return closed({key: schema}, [key])


_REASON = {
    **closed(
        {key: {"type": "string"} for key in ("code", "sentence", "hint")},
        ("code", "sentence", "hint"),
    ),
    "type": ["object", "null"],
}
#: From 2.1 on: what a conductor does with an object, and why.
WORK: Schema = {
    "reason": _REASON,
    "step": {"type": ["string", "null"]},
    "step_started_at": nullable(TIMESTAMP),
    "waiting_for": {"type": "string"},
    "next_run_at": nullable(TIMESTAMP),
}

#: What every stored resource has, in answers.
RESOURCE: Schema = {
    "id": UUID,
    "project_id": {"type": "string"},
    "name": {"type": "string"},
    "description": {"type": ["string", "null"]},
    "is_public": BOOLEAN,
    "is_protected": BOOLEAN,
    "created_at": TIMESTAMP,
    "updated_at": nullable(TIMESTAMP),
}
