# SPDX-License-Identifier: Apache-2.0
"""Schemas of data sources."""

from __future__ import annotations

from sparkaas.api import pagination
from sparkaas.api.schemas import fragments

_INPUT = {
    "name": fragments.NAME,
    "description": fragments.LONG_TEXT,
    "type": {"type": "string", "enum": ["hdfs", "manila", "maprfs", "s3", "swift"]},
    "url": {"type": "string", "minLength": 1, "maxLength": 256},
    # Which keys go with which type is checked with the URL.
    "credentials": fragments.closed(
        {
            "user": fragments.TEXT,
            "password": fragments.TEXT,
            "accesskey": fragments.TEXT,
            "secretkey": fragments.TEXT,
            "endpoint": fragments.TEXT,
            "ssl": fragments.BOOLEAN,
            "bucket_in_path": fragments.BOOLEAN,
        }
    ),
    "is_public": fragments.nullable(fragments.BOOLEAN),
    "is_protected": fragments.nullable(fragments.BOOLEAN),
}

CREATE = fragments.closed(_INPUT, ["name", "type", "url"])
UPDATE = fragments.closed(_INPUT)

DATA_SOURCE = fragments.whole(
    {
        **fragments.RESOURCE,
        "type": {"type": "string"},
        "url": {"type": "string"},
    }
)

ONE = fragments.wrapped("data_source", DATA_SOURCE)
MANY = pagination.schema("data_sources", DATA_SOURCE)
