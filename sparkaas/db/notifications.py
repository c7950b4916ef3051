# SPDX-License-Identifier: Apache-2.0
"""Notifications between the record of what they tell and their being sent.

Each is written in the transaction that records it, so that none is lost, whatever
ends the process; and is forgotten when it was sent.
"""

from __future__ import annotations

import datetime
from collections.abc import Collection
from collections.abc import Iterable

import sqlalchemy as sa
from sqlalchemy import orm

from sparkaas import model
from sparkaas.db import models
from sparkaas.db import session

_ROW = models.Notification
_TOGETHER = 100

#: Seconds after which others take what a conductor does not look after any more.
HANDOVER = 120.0


def write(
    transaction: orm.Session,
    notices: Iterable[model.Notice],
    owner: str,
    due_at: datetime.datetime,
) -> None:
    """Have ``owner`` send them; after ``due_at`` somebody else."""
    transaction.add_all(
        _ROW(
            owner=owner,
            due_at=due_at,
            event_type=notice.event_type,
            failure=notice.failure,
            payload=notice.payload,
        )
        for notice in notices
    )


@session.retried
def keep(db: session.Database, owner: str, due_at: datetime.datetime) -> None:
    """Put off when others may take what is ``owner``'s."""
    with db.writer() as transaction:
        transaction.execute(
            sa.update(_ROW).where(_ROW.owner == owner).values(due_at=due_at)
        )


@session.retried
def adopt(
    db: session.Database,
    owner: str,
    now: datetime.datetime,
    due_at: datetime.datetime,
) -> int:
    """Take what others should have sent by ``now``; how many that are."""
    late = _ROW.due_at <= now
    with db.reader() as transaction:
        if transaction.scalar(sa.select(_ROW.id).where(late).limit(1)) is None:
            return 0
    statement = sa.update(_ROW).where(late).values(owner=owner, due_at=due_at)
    with db.writer() as transaction:
        return session.count(transaction, statement)


def of(db: session.Database, owner: str) -> tuple[tuple[int, model.Notice], ...]:
    """The oldest that ``owner`` has to send, with their numbers."""
    wanted = (
        sa.select(_ROW).where(_ROW.owner == owner).order_by(_ROW.id).limit(_TOGETHER)
    )
    with db.reader() as transaction:
        return tuple(
            (row.id, model.Notice(row.event_type, row.payload, row.failure))
            for row in transaction.scalars(wanted)
        )


@session.retried
def forget(db: session.Database, numbers: Collection[int]) -> None:
    """They were sent."""
    with db.writer() as transaction:
        transaction.execute(sa.delete(_ROW).where(_ROW.id.in_(numbers)))


def waiting(db: session.Database) -> int:
    """How many are to be sent."""
    with db.reader() as transaction:
        return transaction.scalar(sa.select(sa.func.count(_ROW.id))) or 0
