# SPDX-License-Identifier: Apache-2.0
"""Schemas of jobs and their logs."""

from __future__ import annotations

from typing import Any

from sparkaas.api import pagination
from sparkaas.api.schemas import fragments

_TEXT_OR_NULL = {"type": ["string", "null"]}
_TIME_OR_NULL = fragments.nullable(fragments.TIMESTAMP)

_JOB_CONFIGS = fragments.closed(
    {
        "configs": fragments.SIMPLE_MAP,
        "params": fragments.SIMPLE_MAP,
        "args": {"type": "array", "items": {"type": "string"}},
        "job_execution_info": fragments.SIMPLE_MAP,
    }
)

CREATE = fragments.closed(
    {
        "job_template_id": fragments.UUID,
        "cluster_id": fragments.UUID,
        "input_id": fragments.UUID,
        "output_id": fragments.UUID,
        "interface": fragments.SIMPLE_MAP,
        "job_configs": _JOB_CONFIGS,
        "is_public": fragments.nullable(fragments.BOOLEAN),
        "is_protected": fragments.nullable(fragments.BOOLEAN),
    },
    ["job_template_id", "cluster_id"],
)
UPDATE = fragments.closed(
    {
        "is_public": fragments.nullable(fragments.BOOLEAN),
        "is_protected": fragments.nullable(fragments.BOOLEAN),
        "info": fragments.closed(
            {"status": {"type": "string", "enum": ["cancel", "suspend"]}}, ["status"]
        ),
    }
)

_REASON = fragments.nullable(
    fragments.whole(
        {
            "code": {"type": "string"},
            "sentence": {"type": "string"},
            "hint": {"type": "string"},
        }
    )
)
_SHOWN_CONFIGS = fragments.whole(
    {
        "configs": fragments.SIMPLE_MAP,
        "params": fragments.SIMPLE_MAP,
        "args": {"type": "array", "items": {"type": "string"}},
        "job_execution_info": fragments.SIMPLE_MAP,
    },
    optional=["params"],
)
_JOB: dict[str, Any] = {
    "id": fragments.UUID,
    "project_id": {"type": "string"},
    "job_template_id": fragments.UUID,
    "cluster_id": fragments.nullable(fragments.UUID),
    "input_id": fragments.nullable(fragments.UUID),
    "output_id": fragments.nullable(fragments.UUID),
    "engine_job_id": _TEXT_OR_NULL,
    "info": fragments.whole({"status": {"type": "string"}}),
    "job_configs": _SHOWN_CONFIGS,
    "data_source_urls": {
        "type": ["object", "null"],
        "additionalProperties": {"type": "string"},
    },
    "return_code": _TEXT_OR_NULL,
    "start_time": _TIME_OR_NULL,
    "end_time": _TIME_OR_NULL,
    "is_public": fragments.BOOLEAN,
    "is_protected": fragments.BOOLEAN,
    "created_at": fragments.TIMESTAMP,
    "updated_at": _TIME_OR_NULL,
}
_COUNT = {"type": "integer", "minimum": 0}
_PROGRESS = fragments.nullable(
    fragments.whole(
        {
            "stages_done": _COUNT,
            "stages_total": _COUNT,
            "tasks_done": _COUNT,
            "tasks_total": _COUNT,
            "ui_url": {"type": "string"},
        }
    )
)

JOB = fragments.whole(_JOB)
JOB_2_1 = fragments.whole(
    {
        **_JOB,
        "info": fragments.whole({"status": {"type": "string"}, "reason": _REASON}),
        "name": {"type": "string"},
        "type": {"type": "string"},
        "reason": _REASON,
        "step": _TEXT_OR_NULL,
        "step_started_at": _TIME_OR_NULL,
        "waiting_for": {"type": "string"},
        "next_run_at": _TIME_OR_NULL,
        "progress": _PROGRESS,
    }
)

ONE = fragments.wrapped("job", JOB)
ONE_2_1 = fragments.wrapped("job", JOB_2_1)
MANY = pagination.schema("jobs", JOB)
MANY_2_1 = pagination.schema("jobs", JOB_2_1)

_NUMBER = {"type": "string", "pattern": "^[0-9]{1,15}$", "description": "a number"}
#: Query of a log request: bytes, bytes, seconds.
LOG_QUERY = {
    "offset": {**_NUMBER, "description": "a number of bytes to begin after"},
    "limit": {**_NUMBER, "description": "the most bytes to answer"},
    "wait": {
        "type": "string",
        "pattern": "^[0-9]{1,6}([.][0-9]{1,6})?$",
        "description": "the most seconds to wait for bytes",
    },
}
_DIGITS = {"type": "string", "pattern": "^[0-9]+$"}
#: What comes with a piece of a log.
LOG_HEADERS: dict[str, fragments.Schema] = {
    "X-Log-Name": {
        "type": "string",
        "description": "What to call a file of it; a history server reads an event "
        "log by its name.",
    },
    "X-Log-Offset": {**_DIGITS, "description": "The first byte of this piece."},
    "X-Log-Next-Offset": {
        **_DIGITS,
        "description": "Where the next piece begins.",
    },
    "X-Log-Complete": {
        "type": "string",
        "enum": ["true", "false"],
        "description": "Whether nothing more will be written.",
    },
}
