# SPDX-License-Identifier: Apache-2.0
"""Data sources."""

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

_ROW = models.DataSource


def create(db: session.Database, record: model.DataSource) -> model.DataSource:
    """Raises ``exceptions.NameAlreadyExists`` for a taken name, and
    ``InvalidReference`` when something that it refers to is gone."""
    created: model.DataSource = resources.create(
        db, _ROW, record, exceptions.NameAlreadyExists
    )
    return created


def get(
    db: session.Database, id: str, project_id: str | None = None
) -> model.DataSource:
    """Raises ``exceptions.NotFound``."""
    found: model.DataSource = resources.get(db, _ROW, id, project_id)
    return found


def page(
    db: session.Database, project_id: str | None, query: model.Query
) -> model.Page[model.DataSource]:
    """See ``paging.page``."""
    return paging.page(db, _ROW, project_id, query)


def update(db: session.Database, id: str, **changes: Any) -> model.DataSource:
    """Raises ``exceptions.NotFound``, or ``DuplicateEntry`` for a taken name."""
    changed: model.DataSource = resources.update(db, _ROW, id, changes)
    return changed


def delete(db: session.Database, id: str) -> None:
    """Raises ``exceptions.NotFound``, or ``DeletionFailed`` while it is in use."""
    resources.delete(db, _ROW, id, exceptions.DeletionFailed)


def by_ids(
    db: session.Database, ids: Collection[str]
) -> Mapping[str, model.DataSource]:
    """Several at once, by id; those that do not exist are left out."""
    return resources.by_ids(db, _ROW, ids)
