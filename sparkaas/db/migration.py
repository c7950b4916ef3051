# SPDX-License-Identifier: Apache-2.0
"""The schema's versions, kept by alembic."""

from __future__ import annotations

import contextlib
import pathlib
import threading
from collections.abc import Iterator

import sqlalchemy as sa
from alembic import command
from alembic import config
from alembic.runtime import migration
from alembic.script import base
from oslo_db import exception

from sparkaas import exceptions
from sparkaas.db import session

#: alembic's operations act on one module-wide context.
_ONE = threading.Lock()
_LOCK_NAME = "sparkaas_upgrade"
_LOCK_NUMBER = 0x5BA2_4AA5
_LOCK_SECONDS = 600


def _config() -> config.Config:
    made = config.Config()
    directory = pathlib.Path(__file__).with_name("alembic")
    made.set_main_option("script_location", str(directory).replace("%", "%%"))
    made.set_main_option("path_separator", "os")
    return made


def _scripts() -> base.ScriptDirectory:
    return base.ScriptDirectory.from_config(_config())


@contextlib.contextmanager
def _reachable() -> Iterator[None]:
    """A database that cannot be used, as a sentence for an operator."""
    try:
        yield
    except (exception.DBError, exceptions.DatabaseAway) as error:
        # The driver's own words; they name user and host, never the password.
        known = error if isinstance(error, exception.DBError) else error.__cause__
        cause = getattr(known, "inner_exception", None) or known
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
    with _ONE, db.writer() as transaction:
        connection = transaction.connection()
        made.attributes["connection"] = connection
        with _alone(connection):
            command.upgrade(made, "head")


@contextlib.contextmanager
def _alone(connection: sa.Connection) -> Iterator[None]:
    """Hold off other hosts' upgrades. SQLite's write lock does so already."""
    dialect = connection.dialect.name
    if dialect == "postgresql":
        # until the end of the transaction
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK_NUMBER)))
    if dialect != "mysql":
        yield
        return
    got = connection.scalar(sa.select(sa.func.get_lock(_LOCK_NAME, _LOCK_SECONDS)))
    if got != 1:
        raise TimeoutError("another upgrade of the database does not end")
    try:
        yield
    finally:
        connection.execute(sa.select(sa.func.release_lock(_LOCK_NAME)))


@_reachable()
def version(db: session.Database) -> str | None:
    """The schema's version; None in an empty database."""
    with db.reader() as transaction:
        context = migration.MigrationContext.configure(transaction.connection())
        return context.get_current_revision()


def need(db: session.Database) -> None:
    """Raise ``exceptions.Permanent`` unless the schema is this release's, or a newer
    one's, which older services can still use while they are being upgraded."""
    have = version(db)
    known = {one.revision for one in _scripts().walk_revisions()}
    if have is None or (have in known and have != head()):
        raise exceptions.Permanent(
            f"The database's schema is at {have or 'nothing'}, this release needs "
            f"{head()}.",
            hint="Run: sparkaas-manage db sync",
        )


def head() -> str:
    """The version that this service needs."""
    found = _scripts().get_current_head()
    if found is None:
        raise LookupError("the service's package has no migrations")
    return found
