# SPDX-License-Identifier: Apache-2.0
"""The names of objects in a store."""

from __future__ import annotations

import re

from sparkaas import exceptions

_SEGMENT = re.compile(r"(?!\.\.?\Z)[A-Za-z0-9._-]{1,128}")


def segments(key: str) -> tuple[str, ...]:
    """A key's parts; none of them leads out of where it stands. Raises
    ``exceptions.InvalidRequest`` for what is no key."""
    parts = tuple(key.split("/"))
    if len(key) > 1024 or not all(map(_SEGMENT.fullmatch, parts)):
        raise exceptions.InvalidRequest(f"{key[:80]!r} cannot name a stored object")
    return parts
