# SPDX-License-Identifier: Apache-2.0
"""The right to work on a row: who has it, for how long, and what may be recorded.

Every write is one UPDATE or DELETE whose condition names the lease's epoch, and
the number of rows that it matched is the answer. A claim counts the epoch up, so
what a worker that is too late writes matches nothing. The API writes intent to
the same row at any time; ``record`` compares the generation within its UPDATE, so
that an intent which came during the pass makes the row due at once.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy import orm

from sparkaas import model
from sparkaas.db import events as events_
from sparkaas.db import models
from sparkaas.db import notifications
from sparkaas.db import resources
from sparkaas.db import rows
from sparkaas.db import session
from sparkaas.db import types
from sparkaas.db import works

_ROWS: dict[str, type[models.Work]] = {"cluster": models.Cluster, "job": models.Job}

#: Due rows looked at together, and how often a worker that lost all of them looks
#: again before it leaves the field to the others.
_CANDIDATES = 16
_LOOKS = 8


def _due(cls: type[models.Work], now: datetime.datetime) -> sa.ColumnElement[bool]:
    return sa.and_(
        cls.next_run_at <= now,
        sa.or_(cls.lease_expires_at.is_(None), cls.lease_expires_at <= now),
    )


def _held(cls: type[models.Work], lease: model.Lease) -> sa.ColumnElement[bool]:
    return sa.and_(
        cls.id == lease.id,
        cls.lease_epoch == lease.epoch,
        cls.lease_owner == lease.owner,
    )


def claim(
    db: session.Database,
    kind: str,
    *,
    owner: str,
    now: datetime.datetime,
    seconds: float,
    id: str | None = None,
) -> tuple[model.Cluster | model.Job, model.Lease] | None:
    """Get the right to work on the row that has been due longest, or on the row
    ``id`` if it is due; None when there is none that nobody else has."""
    cls = _ROWS[kind]
    due = (
        sa.select(cls.id, cls.lease_epoch)
        .where(_due(cls, now))
        .order_by(cls.next_run_at, cls.id)
        .limit(_CANDIDATES)
    )
    if id is not None:
        due = due.where(cls.id == id)
    for _ in range(_LOOKS):
        with db.reader() as transaction:
            candidates = transaction.execute(due).all()
        for candidate, epoch in candidates:
            won = _try(db, cls, candidate, epoch, owner, now, seconds)
            if won is not None:
                return won
        if not candidates:
            return None
    return None


@session.retried
def _try(
    db: session.Database,
    cls: type[models.Work],
    id: str,
    epoch: int,
    owner: str,
    now: datetime.datetime,
    seconds: float,
) -> tuple[Any, model.Lease] | None:
    """A transaction of its own for each try: whoever waited for another's row lock
    must see what that one wrote."""
    expires_at = now + datetime.timedelta(seconds=seconds)
    statement = (
        sa.update(cls)
        .where(cls.id == id, cls.lease_epoch == epoch, _due(cls, now))
        .values(lease_owner=owner, lease_epoch=epoch + 1, lease_expires_at=expires_at)
    )
    with db.writer() as transaction:
        if session.count(transaction, statement) == 0:
            return None
        row = resources.load(transaction, cls, id)
        lease = model.Lease(id, owner, epoch + 1, row.generation, expires_at)
        return rows.record(row), lease


@session.retried
def extend(
    db: session.Database,
    kind: str,
    lease: model.Lease,
    now: datetime.datetime,
    seconds: float,
) -> model.Lease | None:
    """Hold it until ``seconds`` from now; None when somebody else has it. A lease that
    ran out can be extended as long as nobody took the row."""
    cls = _ROWS[kind]
    expires_at = now + datetime.timedelta(seconds=seconds)
    statement = (
        sa.update(cls).where(_held(cls, lease)).values(lease_expires_at=expires_at)
    )
    with db.writer() as transaction:
        if session.count(transaction, statement) == 0:
            return None
    return model.Lease(lease.id, lease.owner, lease.epoch, lease.generation, expires_at)


@session.retried
def record(
    db: session.Database,
    kind: str,
    lease: model.Lease,
    *,
    now: datetime.datetime,
    changes: Mapping[str, object],
    next_run_at: datetime.datetime | None,
    steps: Sequence[model.ProvisionStep] = (),
    events: Sequence[model.Event] = (),
    notices: Sequence[model.Notice] = (),
) -> bool:
    """Write what was seen, and give the lease back.

    ``next_run_at`` None: not before a new intent. If the intent moved since the
    claim, or a verification was asked for since that which ``changes`` has, the row
    is due ``now`` instead. False, and nothing written, when the lease
    is no longer ours. Raises TypeError for a field of the other pen.
    """
    cls = _ROWS[kind]
    works.refuse(changes, works.observed(cls), "observation")
    plain, deep = rows.split(cls, changes)
    if plain or deep:
        plain["updated_at"] = now
    moved = cls.generation != lease.generation
    if "verify_done" in changes:
        moved = sa.or_(moved, models.Cluster.verify_asked > changes["verify_done"])
    when = sa.literal(next_run_at, types.UtcDateTime())
    statement = (
        sa.update(cls)
        .where(_held(cls, lease))
        .values(
            **plain,
            next_run_at=sa.case(
                (moved, sa.literal(now, types.UtcDateTime())), else_=when
            ),
            lease_owner=None,
            lease_expires_at=None,
        )
    )
    with db.writer() as transaction:
        if session.count(transaction, statement) == 0:
            return False
        if deep:
            row = resources.load(transaction, cls, lease.id)
            rows.assign(row, deep, now)
            transaction.flush()
        if steps or events:
            events_.write(transaction, lease.id, steps, events, now)
        _announce(transaction, lease, notices, now)
    return True


@session.retried
def remove(
    db: session.Database,
    kind: str,
    lease: model.Lease,
    *,
    now: datetime.datetime | None = None,
    notices: Sequence[model.Notice] = (),
) -> bool:
    """Forget the row and everything below it. True when it is gone, also from
    before (then without ``notices``, which need ``now``); False when the lease is no
    longer ours or the intent moved."""
    cls = _ROWS[kind]
    statement = sa.delete(cls).where(
        _held(cls, lease), cls.generation == lease.generation
    )
    with db.writer() as transaction:
        if session.count(transaction, statement) == 1:
            if now is not None:
                _announce(transaction, lease, notices, now)
            return True
        left = sa.select(cls.id).where(cls.id == lease.id)
        return transaction.scalar(left) is None


def _announce(
    transaction: orm.Session,
    lease: model.Lease,
    notices: Sequence[model.Notice],
    now: datetime.datetime,
) -> None:
    """Leave ``notices`` for the lease's owner to send."""
    if notices:
        due_at = now + datetime.timedelta(seconds=notifications.HANDOVER)
        notifications.write(transaction, notices, lease.owner, due_at)


@session.retried
def wake(db: session.Database, kind: str, id: str, now: datetime.datetime) -> bool:
    """Pull the row's next run to ``now`` (or a time to come), without a new intent;
    False if it is due by then or gone. A pass under way may put it off again."""
    cls = _ROWS[kind]
    later = sa.or_(cls.next_run_at.is_(None), cls.next_run_at > now)
    statement = sa.update(cls).where(cls.id == id, later).values(next_run_at=now)
    with db.writer() as transaction:
        return session.count(transaction, statement) == 1


def next_due(db: session.Database, kind: str) -> datetime.datetime | None:
    """When the next row can be claimed: due, and its lease (if any) run out. In the
    past when one waits already; None when nothing is to be done."""
    cls = _ROWS[kind]
    when = sa.case(
        (cls.lease_expires_at > cls.next_run_at, cls.lease_expires_at),
        else_=cls.next_run_at,
    )
    first = sa.select(sa.func.min(when, type_=types.UtcDateTime())).where(
        cls.next_run_at.is_not(None)
    )
    with db.reader() as transaction:
        due: datetime.datetime | None = transaction.scalar(first)
        return due
