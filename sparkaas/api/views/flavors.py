# SPDX-License-Identifier: Apache-2.0
"""Flavors on the wire."""

from __future__ import annotations

import dataclasses
from typing import Any

from sparkaas import model


def show(flavor: model.Flavor) -> dict[str, Any]:
    """One flavor."""
    return dataclasses.asdict(flavor)
