# SPDX-License-Identifier: Apache-2.0
"""Notifications that wait to be sent."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy import orm

from sparkaas.db import types
from sparkaas.db.models import base


class Notification(base.Base):
    """``model.Notice``, in the order in which they came. The conductor ``owner`` sends
    it; after ``due_at`` another one may."""

    __tablename__ = "notifications"
    __table_args__ = (
        sa.Index(None, "owner", "id"),
        sa.Index(None, "due_at"),
        base.MYSQL,
    )

    id: orm.Mapped[int] = orm.mapped_column(
        sa.BigInteger().with_variant(sa.Integer(), "sqlite"), primary_key=True
    )
    owner: orm.Mapped[str]
    due_at: orm.Mapped[datetime.datetime]
    event_type: orm.Mapped[str]
    failure: orm.Mapped[bool]
    payload: orm.Mapped[Mapping[str, Any]] = orm.mapped_column(types.Json)
