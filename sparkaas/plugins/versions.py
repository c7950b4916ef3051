# SPDX-License-Identifier: Apache-2.0
"""The one of a plugin's versions that a cluster asks for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

from sparkaas import exceptions

Of = TypeVar("Of")


def find(versions: Mapping[str, Of], plugin: str, name: str) -> Of:
    """Raises ``exceptions.InvalidReference``, which says what there is."""
    try:
        return versions[name]
    except KeyError:
        known = ", ".join(versions) or "none"
        raise exceptions.InvalidReference(
            f"Plugin {plugin} has no version {name}", hint=f"It has {known}."
        ) from None
