# SPDX-License-Identifier: Apache-2.0
"""What is no resource: secrets, and projects' settings of plugins."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy import orm

from sparkaas.db.models import base


class Secret(base.Base):
    """An encrypted value. The id is its reference."""

    __tablename__ = "secrets"
    __table_args__ = base.MYSQL

    id: orm.Mapped[str] = orm.mapped_column(base.ID, primary_key=True)
    project_id: orm.Mapped[str] = orm.mapped_column(base.PROJECT)
    ciphertext: orm.Mapped[str] = orm.mapped_column(base.TEXT)


class PluginLabel(base.Base):
    """A project's own setting of a label; ``version`` is empty for the plugin's."""

    __tablename__ = "plugin_labels"
    __table_args__ = base.MYSQL

    project_id: orm.Mapped[str] = orm.mapped_column(base.PROJECT, primary_key=True)
    plugin_name: orm.Mapped[str] = orm.mapped_column(sa.String(80), primary_key=True)
    version: orm.Mapped[str] = orm.mapped_column(sa.String(80), primary_key=True)
    label: orm.Mapped[str] = orm.mapped_column(sa.String(80), primary_key=True)
    status: orm.Mapped[bool]
