# SPDX-License-Identifier: Apache-2.0
"""Schemas of quotas."""

from __future__ import annotations

from sparkaas.api.schemas import fragments

_QUOTA = fragments.whole(
    {
        "resource": {"type": "string"},
        "limit": {"type": "integer", "minimum": -1},
        "in_use": {"type": "integer", "minimum": 0},
    }
)

MANY = fragments.closed({"quotas": {"type": "array", "items": _QUOTA}}, ["quotas"])
