# SPDX-License-Identifier: Apache-2.0
"""A cluster's provision steps and their events."""

from __future__ import annotations

import collections
import dataclasses
import datetime
from collections.abc import Collection
from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy import orm

from sparkaas import model
from sparkaas.db import models
from sparkaas.db import reading
from sparkaas.db import rows
from sparkaas.db import session

_STEP = models.ProvisionStep
_EVENT = models.Event


def steps(
    db: session.Database, cluster_id: str, with_events: bool
) -> tuple[model.ProvisionStep, ...]:
    """A cluster's steps in the order in which they came."""
    return steps_of(db, (cluster_id,), with_events)[cluster_id]


def steps_of(
    db: session.Database, cluster_ids: Collection[str], with_events: bool = False
) -> Mapping[str, tuple[model.ProvisionStep, ...]]:
    """The steps of several clusters, in one statement (two with events), or one for
    each 500."""
    result: dict[str, list[model.ProvisionStep]] = {id: [] for id in cluster_ids}
    with db.reader() as transaction:
        for some in reading.in_parts(cluster_ids):
            events = _events(transaction, some) if with_events else {}
            steps = sa.select(_STEP).where(_STEP.cluster_id.in_(some))
            steps = steps.order_by(_STEP.position, _STEP.id)
            for step in reading.read(transaction, _STEP, steps):
                below = tuple(events.get(step.id, ()))
                result[step.cluster_id].append(dataclasses.replace(step, events=below))
    return {id: tuple(of) for id, of in result.items()}


def _events(
    transaction: orm.Session, cluster_ids: Collection[str]
) -> Mapping[str, list[model.Event]]:
    """By their steps' ids."""
    wanted = (
        sa.select(_EVENT)
        .join(_STEP, _STEP.id == _EVENT.step_id)
        .where(_STEP.cluster_id.in_(cluster_ids))
        .order_by(_EVENT.position, _EVENT.id)
    )
    found: dict[str, list[model.Event]] = collections.defaultdict(list)
    for event in reading.read(transaction, _EVENT, wanted):
        found[event.step_id].append(event)
    return found


def write(
    transaction: orm.Session,
    cluster_id: str,
    new_steps: Sequence[model.ProvisionStep],
    new_events: Sequence[model.Event],
    now: datetime.datetime,
) -> None:
    """Add or change steps (and the events in them), add events; those of a known id
    are changed, so writing twice is writing once."""
    within = [event for step in new_steps for event in step.events]
    plain = [dataclasses.replace(step, events=()) for step in new_steps]
    _put(transaction, _STEP, _STEP.cluster_id == cluster_id, plain, now)
    by_step: dict[str, list[model.Event]] = collections.defaultdict(list)
    for event in (*within, *new_events):
        by_step[event.step_id].append(event)
    for step_id, of in by_step.items():
        _put(transaction, _EVENT, _EVENT.step_id == step_id, of, now)


def _put(
    transaction: orm.Session,
    cls: Any,
    siblings: sa.ColumnElement[bool],
    records: Iterable[Any],
    now: datetime.datetime,
) -> None:
    """The caller holds the cluster's lease, so that nobody else numbers them."""
    position = None
    for record in records:
        row = transaction.get(cls, record.id)
        values = {k: v for k, v in rows.values(record).items() if k != "events"}
        if row is None:
            if position is None:
                last = sa.select(sa.func.max(cls.position)).where(siblings)
                position = transaction.scalar(last) or 0
            position += 1
            row = cls(position=position)
            values["created_at"] = record.created_at or now
            transaction.add(row)
        else:
            values |= {"created_at": row.created_at, "updated_at": now}
        rows.assign(row, values, now)
    transaction.flush()
