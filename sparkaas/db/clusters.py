# SPDX-License-Identifier: Apache-2.0
"""Clusters: queries, and the intent pen. Observation is ``leases``' business."""

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
from sparkaas.db import session
from sparkaas.db import works

_ROW = models.Cluster


def status() -> sa.ColumnElement[str]:
    """``states.cluster_status`` in SQL, for filters and sorting."""

    def word(column: int) -> sa.ColumnElement[str]:
        words = {
            step: row[column].value
            for step, row in states.STEP_WORDS.items()
            if step is not None
        }
        return sa.case(
            words,
            value=sa.func.coalesce(_ROW.step, ""),
            else_=states.STEP_WORDS[None][column].value,
        )

    settled = _ROW.generation == _ROW.observed_generation
    teardown = _ROW.step.startswith(states.TEARDOWN_PREFIX, autoescape=True)
    return sa.case(
        (_ROW.target == states.Target.DELETED, states.ClusterStatus.DELETING.value),
        (sa.and_(settled, teardown), states.ClusterStatus.DELETING.value),
        (
            sa.and_(settled, _ROW.condition == states.Condition.ACTIVE),
            states.ClusterStatus.ACTIVE.value,
        ),
        (
            sa.and_(settled, _ROW.condition == states.Condition.ERROR),
            states.ClusterStatus.ERROR.value,
        ),
        (_ROW.active_at.is_(None), word(0)),
        else_=word(1),
    )


def create(db: session.Database, record: model.Cluster) -> model.Cluster:
    """Store a new cluster, due at once (unless ``next_run_at`` says when).

    Raises ``exceptions.NameAlreadyExists``; ``DuplicateEntry`` when the project has
    used the idempotency key (either, when both are taken).
    """
    created: model.Cluster = works.create(
        db, _ROW, record, exceptions.NameAlreadyExists
    )
    return created


def get(db: session.Database, id: str, project_id: str | None = None) -> model.Cluster:
    """Raises ``exceptions.NotFound``. Provision steps: see ``events``."""
    found: model.Cluster = resources.get(db, _ROW, id, project_id)
    return found


def trusts(db: session.Database) -> frozenset[str]:
    """The ``trust_id`` of every cluster that has one."""
    with db.reader() as reader:
        wanted = sa.select(_ROW.trust_id).where(_ROW.trust_id.is_not(None))
        return frozenset(id for id in reader.scalars(wanted) if id is not None)


def usage(db: session.Database, project_id: str) -> tuple[int, int]:
    """How many clusters a project has, and how many nodes are wanted in them."""
    group = models.NodeGroup
    clusters = sa.select(sa.func.count()).where(_ROW.project_id == project_id)
    nodes = (
        sa.select(sa.func.coalesce(sa.func.sum(group.count), 0))
        .join(_ROW, _ROW.id == group.cluster_id)
        .where(_ROW.project_id == project_id)
    )
    with db.reader() as reader:
        return (
            int(reader.scalar(clusters.select_from(_ROW)) or 0),
            int(reader.scalar(nodes) or 0),
        )


def page(
    db: session.Database,
    project_id: str | None,
    query: model.Query,
    *,
    whole: bool = True,
) -> model.Page[model.Cluster]:
    """See ``paging.page``; ``status`` is that of the wire."""
    return paging.page(
        db,
        _ROW,
        project_id,
        query,
        keys={"status": status()},
        filters={"status": paging.equals(status())},
        whole=whole,
    )


def update(db: session.Database, id: str, **changes: Any) -> model.Cluster:
    """Change how it is called and who sees it. Raises ``exceptions.NotFound``, or
    ``DuplicateEntry`` for a taken name."""
    changed: model.Cluster = works.update(db, _ROW, id, changes)
    return changed


def set_intent(
    db: session.Database,
    id: str,
    now: datetime.datetime,
    *,
    expect_generation: int | None = None,
    **changes: Any,
) -> model.Cluster:
    """Want something else of it: next generation, due at once.

    Raises ``exceptions.NotFound``, or ``UpdateFailed`` when the generation is not the
    expected one any more.
    """
    changed: model.Cluster = works.set_intent(
        db, _ROW, id, now, expect_generation, changes
    )
    return changed


def delete(db: session.Database, id: str) -> None:
    """Forget the row, whatever exists of the cluster: for operators. The conductor
    uses ``leases.remove``."""
    resources.delete(db, _ROW, id)


def known(db: session.Database, ids: Collection[str]) -> frozenset[str]:
    """Those of ``ids`` that are clusters."""
    with db.reader() as transaction:
        found = transaction.scalars(sa.select(_ROW.id).where(_ROW.id.in_(ids)))
        return frozenset(found)


def by_idempotency_key(
    db: session.Database, project_id: str, key: str
) -> model.Cluster | None:
    """The cluster that the project asked for under that key."""
    found: model.Cluster | None = works.by_idempotency_key(db, _ROW, project_id, key)
    return found


def using_template(db: session.Database, cluster_template_id: str) -> bool:
    """Whether a cluster was made from the template."""
    return resources.exists(db, _ROW.cluster_template_id == cluster_template_id)


def using_node_group_template(
    db: session.Database, node_group_template_id: str
) -> bool:
    """Whether a cluster has a node group made from the template."""
    return resources.exists(
        db, models.NodeGroup.node_group_template_id == node_group_template_id
    )


def taken(
    db: session.Database, project_id: str, names: Collection[str]
) -> frozenset[str]:
    """Those of the names that the project has clusters of."""
    with db.reader() as transaction:
        found = transaction.scalars(
            sa.select(_ROW.name).where(
                _ROW.project_id == project_id, _ROW.name.in_(names)
            )
        )
        return frozenset(found)
