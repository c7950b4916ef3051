# SPDX-License-Identifier: Apache-2.0
"""Cluster templates, with their node groups."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from sparkaas import exceptions
from sparkaas import model
from sparkaas.db import models
from sparkaas.db import paging
from sparkaas.db import resources
from sparkaas.db import rows
from sparkaas.db import session

_ROW = models.ClusterTemplate


def create(
    db: session.Database, record: model.ClusterTemplate
) -> model.ClusterTemplate:
    """Raises ``exceptions.NameAlreadyExists`` for a taken name, and
    ``InvalidReference`` when something that it refers to is gone."""
    created: model.ClusterTemplate = resources.create(
        db, _ROW, record, exceptions.NameAlreadyExists
    )
    return created


def get(
    db: session.Database, id: str, project_id: str | None = None
) -> model.ClusterTemplate:
    """Raises ``exceptions.NotFound``."""
    found: model.ClusterTemplate = resources.get(db, _ROW, id, project_id)
    return found


def page(
    db: session.Database, project_id: str | None, query: model.Query
) -> model.Page[model.ClusterTemplate]:
    """See ``paging.page``."""
    return paging.page(db, _ROW, project_id, query)


def update(db: session.Database, id: str, **changes: Any) -> model.ClusterTemplate:
    """Raises ``exceptions.NotFound``, or ``DuplicateEntry`` for a taken name."""
    changed: model.ClusterTemplate = resources.update(db, _ROW, id, changes)
    return changed


def delete(db: session.Database, id: str) -> None:
    """Raises ``exceptions.NotFound``, or ``InvalidReference`` while it is in use."""
    resources.delete(db, _ROW, id, exceptions.InvalidReference)


def using_node_group_template(
    db: session.Database, node_group_template_id: str
) -> bool:
    """Whether a cluster template has a node group made from the template."""
    return resources.exists(
        db, models.TemplateNodeGroup.node_group_template_id == node_group_template_id
    )


def of_node_group_template(
    db: session.Database, node_group_template_id: str
) -> tuple[model.ClusterTemplate, ...]:
    """All cluster templates, of any project, with a node group made from it."""
    with db.reader() as transaction:
        found = transaction.scalars(
            sa.select(_ROW)
            .where(
                _ROW.node_groups.any(
                    models.TemplateNodeGroup.node_group_template_id
                    == node_group_template_id
                )
            )
            .order_by(_ROW.id)
            .options(*rows.everything(_ROW))
        )
        return tuple(map(rows.record, found))
