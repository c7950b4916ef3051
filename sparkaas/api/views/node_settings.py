# SPDX-License-Identifier: Apache-2.0
"""The fields that node group templates and node groups share."""

from __future__ import annotations

import dataclasses
from typing import Any

from sparkaas import model
from sparkaas.api.views import common

_FIELDS = tuple(
    field.name
    for field in dataclasses.fields(model.NodeSettings)
    if field.name != "name"
)


def show(settings: model.NodeSettings) -> dict[str, Any]:
    """All but the name."""
    return common.fields(settings, _FIELDS)
