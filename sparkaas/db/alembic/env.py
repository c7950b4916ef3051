# SPDX-License-Identifier: Apache-2.0
"""Run by alembic, on the connection that ``db.migration`` gives it."""

from __future__ import annotations

from alembic import context

from sparkaas.db import models

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=models.Base.metadata,
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
