# SPDX-License-Identifier: Apache-2.0
"""Schemas of flavors."""

from __future__ import annotations

from sparkaas.api.schemas import fragments

_FLAVOR = fragments.whole(
    {
        "id": {"type": "string"},
        "name": {"type": "string"},
        "vcpus": {"type": "integer"},
        "ram_mb": {"type": "integer"},
        "disk_gb": {"type": "integer"},
    }
)

MANY = fragments.closed({"flavors": {"type": "array", "items": _FLAVOR}}, ["flavors"])
