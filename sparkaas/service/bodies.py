# SPDX-License-Identifier: Apache-2.0
"""Request bodies (which fit their schema already) as values of records' fields."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any


def _fields(kind: type[Any]) -> Mapping[str, dataclasses.Field[Any]]:
    return {field.name: field for field in dataclasses.fields(kind)}


def values(kind: type[Any], body: Mapping[str, Any]) -> dict[str, Any]:
    """The items of ``body`` that are fields of the record type ``kind``.

    Lists become tuples, a flavor's id a string, and null the field's default.
    """
    fields = _fields(kind)
    made: dict[str, Any] = {}
    for key, value in body.items():
        field = fields.get(key)
        if field is None:
            continue
        if value is None:
            value = _default(field)
        elif isinstance(value, list):
            value = tuple(value)
        elif key == "flavor_id":
            value = str(value)
        made[key] = value
    return made


def _default(field: dataclasses.Field[Any]) -> Any:
    if field.default_factory is not dataclasses.MISSING:
        return field.default_factory()
    return None if field.default is dataclasses.MISSING else field.default
