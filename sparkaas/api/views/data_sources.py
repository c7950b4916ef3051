# SPDX-License-Identifier: Apache-2.0
"""Data sources on the wire: never with their credentials."""

from __future__ import annotations

from typing import Any

from sparkaas import model
from sparkaas.api.views import common


def show(source: model.DataSource) -> dict[str, Any]:
    """One data source."""
    return {**common.resource(source), "type": source.type, "url": source.url}
