# SPDX-License-Identifier: Apache-2.0
"""What clusters and jobs have in common: the intent pen, and who may write what."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from sparkaas import exceptions
from sparkaas import model
from sparkaas.db import models
from sparkaas.db import reading
from sparkaas.db import resources
from sparkaas.db import rows
from sparkaas.db import session

#: What says how a work is called and who sees it; nothing to do for the conductor.
DESCRIPTIVE = frozenset(
    {"name", "description", "is_public", "is_protected", "updated_at"}
)
_OBSERVED = frozenset(
    {
        "observed_generation",
        "step",
        "step_started_at",
        "attempts",
        "checkpoint",
        "reason",
        "waiting_for",
    }
)
#: What asks the conductor to look, and wants nothing else of the work: the same
#: generation, so that it stays what it is meanwhile.
_LOOKS = frozenset({"verify_asked"})
#: Written by no pen directly.
_KEPT = resources.FIXED | {"generation", "next_run_at", "updated_at", "idempotency_key"}


def observed(cls: type[models.Work]) -> frozenset[str]:
    """The fields of the conductor's pen."""
    own: frozenset[str] = cls.RECORD.OBSERVED
    return _OBSERVED | own


def intended(cls: type[models.Work]) -> frozenset[str]:
    """The fields of the API's pen."""
    return rows.fields(cls) - observed(cls) - _KEPT


def refuse(changes: Mapping[str, object], allowed: frozenset[str], pen: str) -> None:
    """Raise TypeError for a field that a pen must not write."""
    foreign = changes.keys() - allowed
    if foreign:
        raise TypeError(f"the {pen} pen does not write {sorted(foreign)}")


def create(
    db: session.Database,
    cls: type[models.Work],
    record: model.Work,
    taken: type[exceptions.SparkaasError],
) -> Any:
    """As ``resources.create``; new work is due at once."""
    now = record.created_at or datetime.datetime.now(datetime.UTC)
    values = {**rows.values(record), "created_at": now}
    if record.next_run_at is None:
        values["next_run_at"] = now
    return resources.create(db, cls, type(record)(**values), taken)


def update(
    db: session.Database, cls: type[models.Work], id: str, changes: Mapping[str, Any]
) -> Any:
    """As ``resources.update``, for descriptive fields only."""
    refuse(changes, DESCRIPTIVE, "describing")
    return resources.update(db, cls, id, changes)


@session.retried
def set_intent(
    db: session.Database,
    cls: type[models.Work],
    id: str,
    now: datetime.datetime,
    expect_generation: int | None,
    changes: Mapping[str, Any],
) -> Any:
    """One conditional UPDATE: the fields, the next generation, and due at once."""
    refuse(changes, intended(cls), "intent")
    plain, deep = rows.split(cls, changes)
    if not changes or changes.keys() - _LOOKS:
        plain["generation"] = cls.generation + 1
    statement = (
        sa.update(cls)
        .where(cls.id == id)
        .values(
            **plain,
            next_run_at=now,
            updated_at=now,
        )
    )
    if expect_generation is not None:
        statement = statement.where(cls.generation == expect_generation)
    with resources.integrity(cls, changes.get("name", id)), db.writer() as transaction:
        matched = session.count(transaction, statement)
        row = resources.load(transaction, cls, id)
        if row is None:
            raise resources.missing(cls, id)
        if matched == 0:
            raise exceptions.UpdateFailed(
                f"the {resources.noun(cls)} '{id}' was changed by another request",
                hint="Look at it again, and repeat the request if it still fits.",
            )
        rows.assign(row, deep, now)
        transaction.flush()
        return rows.record(row)


def by_idempotency_key(
    db: session.Database, cls: type[models.Work], project_id: str, key: str
) -> Any:
    """The record that the project made under that key, or None."""
    with db.reader() as transaction:
        wanted = sa.select(cls).where(
            cls.project_id == project_id, cls.idempotency_key == key
        )
        return next(iter(reading.read(transaction, cls, wanted)), None)
