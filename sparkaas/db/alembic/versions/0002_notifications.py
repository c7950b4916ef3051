# SPDX-License-Identifier: Apache-2.0
"""Notifications that wait to be sent."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

revision = "0002"
down_revision = "0001"

_TEXT = sa.Text().with_variant(mysql.LONGTEXT(), "mysql", "mariadb")
_TIME = sa.DateTime().with_variant(mysql.DATETIME(fsp=6), "mysql", "mariadb")
_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """A new table, which older services do not look at."""
    op.create_table(
        "notifications",
        sa.Column("id", _NUMBER, nullable=False, autoincrement=True),
        sa.Column("owner", sa.String(255), nullable=False),
        sa.Column("due_at", _TIME, nullable=False),
        sa.Column("event_type", sa.String(255), nullable=False),
        sa.Column("failure", sa.Boolean(), nullable=False),
        sa.Column("payload", _TEXT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_notifications"),
        mysql_engine="InnoDB",
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
    )
    op.create_index(
        "ix_notifications_owner_id", "notifications", ["owner", "id"], unique=False
    )
    op.create_index(
        "ix_notifications_due_at", "notifications", ["due_at"], unique=False
    )
