# SPDX-License-Identifier: Apache-2.0
"""How values look: text in a table, data in JSON and YAML."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any

from cliff import columns

from sparkaas.client import resource


class Moment(columns.FormattableColumn[Any]):
    """A time, in UTC in both."""

    def human_readable(self) -> str:
        return format_time(self._value)

    def machine_readable(self) -> Any:
        if self._value is None:
            return None
        return self._value.astimezone(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


class Items(columns.FormattableColumn[Any]):
    """A sequence: one item per line."""

    def human_readable(self) -> str:
        return "\n".join(_line(item) for item in self._value)

    def machine_readable(self) -> Any:
        return [_data(item) for item in self._value]


class Pairs(columns.FormattableColumn[Any]):
    """A mapping: one dotted key per line."""

    def human_readable(self) -> str:
        return "\n".join(f"{key}: {_item(value)}" for key, value in _flat(self._value))

    def machine_readable(self) -> Any:
        return dict(self._value)


class Document(columns.FormattableColumn[Any]):
    """A nested record."""

    def human_readable(self) -> str:
        return _line(self._value)

    def machine_readable(self) -> Any:
        return _data(self._value)


def present(value: Any) -> Any:
    """``value`` as cliff wants it."""
    if isinstance(value, datetime.datetime):
        return Moment(value)
    if isinstance(value, resource.Record):
        return Document(value)
    if isinstance(value, Mapping):
        return Pairs(value)
    if isinstance(value, tuple | list):
        return Items(value)
    return value


def format_time(value: datetime.datetime | None) -> str:
    """A time for people."""
    if value is None:
        return ""
    return value.astimezone(datetime.UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def format_span(seconds: float) -> str:
    """A span of time in its two largest units: ``2 h 5 min``."""
    left = max(0, int(seconds))
    parts: list[str] = []
    for unit, size in (("d", 86400), ("h", 3600), ("min", 60), ("s", 1)):
        count, left = divmod(left, size)
        if count or (unit == "s" and not parts):
            parts.append(f"{count} {unit}")
    return " ".join(parts[:2])


def _data(value: Any) -> Any:
    return dict(value.document) if isinstance(value, resource.Record) else value


def _line(value: Any) -> str:
    """One item in one line: a record by what names it."""
    if isinstance(value, resource.Record):
        name = getattr(value, "name", "") or getattr(value, "id", "")
        count = getattr(value, "count", None)
        return f"{name}: {count}" if isinstance(count, int) else str(name)
    if isinstance(value, Mapping):
        return ", ".join(f"{key}={item}" for key, item in _flat(value))
    return str(value)


def _item(value: Any) -> str:
    """A value below a key."""
    if isinstance(value, tuple | list):
        return ", ".join(_line(item) for item in value)
    return "" if value is None else str(value)


def _flat(value: Mapping[str, Any], prefix: str = "") -> list[tuple[str, Any]]:
    pairs: list[tuple[str, Any]] = []
    for key, item in value.items():
        if isinstance(item, Mapping):
            pairs += _flat(item, f"{prefix}{key}.")
        else:
            pairs.append((f"{prefix}{key}", item))
    return pairs
