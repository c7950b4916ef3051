# SPDX-License-Identifier: Apache-2.0
"""What jobs read, write and run."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy import orm

from sparkaas import model
from sparkaas.db.models import base


class DataSource(base.Resource):
    __tablename__ = "data_sources"
    __table_args__ = base.named()
    RECORD = model.DataSource

    type: orm.Mapped[str]
    url: orm.Mapped[str] = orm.mapped_column(base.TEXT)
    secret_ref: orm.Mapped[str | None]


class JobBinary(base.Resource):
    __tablename__ = "job_binaries"
    __table_args__ = base.named()
    RECORD = model.JobBinary

    url: orm.Mapped[str] = orm.mapped_column(base.TEXT)
    secret_ref: orm.Mapped[str | None]


class JobBinaryInternal(base.Resource):
    __tablename__ = "job_binary_internals"
    __table_args__ = base.named()
    RECORD = model.JobBinaryInternal

    datasize: orm.Mapped[int] = orm.mapped_column(sa.BigInteger)
    sha256: orm.Mapped[str | None] = orm.mapped_column(sa.String(64))
