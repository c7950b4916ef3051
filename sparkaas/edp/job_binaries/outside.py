# SPDX-License-Identifier: Apache-2.0
"""What the schemes have in common whose bytes lie outside of the service."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sparkaas import exceptions


def unavailable(url: str, missing: str) -> exceptions.Permanent:
    """The error for bytes that this installation cannot fetch."""
    return exceptions.Permanent(
        f"The job binary {url} cannot be fetched: {missing}",
        code="BINARY_STORE_UNAVAILABLE",
        hint="Upload the file to the service itself, as an internal-db binary.",
    )


def require(extra: Mapping[str, Any] | None, names: tuple[str, ...], what: str) -> None:
    """Raise unless ``extra`` holds exactly ``names``, each with a value."""
    given = extra or {}
    missing = [name for name in names if not given.get(name)]
    unknown = [name for name in given if name not in names]
    if missing or unknown:
        raise exceptions.BadJobBinary(
            f"A job binary in {what} needs exactly {', '.join(names)} in extra"
        )
