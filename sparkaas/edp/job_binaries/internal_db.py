# SPDX-License-Identifier: Apache-2.0
"""``internal-db://ID``: bytes that were uploaded to the service."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from sparkaas import exceptions


def validate(url: str, extra: Mapping[str, Any] | None) -> None:
    internal_id(url)


def internal_id(url: str) -> str:
    """The id of the internal binary that ``url`` names."""
    text = url.partition("://")[2]
    try:
        if str(uuid.UUID(text)) == text.lower():
            return text
    except ValueError:
        pass
    raise exceptions.BadJobBinary(
        f"{text or 'Nothing'} is not the UUID of an uploaded binary",
        hint="The form is internal-db://UUID.",
    )


def store_key(url: str) -> str:
    return f"binaries/{internal_id(url)}"
