# SPDX-License-Identifier: Apache-2.0
"""Schemas of job types and their hints."""

from __future__ import annotations

from sparkaas.api.schemas import fragments

_TEXT = {"type": "string"}

#: Which settings a type takes: an input is shown for each key.
JOB_CONFIG = fragments.closed(
    {
        "configs": {"type": ["array", "object"]},
        "args": {"type": "array"},
        "params": {"type": "object"},
    }
)

HINTS = fragments.wrapped("job_config", JOB_CONFIG)

#: Version -> what is known about the type in it.
_VERSIONS = {
    "type": "object",
    "additionalProperties": fragments.closed({"job_config": JOB_CONFIG}),
}
_PLUGIN = fragments.whole(
    {"name": _TEXT, "title": _TEXT, "description": _TEXT, "versions": _VERSIONS}
)
JOB_TYPE = fragments.whole(
    {"name": _TEXT, "plugins": {"type": "array", "items": _PLUGIN}}
)

MANY = fragments.wrapped("job_types", {"type": "array", "items": JOB_TYPE})
