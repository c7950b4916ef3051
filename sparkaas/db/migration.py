# SPDX-License-Identifier: Apache-2.0
"""The schema's versions, kept by alembic."""

from __future__ import annotations

import contextlib
import pathlib
from collections.abc import Iterator

from alembic import command
from alembic import config
from alembic.runtime import migration
from alembic.script import base
from oslo_db import exception

from sparkaas import exceptions
from sparkaas.db import session


def _config() -> config.Config:
    made = config.Config()
    directory = pathlib.Path(__file__).with_name("alembic")
    made.set_main_option("script_location", str(directory).replace("%", "%%"))
    made.set_main_option("path_separator", "os")
    return made


@contextlib.contextmanager
def _reachable() -> Iterator[None]:
    """A database that cannot be used, as a sentence for an operator."""
    try:
        yield
    except exception.DBError as error:
        # The driver's own words; they name user and host, never the password.
        cause = getattr(error, "inner_exception", None) or error
        words = " ".join(str(getattr(cause, "orig", None) or cause).split())
        raise exceptions.Permanent(
            f"The database cannot be used: {words}.",
            hint="Check [database] connection.",
        ) from error


@_reachable()
def upgrade(db: session.Database) -> None:
    """Bring the schema to this version of the service; nothing to do is fine, and so
    is another process that does it too. Raises ``exceptions.Permanent`` for a
    database out of reach, as ``version`` does."""
    if version(db) == head():
        return
    made = _config()
    with db.writer() as transaction:
        made.attributes["connection"] = transaction.connection()
        command.upgrade(made, "head")


@_reachable()
def version(db: session.Database) -> str | None:
    """The schema's version; None in an empty database."""
    with db.reader() as transaction:
        context = migration.MigrationContext.configure(transaction.connection())
        return context.get_current_revision()


def head() -> str:
    """The version that this service needs."""
    found = base.ScriptDirectory.from_config(_config()).get_current_head()
    if found is None:
        raise LookupError("the service's package has no migrations")
    return found
