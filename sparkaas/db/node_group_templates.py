# SPDX-License-Identifier: Apache-2.0
"""Node group templates."""

from __future__ import annotations

from collections.abc import Collection
from collections.abc import Mapping
from typing import Any

from sparkaas import exceptions
from sparkaas import model
from sparkaas.db import models
from sparkaas.db import paging
from sparkaas.db import resources
from sparkaas.db import session

_ROW = models.NodeGroupTemplate


def create(
    db: session.Database, record: model.NodeGroupTemplate
) -> model.NodeGroupTemplate:
    """Raises ``exceptions.NameAlreadyExists`` for a taken name, and
    ``InvalidReference`` when something that it refers to is gone."""
    created: model.NodeGroupTemplate = resources.create(
        db, _ROW, record, exceptions.NameAlreadyExists
    )
    return created


def get(
    db: session.Database, id: str, project_id: str | None = None
) -> model.NodeGroupTemplate:
    """Raises ``exceptions.NotFound``."""
    found: model.NodeGroupTemplate = resources.get(db, _ROW, id, project_id)
    return found


def by_ids(
    db: session.Database, ids: Collection[str], project_id: str | None = None
) -> Mapping[str, model.NodeGroupTemplate]:
    """Several at once, by id; those that do not exist are left out, and those that
    the project may not see."""
    return resources.by_ids(db, _ROW, ids, project_id)


def page(
    db: session.Database, project_id: str | None, query: model.Query
) -> model.Page[model.NodeGroupTemplate]:
    """See ``paging.page``."""
    return paging.page(db, _ROW, project_id, query)


def update(db: session.Database, id: str, **changes: Any) -> model.NodeGroupTemplate:
    """Raises ``exceptions.NotFound``, or ``DuplicateEntry`` for a taken name."""
    changed: model.NodeGroupTemplate = resources.update(db, _ROW, id, changes)
    return changed


def delete(db: session.Database, id: str) -> None:
    """Raises ``exceptions.NotFound``, or ``InvalidReference`` while it is in use."""
    resources.delete(db, _ROW, id, exceptions.InvalidReference)
