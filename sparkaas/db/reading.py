# SPDX-License-Identifier: Apache-2.0
"""Records straight from columns: what is only to be shown needs no ORM object for
each row, which costs more than the rest of a long list.
"""

from __future__ import annotations

import collections
import functools
from collections.abc import Collection
from collections.abc import Iterator
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy import orm

from sparkaas.db import models
from sparkaas.db import rows

#: The most values in one statement's list: PostgreSQL takes 65535, SQLite 32766.
_MOST = 500


def read(
    transaction: orm.Session,
    cls: type[models.Row],
    wanted: sa.Select[Any],
    *,
    whole: bool = True,
) -> list[Any]:
    """The records of the rows that a ``select(cls)`` finds; unless they are to be
    ``whole``, fields that are tables of their own have their defaults.

    One statement, and for ``whole`` records one more for each such field and each 500
    rows.
    """
    names = _columns(cls)
    if rows.fields(cls) - _lists(cls) - set(names):
        # the row computes a field of the record from its other ones
        computed = transaction.scalars(wanted.options(*rows.everything(cls)))
        return [rows.record(row) for row in computed]
    columns = [getattr(cls, name) for name in names]
    found = transaction.execute(wanted.with_only_columns(*columns))
    values = [dict(zip(names, row, strict=True)) for row in found]
    for name in _lists(cls) if whole else ():
        below = _below(transaction, cls, name, [each["id"] for each in values])
        for each in values:
            each[name] = below[each["id"]]
    return [cls.RECORD(**each) for each in values]


def in_parts(ids: Collection[str]) -> Iterator[list[str]]:
    """The ids, not too many for one statement at a time."""
    every = list(ids)
    for start in range(0, len(every), _MOST):
        yield every[start : start + _MOST]


@functools.cache
def _columns(cls: type[models.Base]) -> tuple[str, ...]:
    """The fields of a record that are columns."""
    return tuple(sorted(rows.fields(cls) & set(sa.inspect(cls).columns.keys())))


@functools.cache
def _lists(cls: type[models.Base]) -> frozenset[str]:
    """The fields of a record that are tables of their own."""
    return frozenset(rows.fields(cls) & rows.lists(cls).keys())


def _below(
    transaction: orm.Session, cls: type[models.Row], name: str, ids: Collection[str]
) -> Mapping[str, Any]:
    """What each of the rows has in one of its tables: the records in order, or the
    one (None: there is none)."""
    relation = sa.inspect(cls).relationships[name]
    child: type[models.Row] = relation.mapper.class_
    ((_, parent),) = relation.local_remote_pairs
    names = _columns(child)
    wanted = sa.select(parent, *(getattr(child, name) for name in names))
    if relation.order_by:
        wanted = wanted.order_by(*relation.order_by)
    found: dict[str, list[Any]] = collections.defaultdict(list)
    for some in in_parts(ids):
        for of, *values in transaction.execute(wanted.where(parent.in_(some))):
            found[of].append(child.RECORD(**dict(zip(names, values, strict=True))))
    if relation.uselist:
        return {id: tuple(found[id]) for id in ids}
    return {id: next(iter(found[id]), None) for id in ids}
