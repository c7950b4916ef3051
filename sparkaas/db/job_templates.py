# SPDX-License-Identifier: Apache-2.0
"""Job templates, with their binaries and interface."""

from __future__ import annotations

from typing import Any

from sparkaas import exceptions
from sparkaas import model
from sparkaas.db import models
from sparkaas.db import paging
from sparkaas.db import resources
from sparkaas.db import session

_ROW = models.JobTemplate


def create(db: session.Database, record: model.JobTemplate) -> model.JobTemplate:
    """Raises ``exceptions.DuplicateEntry`` for a taken name, and
    ``InvalidReference`` when something that it refers to is gone."""
    created: model.JobTemplate = resources.create(
        db, _ROW, record, exceptions.DuplicateEntry
    )
    return created


def get(
    db: session.Database, id: str, project_id: str | None = None
) -> model.JobTemplate:
    """Raises ``exceptions.NotFound``."""
    found: model.JobTemplate = resources.get(db, _ROW, id, project_id)
    return found


def page(
    db: session.Database, project_id: str | None, query: model.Query
) -> model.Page[model.JobTemplate]:
    """See ``paging.page``."""
    return paging.page(db, _ROW, project_id, query)


def update(db: session.Database, id: str, **changes: Any) -> model.JobTemplate:
    """Raises ``exceptions.NotFound``, or ``DuplicateEntry`` for a taken name."""
    changed: model.JobTemplate = resources.update(db, _ROW, id, changes)
    return changed


def delete(db: session.Database, id: str) -> None:
    """Raises ``exceptions.NotFound``, or ``DeletionFailed`` while it is in use."""
    resources.delete(db, _ROW, id, exceptions.DeletionFailed)


def using_binary(db: session.Database, job_binary_id: str) -> bool:
    """Whether a job template has the binary among its mains or libs."""
    return resources.exists(db, models.JobTemplateBinary.job_binary_id == job_binary_id)
