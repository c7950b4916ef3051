# SPDX-License-Identifier: Apache-2.0
"""What the service knows of the bytes that it keeps itself (see ``store``)."""

from __future__ import annotations

from typing import Any

from sparkaas import exceptions
from sparkaas import model
from sparkaas.db import models
from sparkaas.db import paging
from sparkaas.db import resources
from sparkaas.db import session

_ROW = models.JobBinaryInternal


def create(
    db: session.Database, record: model.JobBinaryInternal
) -> model.JobBinaryInternal:
    """Raises ``exceptions.DuplicateEntry`` for a taken name, and
    ``InvalidReference`` when something that it refers to is gone."""
    created: model.JobBinaryInternal = resources.create(
        db, _ROW, record, exceptions.DuplicateEntry
    )
    return created


def get(
    db: session.Database, id: str, project_id: str | None = None
) -> model.JobBinaryInternal:
    """Raises ``exceptions.NotFound``."""
    found: model.JobBinaryInternal = resources.get(db, _ROW, id, project_id)
    return found


def page(
    db: session.Database, project_id: str | None, query: model.Query
) -> model.Page[model.JobBinaryInternal]:
    """See ``paging.page``."""
    return paging.page(db, _ROW, project_id, query)


def update(db: session.Database, id: str, **changes: Any) -> model.JobBinaryInternal:
    """Raises ``exceptions.NotFound``, or ``DuplicateEntry`` for a taken name."""
    changed: model.JobBinaryInternal = resources.update(db, _ROW, id, changes)
    return changed


def delete(db: session.Database, id: str) -> None:
    """Raises ``exceptions.NotFound``, or ``DeletionFailed`` while it is in use."""
    resources.delete(db, _ROW, id, exceptions.DeletionFailed)
