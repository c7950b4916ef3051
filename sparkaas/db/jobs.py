# SPDX-License-Identifier: Apache-2.0
"""Jobs: queries, and the intent pen. Observation is ``leases``' business."""

from __future__ import annotations

import datetime
from collections.abc import Collection
from typing import Any

import sqlalchemy as sa

from sparkaas import exceptions
from sparkaas import model
from sparkaas import states
from sparkaas.db import models
from sparkaas.db import paging
from sparkaas.db import resources
from sparkaas.db import rows
from sparkaas.db import session
from sparkaas.db import works

_ROW = models.Job


def status() -> sa.ColumnElement[str]:
    """``states.job_status`` in SQL, for filters and sorting."""
    return sa.case(
        (_ROW.outcome.is_not(None), sa.type_coerce(_ROW.outcome, sa.String())),
        (
            _ROW.target != states.JobTarget.FINISHED,
            states.JobStatus.TOBEKILLED.value,
        ),
        (
            _ROW.step.in_(sorted(states.JOB_RUNNING_STEPS)),
            states.JobStatus.RUNNING.value,
        ),
        else_=states.JobStatus.PENDING.value,
    )


def _cluster_name() -> sa.ColumnElement[Any]:
    return (
        sa.select(models.Cluster.name)
        .where(models.Cluster.id == _ROW.cluster_id)
        .scalar_subquery()
    )


def create(db: session.Database, record: model.Job) -> model.Job:
    """Store a new job, due at once (unless ``next_run_at`` says when).

    Raises ``exceptions.DuplicateEntry`` when the project has used the idempotency
    key, ``InvalidReference`` when template, cluster or a data source is gone.
    """
    created: model.Job = works.create(db, _ROW, record, exceptions.DuplicateEntry)
    return created


def get(db: session.Database, id: str, project_id: str | None = None) -> model.Job:
    """Raises ``exceptions.NotFound``."""
    found: model.Job = resources.get(db, _ROW, id, project_id)
    return found


def page(
    db: session.Database, project_id: str | None, query: model.Query
) -> model.Page[model.Job]:
    """See ``paging.page``. ``status`` is that of the wire; ``job_template`` and
    ``cluster`` sort by name, ``job.name`` and ``cluster.name`` filter by it."""
    return paging.page(
        db,
        _ROW,
        project_id,
        query,
        keys={
            "status": status(),
            "job_template": paging.column(_ROW, "name"),
            "cluster": _cluster_name(),
        },
        filters={
            "status": paging.equals(status()),
            "job.name": paging.contains(_ROW.name),
            "cluster.name": paging.contains(_cluster_name()),
        },
    )


def update(db: session.Database, id: str, **changes: Any) -> model.Job:
    """Change who sees it. Raises ``exceptions.NotFound``."""
    changed: model.Job = works.update(db, _ROW, id, changes)
    return changed


def set_intent(
    db: session.Database,
    id: str,
    now: datetime.datetime,
    *,
    expect_generation: int | None = None,
    **changes: Any,
) -> model.Job:
    """Want something else of it: next generation, due at once.

    Raises ``exceptions.NotFound``, or ``UpdateFailed`` when the generation is not the
    expected one any more.
    """
    changed: model.Job = works.set_intent(db, _ROW, id, now, expect_generation, changes)
    return changed


def delete(db: session.Database, id: str) -> None:
    """Forget the row, whatever runs of the job: for operators. The conductor uses
    ``leases.remove``."""
    resources.delete(db, _ROW, id)


def by_idempotency_key(
    db: session.Database, project_id: str, key: str
) -> model.Job | None:
    """The job that the project asked for under that key."""
    found: model.Job | None = works.by_idempotency_key(db, _ROW, project_id, key)
    return found


def using_template(db: session.Database, job_template_id: str) -> bool:
    """Whether a job runs, or ran, the template."""
    return resources.exists(db, _ROW.job_template_id == job_template_id)


def _uses(source: model.DataSource) -> sa.ColumnElement[bool]:
    """The job names the source: as its input or output, or in its settings, where a
    name means the job's own project's. What was looked up is in the URLs."""

    def says(column: Any, word: str) -> sa.ColumnElement[bool]:
        text = sa.type_coerce(column, sa.Text())
        found: sa.ColumnElement[bool] = text.contains(f'"{word}"', autoescape=True)
        return found

    by_name = says(_ROW.job_configs, f"datasource://{source.name}")
    return sa.or_(
        _ROW.input_id == source.id,
        _ROW.output_id == source.id,
        says(_ROW.data_source_urls, source.id),
        says(_ROW.job_configs, source.id),
        sa.and_(_ROW.project_id == source.project_id, by_name),
    )


def using_data_source(
    db: session.Database, source: model.DataSource, *, pending: bool = False
) -> bool:
    """Whether a job reads or writes it; ``pending``: one that has not started."""
    conditions = [_uses(source)]
    if pending:
        conditions.append(status() == states.JobStatus.PENDING.value)
    return resources.exists(db, *conditions)


def pending_with_binary(db: session.Database, job_binary_id: str) -> bool:
    """Whether a job that has not started will use the binary."""
    link = models.JobTemplateBinary
    return resources.exists(
        db,
        link.job_binary_id == job_binary_id,
        link.job_template_id == _ROW.job_template_id,
        status() == states.JobStatus.PENDING.value,
    )


def unfinished(db: session.Database, ids: Collection[str]) -> frozenset[str]:
    """Those of ``ids`` that are jobs without an outcome."""
    with db.reader() as reader:
        wanted = sa.select(_ROW.id).where(_ROW.id.in_(ids), _ROW.outcome.is_(None))
        return frozenset(reader.scalars(wanted))


def unfinished_of_cluster(
    db: session.Database, cluster_id: str
) -> tuple[model.Job, ...]:
    """The cluster's jobs without an outcome, oldest first."""
    with db.reader() as transaction:
        found = transaction.scalars(
            sa.select(_ROW)
            .where(_ROW.cluster_id == cluster_id, _ROW.outcome.is_(None))
            .order_by(_ROW.created_at, _ROW.id)
        )
        return tuple(map(rows.record, found))
