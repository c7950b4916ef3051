# SPDX-License-Identifier: Apache-2.0
"""Jobs."""

from __future__ import annotations

import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import orm

from sparkaas import model
from sparkaas import states
from sparkaas.db import types
from sparkaas.db.models import base


class Job(base.Work):
    __tablename__ = "jobs"
    __table_args__ = (
        sa.UniqueConstraint("project_id", "idempotency_key"),
        sa.Index(None, "next_run_at", "id"),
        sa.Index(None, "project_id"),
        base.MYSQL,
    )
    RECORD = model.Job

    job_template_id: orm.Mapped[str] = orm.mapped_column(
        base.reference("job_templates.id"), index=True
    )
    type: orm.Mapped[str]
    target: orm.Mapped[states.JobTarget] = orm.mapped_column(
        types.Word(states.JobTarget)
    )
    cluster_id: orm.Mapped[str | None] = orm.mapped_column(
        base.reference("clusters.id", "SET NULL"), index=True
    )
    input_id: orm.Mapped[str | None] = orm.mapped_column(
        base.reference("data_sources.id"), index=True
    )
    output_id: orm.Mapped[str | None] = orm.mapped_column(
        base.reference("data_sources.id"), index=True
    )
    job_configs: orm.Mapped[dict[str, Any]] = orm.mapped_column(types.Json)
    secret_ref: orm.Mapped[str | None]
    outcome: orm.Mapped[states.JobStatus | None] = orm.mapped_column(
        types.Word(states.JobStatus)
    )
    engine_job_id: orm.Mapped[str | None]
    return_code: orm.Mapped[str | None]
    start_time: orm.Mapped[datetime.datetime | None]
    end_time: orm.Mapped[datetime.datetime | None]
    data_source_urls: orm.Mapped[dict[str, str] | None] = orm.mapped_column(types.Json)
    progress: orm.Mapped[model.Progress | None] = orm.mapped_column(
        types.Structure(model.Progress)
    )
