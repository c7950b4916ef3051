# SPDX-License-Identifier: Apache-2.0
"""What the tables have in common."""

from __future__ import annotations

import datetime
from typing import Any
from typing import ClassVar

import sqlalchemy as sa
from sqlalchemy import orm

from sparkaas import model
from sparkaas.db import types

ID = sa.String(36)
PROJECT = sa.String(64)
TEXT = types.LONG_TEXT


class Base(orm.DeclarativeBase):
    """Names compare byte by byte on every database, so on MySQL too."""

    metadata = sa.MetaData(
        naming_convention={
            "pk": "pk_%(table_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        }
    )
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        datetime.datetime: types.UtcDateTime,
        str: sa.String(255),
    }
    #: The record that a row stands for.
    RECORD: ClassVar[type[Any]]


MYSQL = {
    "mysql_engine": "InnoDB",
    "mysql_charset": "utf8mb4",
    "mysql_collate": "utf8mb4_bin",
}


def reference(column: str, ondelete: str = "RESTRICT") -> sa.ForeignKey:
    """A foreign key that keeps what others refer to, or takes them along."""
    return sa.ForeignKey(column, ondelete=ondelete)


class Row(Base):
    """What every table that holds records has."""

    __abstract__ = True
    __table_args__: Any = MYSQL

    id: orm.Mapped[str] = orm.mapped_column(ID, primary_key=True)
    created_at: orm.Mapped[datetime.datetime | None]
    updated_at: orm.Mapped[datetime.datetime | None]


class Resource(Row):
    """``model.Resource``."""

    __abstract__ = True

    project_id: orm.Mapped[str] = orm.mapped_column(PROJECT)
    name: orm.Mapped[str]
    description: orm.Mapped[str | None] = orm.mapped_column(TEXT)
    is_public: orm.Mapped[bool]
    is_protected: orm.Mapped[bool]


def named(*more: sa.Constraint | sa.Index) -> tuple[Any, ...]:
    """Table arguments: a project has each name once."""
    return (sa.UniqueConstraint("project_id", "name"), *more, MYSQL)


class Child(Row):
    """A row of a parent's ordered list."""

    __abstract__ = True

    position: orm.Mapped[int]


class Work(Resource):
    """``model.Work``, and the lease on it, which no record shows."""

    __abstract__ = True

    generation: orm.Mapped[int]
    observed_generation: orm.Mapped[int]
    step: orm.Mapped[str | None]
    step_started_at: orm.Mapped[datetime.datetime | None]
    attempts: orm.Mapped[int]
    checkpoint: orm.Mapped[dict[str, Any]] = orm.mapped_column(types.Json)
    reason: orm.Mapped[model.Reason | None] = orm.mapped_column(
        types.Structure(model.Reason)
    )
    waiting_for: orm.Mapped[str] = orm.mapped_column(TEXT)
    next_run_at: orm.Mapped[datetime.datetime | None]
    user_id: orm.Mapped[str]
    idempotency_key: orm.Mapped[str | None]

    lease_owner: orm.Mapped[str | None]
    lease_epoch: orm.Mapped[int] = orm.mapped_column(default=0)
    lease_expires_at: orm.Mapped[datetime.datetime | None]
