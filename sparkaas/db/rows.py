# SPDX-License-Identifier: Apache-2.0
"""From rows to records and back."""

from __future__ import annotations

import dataclasses
import datetime
import functools
from collections.abc import Iterable
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy import orm
from sqlalchemy.orm import interfaces

from sparkaas.db import models


@functools.cache
def fields(cls: type[models.Base]) -> frozenset[str]:
    """The names that a table's record and rows have in common."""
    names = (field.name for field in dataclasses.fields(cls.RECORD))
    return frozenset(name for name in names if hasattr(cls, name))


@functools.cache
def lists(cls: type[models.Base]) -> Mapping[str, type[models.Base]]:
    """The fields that are tables of their own, with the class of their rows."""
    relations = sa.inspect(cls).relationships
    return {name: one.mapper.class_ for name, one in relations.items()}


def everything(cls: type[models.Base]) -> tuple[interfaces.ORMOption, ...]:
    """Load those too: one statement for each, whatever the number of rows."""
    return tuple(orm.selectinload(getattr(cls, name)) for name in lists(cls))


def record(row: models.Base) -> Any:
    """The record that a row stands for."""
    values = {name: _value(getattr(row, name)) for name in fields(type(row))}
    return row.RECORD(**values)


def _value(value: Any) -> Any:
    if isinstance(value, list):
        return tuple(record(one) for one in value)
    return record(value) if isinstance(value, models.Base) else value


def values(record: Any) -> dict[str, Any]:
    """A record's fields, without going deeper."""
    return {f.name: getattr(record, f.name) for f in dataclasses.fields(record)}


def split(
    cls: type[models.Base], changes: Mapping[str, Any]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Changes to the row itself, and changes to the tables below it."""
    below = lists(cls)
    plain = {name: value for name, value in changes.items() if name not in below}
    deep = {name: value for name, value in changes.items() if name in below}
    return plain, deep


def assign(
    row: models.Base, changes: Mapping[str, Any], now: datetime.datetime
) -> None:
    """Give a row new values; the records of a list replace those of the same id."""
    plain, deep = split(type(row), changes)
    for name, value in plain.items():
        setattr(row, name, value)
    for name, value in deep.items():
        cls = lists(type(row))[name]
        old = getattr(row, name) if sa.inspect(row).has_identity else None
        if isinstance(value, Iterable):
            have = {one.id: one for one in old or ()}
            new = [_child(cls, have.get(one.id), one, now) for one in value]
            for position, one in enumerate(new):
                setattr(one, "position", position)  # noqa: B010
            setattr(row, name, new)
        elif value is None:
            setattr(row, name, None)
        else:
            same = old if old is not None and old.id == value.id else None
            setattr(row, name, _child(cls, same, value, now))


def _child(
    cls: type[models.Base], old: Any, new: Any, now: datetime.datetime
) -> models.Base:
    if old is None:
        child = cls()
        assign(child, values(new), now)
        child.created_at = new.created_at or now  # type: ignore[attr-defined]
        return child
    kept = dataclasses.replace(
        new, created_at=old.created_at, updated_at=old.updated_at
    )
    if kept != record(old):
        assign(old, {**values(kept), "updated_at": now}, now)
    return old  # type: ignore[no-any-return]
