# SPDX-License-Identifier: Apache-2.0
"""Lists: who sees what, filters, sorting, and pages by marker.

A marker is the id of a row; its page begins after it. Rows with an equal sort
key follow each other by id. Nothing sorts before something.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy import orm

from sparkaas import exceptions
from sparkaas import model
from sparkaas.db import models
from sparkaas.db import reading
from sparkaas.db import resources
from sparkaas.db import rows
from sparkaas.db import session
from sparkaas.db import types

Key = sa.ColumnElement[Any]
#: From the value in the request to a condition.
Filter = Callable[[str], sa.ColumnElement[bool]]

#: Text that is a reference or one of a few words: matched whole.
_WHOLE = ("id", "type")
_HIDDEN = frozenset({"secret_ref", "idempotency_key"})


def contains(column: Any) -> Filter:
    """The text occurs in the column, in any case; no character is special."""
    return lambda text: column.icontains(text, autoescape=True)


def equals(column: Any) -> Filter:
    """The text is the column, in any case."""
    return lambda text: sa.func.lower(column) == text.lower()


def _flag(column: Any) -> Filter:
    return lambda text: column.is_(text.lower() == "true")


def _number(column: Any) -> Filter:
    def condition(text: str) -> sa.ColumnElement[bool]:
        try:
            number = int(text)
        except ValueError as error:
            raise exceptions.InvalidRequest(f"'{text}' is not a number") from error
        if abs(number) >= 2**31:
            return sa.false()
        return column == number  # type: ignore[no-any-return]

    return condition


def _columns(cls: type[models.Resource]) -> dict[str, Any]:
    return {
        column.key: column
        for column in sa.inspect(cls).columns
        if column.key in rows.fields(cls) - _HIDDEN
    }


def column(cls: type[models.Resource], name: str) -> Key:
    """The column of a record's field."""
    found: Key = _columns(cls)[name]
    return found


def _filters(cls: type[models.Resource]) -> dict[str, Filter]:
    found: dict[str, Filter] = {}
    for name, column in _columns(cls).items():
        if isinstance(column.type, sa.Boolean):
            found[name] = _flag(column)
        elif isinstance(column.type, sa.Integer):
            found[name] = _number(column)
        elif isinstance(column.type, sa.String):
            whole = name.rpartition("_")[2] in _WHOLE
            found[name] = equals(column) if whole else contains(column)
    return found


def _keys(cls: type[models.Resource]) -> dict[str, Key]:
    plain = (sa.Boolean, sa.Integer, sa.String, types.UtcDateTime)
    return {n: c for n, c in _columns(cls).items() if isinstance(c.type, plain)}


@dataclasses.dataclass(frozen=True)
class _Order:
    """An order of rows: by ``key``, then by id."""

    key: Key
    id: Any
    descending: bool

    def clauses(self, *, reverse: bool = False) -> list[Any]:
        parts = [self.id]
        if self.key is not self.id:
            parts = [sa.case((self.key.is_(None), 0), else_=1), self.key, self.id]
            if getattr(self.key, "nullable", True) is False:
                del parts[0]
        down = self.descending != reverse
        return [part.desc() if down else part.asc() for part in parts]

    def past(self, key: Any, id: str, *, reverse: bool = False) -> Any:
        """The condition for rows that come after that place (or before it)."""
        if self.descending != reverse:
            if key is None:
                return sa.and_(self.key.is_(None), self.id < id)
            return sa.or_(
                self.key.is_(None),
                self.key < key,
                sa.and_(self.key == key, self.id < id),
            )
        if key is None:
            return sa.or_(
                self.key.is_not(None), sa.and_(self.key.is_(None), self.id > id)
            )
        return sa.or_(self.key > key, sa.and_(self.key == key, self.id > id))


def _conditions(
    cls: type[models.Resource],
    project_id: str | None,
    wanted: Mapping[str, str],
    more: Mapping[str, Filter],
) -> list[sa.ColumnElement[bool]]:
    known = {**_filters(cls), **more}
    found = []
    if project_id is not None:
        found.append(resources.visible(cls, project_id))
    for name, value in wanted.items():
        if name not in known:
            raise exceptions.InvalidQuery(f"cannot filter by '{name}'")
        found.append(known[name](value))
    return found


def page(
    db: session.Database,
    cls: type[models.Resource],
    project_id: str | None,
    query: model.Query,
    *,
    keys: Mapping[str, Key] | None = None,
    filters: Mapping[str, Filter] | None = None,
    whole: bool = True,
) -> model.Page[Any]:
    """One page of records (for ``whole`` see ``reading``). ``keys`` and
    ``filters`` add to those that the columns give. Raises ``exceptions.NotFound`` for a
    marker that is no visible row, ``InvalidRequest`` for what the request may not
    ask."""
    known = {**_keys(cls), **(keys or {})}
    if query.sort_by not in known:
        raise exceptions.InvalidRequest(f"cannot sort by '{query.sort_by}'")
    if query.limit is not None and query.limit < 1:
        raise exceptions.InvalidRequest("limit must be a positive number")
    order = _Order(known[query.sort_by], known["id"], query.descending)
    conditions = _conditions(cls, project_id, query.filters, filters or {})
    with db.reader() as transaction:
        place = None
        if query.marker is not None:
            place = _place(transaction, cls, project_id, order.key, query.marker)
        found = sa.select(cls).where(*conditions).order_by(*order.clauses())
        if place is not None:
            found = found.where(order.past(*place))
        if query.limit is not None:
            found = found.limit(query.limit + 1)
        items = reading.read(transaction, cls, found, whole=whole)
        previous = None
        if place is not None and query.limit is not None:
            previous = transaction.scalar(
                sa.select(cls.id)
                .where(*conditions, order.past(*place, reverse=True))
                .order_by(*order.clauses(reverse=True))
                .offset(query.limit - 1)
                .limit(1)
            )
        following = None
        if query.limit is not None and len(items) > query.limit:
            items = items[: query.limit]
            following = items[-1].id
        return model.Page(tuple(items), previous, following)


def _place(
    transaction: orm.Session,
    cls: type[models.Resource],
    project_id: str | None,
    key: Key,
    marker: str,
) -> tuple[Any, str]:
    """The sort key and id of the marker's row."""
    found = sa.select(key, cls.id).where(cls.id == marker)
    if project_id is not None:
        found = found.where(resources.visible(cls, project_id))
    row = transaction.execute(found).one_or_none()
    if row is None:
        raise resources.missing(cls, marker)
    return row[0], row[1]
