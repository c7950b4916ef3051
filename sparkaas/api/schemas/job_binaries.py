# SPDX-License-Identifier: Apache-2.0
"""Schemas of job binaries."""

from __future__ import annotations

from sparkaas.api import pagination
from sparkaas.api.schemas import fragments

_INPUT = {
    "name": fragments.NAME,
    "description": fragments.LONG_TEXT,
    "url": {"type": "string", "minLength": 1, "maxLength": 256},
    "extra": fragments.SIMPLE_MAP,
    "is_public": fragments.nullable(fragments.BOOLEAN),
    "is_protected": fragments.nullable(fragments.BOOLEAN),
}

CREATE = fragments.closed(_INPUT, ["name", "url"])
#: From 2.1 on: without a URL, the service keeps the bytes.
CREATE_2_1 = fragments.closed(_INPUT, ["name"])
UPDATE = fragments.closed(_INPUT)

JOB_BINARY = fragments.whole({**fragments.RESOURCE, "url": {"type": "string"}})

ONE = fragments.wrapped("job_binary", JOB_BINARY)
MANY = pagination.schema("binaries", JOB_BINARY)
