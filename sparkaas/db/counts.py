# SPDX-License-Identifier: Apache-2.0
"""How many records there are of each kind, and which has waited longest: one
statement for clusters, one for jobs."""

from __future__ import annotations

import dataclasses
import datetime
from typing import Any

import sqlalchemy as sa

from sparkaas import model
from sparkaas import states
from sparkaas.db import models
from sparkaas.db import session
from sparkaas.db import types


@dataclasses.dataclass(frozen=True)
class Count:
    """Records that look the same to ``states``: ``number`` of them, like ``one``.

    ``oldest``: when the first of them was made; ``due``: since when one of them has
    been waiting for a conductor.
    """

    one: Any
    number: int
    oldest: datetime.datetime | None
    due: datetime.datetime | None


def clusters(db: session.Database, now: datetime.datetime) -> list[Count]:
    """All clusters."""
    cls = models.Cluster
    found = _grouped(
        db,
        cls,
        now,
        cls.target,
        cls.condition,
        cls.step,
        sa.case((cls.generation == cls.observed_generation, 1), else_=0),
        sa.case((cls.active_at.is_(None), 0), else_=1),
    )
    return [
        Count(
            model.Cluster(
                id="",
                project_id="",
                name="",
                plugin_name="",
                plugin_version="",
                target=states.Target(target),
                condition=states.Condition(condition),
                step=step,
                observed_generation=int(settled),
                active_at=now if active else None,
            ),
            *rest,
        )
        for target, condition, step, settled, active, *rest in found
    ]


def jobs(db: session.Database, now: datetime.datetime) -> list[Count]:
    """All jobs."""
    cls = models.Job
    found = _grouped(db, cls, now, cls.target, cls.outcome, cls.step)
    return [
        Count(
            model.Job(
                id="",
                project_id="",
                name="",
                job_template_id="",
                target=states.JobTarget(target),
                outcome=outcome and states.JobStatus(outcome),
                step=step,
            ),
            *rest,
        )
        for target, outcome, step, *rest in found
    ]


def nodes(db: session.Database) -> int:
    """Nodes that clusters have been asked to have."""
    with db.reader() as transaction:
        found = transaction.scalar(sa.select(sa.func.sum(models.NodeGroup.count)))
        return int(found or 0)


def _grouped(
    db: session.Database,
    cls: type[models.Work],
    now: datetime.datetime,
    *columns: Any,
) -> list[Any]:
    waits = sa.and_(
        cls.next_run_at <= now,
        sa.or_(cls.lease_expires_at.is_(None), cls.lease_expires_at <= now),
    )
    due = sa.case((waits, cls.next_run_at))
    statement = sa.select(
        *columns,
        sa.func.count(),
        sa.func.min(cls.created_at, type_=types.UtcDateTime()),
        sa.func.min(due, type_=types.UtcDateTime()),
    ).group_by(*columns)
    with db.reader() as transaction:
        return list(transaction.execute(statement).all())
