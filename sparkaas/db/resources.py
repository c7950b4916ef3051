# SPDX-License-Identifier: Apache-2.0
"""What all stored nouns have in common; each noun's file gives it types and says
what is special.
"""

from __future__ import annotations

import contextlib
import datetime
from collections.abc import Collection
from collections.abc import Iterator
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from oslo_db import exception as db_exceptions
from sqlalchemy import orm

from sparkaas import exceptions
from sparkaas.db import models
from sparkaas.db import reading
from sparkaas.db import rows
from sparkaas.db import session

#: What no change may touch.
FIXED = frozenset({"id", "project_id", "created_at"})


def noun(cls: type[models.Base]) -> str:
    """What a message calls a row: ``cluster template``."""
    name = cls.RECORD.__name__
    return "".join(f" {c.lower()}" if c.isupper() else c for c in name).strip()


def visible(cls: type[models.Resource], project_id: str) -> sa.ColumnElement[bool]:
    """A project sees its own rows and everybody's public ones."""
    return sa.or_(cls.project_id == project_id, cls.is_public)


def missing(cls: type[models.Base], id: str) -> exceptions.NotFound:
    """The error for a row that is not there, or not to be seen."""
    return exceptions.NotFound(f"there is no {noun(cls)} with id '{id}'")


@contextlib.contextmanager
def integrity(
    cls: type[models.Base],
    name: object,
    taken: type[exceptions.SparkaasError] = exceptions.DuplicateEntry,
) -> Iterator[None]:
    """Say in our words what the database's constraints refuse."""
    try:
        yield
    except db_exceptions.DBDuplicateEntry as error:
        # oslo.db names columns, the constraint, or (PostgreSQL) a part of its name
        if any("idempotency" in column for column in error.columns):
            raise exceptions.DuplicateEntry(
                f"a {noun(cls)} was already made under that idempotency key"
            ) from error
        raise taken(f"a {noun(cls)} named '{name}' exists already") from error
    except db_exceptions.DBReferenceError as error:
        raise exceptions.InvalidReference(
            f"the {noun(cls)} '{name}' refers to an object that does not exist"
        ) from error


def load(
    transaction: orm.Session,
    cls: type[models.Row],
    id: str,
    *,
    lock: bool = False,
) -> Any:
    """The row with everything below it, or None; ``lock`` holds off other writers."""
    query = sa.select(cls).where(cls.id == id).options(*rows.everything(cls))
    query = query.execution_options(populate_existing=True)
    if lock:
        query = query.with_for_update()
    return transaction.scalar(query)


@session.retried
def create(
    db: session.Database,
    cls: type[models.Row],
    record: Any,
    taken: type[exceptions.SparkaasError] = exceptions.DuplicateEntry,
) -> Any:
    """Store a record. ``created_at`` is the record's own, else the system's time."""
    now = record.created_at or datetime.datetime.now(datetime.UTC)
    row = cls()
    rows.assign(row, {**rows.values(record), "created_at": now}, now)
    with integrity(cls, record.name, taken), db.writer() as transaction:
        transaction.add(row)
        transaction.flush()
        return rows.record(row)


def get(
    db: session.Database,
    cls: type[models.Resource],
    id: str,
    project_id: str | None = None,
) -> Any:
    """The record; raises ``exceptions.NotFound``, also when the project may not see
    it."""
    with db.reader() as transaction:
        wanted = sa.select(cls).where(cls.id == id)
        if project_id is not None:
            wanted = wanted.where(visible(cls, project_id))
        for record in reading.read(transaction, cls, wanted):
            return record
        raise missing(cls, id)


@session.retried
def update(
    db: session.Database, cls: type[models.Row], id: str, changes: Mapping[str, Any]
) -> Any:
    """Change fields; ``updated_at`` is that among the changes, else the system's
    time. Raises ``exceptions.NotFound``, or ``DuplicateEntry`` for a taken name."""
    unknown = changes.keys() - rows.fields(cls) | changes.keys() & FIXED
    if unknown:
        raise TypeError(f"not to be changed: {sorted(unknown)}")
    now = changes.get("updated_at") or datetime.datetime.now(datetime.UTC)
    with (
        integrity(cls, changes.get("name", id)),
        db.writer() as transaction,
    ):
        row = load(transaction, cls, id, lock=True)
        if row is None:
            raise missing(cls, id)
        rows.assign(row, {**changes, "updated_at": now}, now)
        transaction.flush()
        return rows.record(row)


@session.retried
def delete(
    db: session.Database,
    cls: type[models.Row],
    id: str,
    used: type[exceptions.SparkaasError] = exceptions.DeletionFailed,
) -> None:
    """Remove a row and what is below it; raises ``exceptions.NotFound``, and
    ``used`` when another object refers to it."""
    try:
        with db.writer() as transaction:
            gone = session.count(transaction, sa.delete(cls).where(cls.id == id))
            if gone == 0:
                raise missing(cls, id)
    except db_exceptions.DBReferenceError as error:
        raise used(f"the {noun(cls)} '{id}' is in use") from error


def by_ids(
    db: session.Database,
    cls: type[models.Resource],
    ids: Collection[str],
    project_id: str | None = None,
) -> Mapping[str, Any]:
    """The records of those ids that exist, and that the project may see."""
    wanted = sa.select(cls)
    if project_id is not None:
        wanted = wanted.where(visible(cls, project_id))
    with db.reader() as transaction:
        return {
            record.id: record
            for some in reading.in_parts(ids)
            for record in reading.read(transaction, cls, wanted.where(cls.id.in_(some)))
        }


def exists(db: session.Database, *conditions: sa.ColumnElement[bool]) -> bool:
    """Whether any row fits."""
    with db.reader() as transaction:
        found = transaction.scalar(sa.select(sa.literal(1)).where(*conditions).limit(1))
        return found is not None
