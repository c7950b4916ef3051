# SPDX-License-Identifier: Apache-2.0
"""Job templates."""

from __future__ import annotations

from sqlalchemy import orm

from sparkaas import model
from sparkaas.db.models import base


class JobTemplateBinary(base.Base):
    """That a job template uses a binary, as a main or as a library."""

    __tablename__ = "job_template_binaries"
    __table_args__ = base.MYSQL

    job_template_id: orm.Mapped[str] = orm.mapped_column(
        base.reference("job_templates.id", "CASCADE"), primary_key=True
    )
    is_main: orm.Mapped[bool] = orm.mapped_column(primary_key=True)
    position: orm.Mapped[int] = orm.mapped_column(primary_key=True)
    job_binary_id: orm.Mapped[str] = orm.mapped_column(
        base.reference("job_binaries.id"), index=True
    )


class JobTemplateArgument(base.Child):
    __tablename__ = "job_template_arguments"
    RECORD = model.Argument

    job_template_id: orm.Mapped[str] = orm.mapped_column(
        base.reference("job_templates.id", "CASCADE"), index=True
    )
    name: orm.Mapped[str]
    mapping_type: orm.Mapped[str]
    location: orm.Mapped[str]
    required: orm.Mapped[bool]
    value_type: orm.Mapped[str]
    default: orm.Mapped[str | None] = orm.mapped_column(base.TEXT)
    description: orm.Mapped[str | None] = orm.mapped_column(base.TEXT)
    order: orm.Mapped[int]


class JobTemplate(base.Resource):
    __tablename__ = "job_templates"
    __table_args__ = base.named()
    RECORD = model.JobTemplate

    type: orm.Mapped[str]
    binaries: orm.Mapped[list[JobTemplateBinary]] = orm.relationship(
        order_by=JobTemplateBinary.position,
        cascade="all, delete-orphan",
        passive_deletes=True,
        lazy="raise",
    )
    interface: orm.Mapped[list[JobTemplateArgument]] = orm.relationship(
        order_by=JobTemplateArgument.position,
        cascade="all, delete-orphan",
        passive_deletes=True,
        lazy="raise",
    )

    def _of(self, is_main: bool) -> tuple[str, ...]:
        kept = (one for one in self.binaries if one.is_main is is_main)
        return tuple(one.job_binary_id for one in kept)

    def _put(self, is_main: bool, ids: tuple[str, ...]) -> None:
        others = [one for one in self.binaries if one.is_main is not is_main]
        new = [
            JobTemplateBinary(is_main=is_main, position=position, job_binary_id=id)
            for position, id in enumerate(ids)
        ]
        self.binaries = others + new

    @property
    def mains(self) -> tuple[str, ...]:
        return self._of(True)

    @mains.setter
    def mains(self, ids: tuple[str, ...]) -> None:
        self._put(True, ids)

    @property
    def libs(self) -> tuple[str, ...]:
        return self._of(False)

    @libs.setter
    def libs(self, ids: tuple[str, ...]) -> None:
        self._put(False, ids)
