# SPDX-License-Identifier: Apache-2.0
"""Transactions on one database, through oslo.db's enginefacade.

Isolation is READ COMMITTED on the servers (PostgreSQL's own default; MySQL's
REPEATABLE READ would show a worker that lost a race the row as it was before).
SQLite runs in WAL mode; a writer takes the write lock when it begins, so that
two never wait for each other.
"""

from __future__ import annotations

import contextlib
import functools
import pathlib
import shutil
import sqlite3
import tempfile
import threading
from collections.abc import Callable
from collections.abc import Iterator
from typing import Any
from typing import ParamSpec
from typing import TypeVar
from typing import cast

import sqlalchemy as sa
from oslo_config import cfg
from oslo_db import api
from oslo_db import exception
from oslo_db import options
from oslo_db.sqlalchemy import enginefacade
from sqlalchemy import orm

from sparkaas import exceptions
from sparkaas.conf import service
from sparkaas.db import kept

P = ParamSpec("P")
T = TypeVar("T")

#: How long a writer waits for SQLite's write lock, seconds.
_LOCK_SECONDS = 30
_WRITES = "sparkaas_writes"
#: SQLite cannot enlarge its files with less room than this, bytes: an I/O error
#: then is a full disk.
_LEAST_ROOM = 256 * 1024
#: What enginefacade takes from the configuration. All of it is passed on, since
#: it would look in the global configuration for the rest.
_FACADE_OPTIONS = (
    "sqlite_synchronous",
    "slave_connection",
    "synchronous_reader",
    "mysql_sql_mode",
    "mysql_wsrep_sync_wait",
    "connection_recycle_time",
    "connection_debug",
    "connection_trace",
    "connection_parameters",
    "max_pool_size",
    "max_overflow",
    "max_retries",
    "retry_interval",
    "pool_timeout",
)
_DEFAULTS: dict[str, Any] = {
    option.dest: option.default
    for option in options.database_opts
    if option.dest in _FACADE_OPTIONS
}


@enginefacade.transaction_context_provider
class _Context:
    """What enginefacade hangs a transaction on: one for each."""


class Database:
    """One database. May be shared by threads; each transaction has its own session.

    ``sqlite://`` (in memory) becomes a file in a directory that ``dispose`` removes:
    a memory database has one connection, on which threads would share their
    transactions. ``engine_options`` are oslo.db's, by their names in [database].
    """

    def __init__(self, url: str, **engine_options: Any) -> None:
        parsed = sa.make_url(url)
        self._directory: tempfile.TemporaryDirectory[str] | None = None
        self._sqlite = parsed.get_backend_name() == "sqlite"
        if self._sqlite and parsed.database in (None, "", ":memory:"):
            self._directory = tempfile.TemporaryDirectory(prefix="sparkaas-db-")
            parsed = parsed.set(database=f"{self._directory.name}/db.sqlite")
            engine_options.setdefault("sqlite_synchronous", False)
        self._file = pathlib.Path(parsed.database or "") if self._sqlite else None
        if parsed.get_backend_name() == "mysql" and "charset" not in parsed.query:
            # oslo.db's default has no room for characters outside the BMP
            parsed = parsed.update_query_dict({"charset": "utf8mb4"})
        settings = {**_DEFAULTS, **engine_options}
        self._synchronous = settings["sqlite_synchronous"]
        self._facade = enginefacade.transaction_context()
        self._facade.configure(
            connection=parsed.render_as_string(hide_password=False),
            sqlite_fk=True,
            thread_checkin=False,
            **settings,
        )
        self._facade.append_on_engine_create(self._tune)
        self._write_lock = threading.RLock()
        self._kept = kept.Connections()

    @property
    def engine(self) -> sa.Engine:
        """For migrations and tests; queries go through ``reader`` and ``writer``."""
        engine: sa.Engine = self._facade.writer.get_engine()
        return engine

    @contextlib.contextmanager
    def reader(self) -> Iterator[orm.Session]:
        """A transaction that only reads."""
        with self._failures(), self._facade.reader.using(_Context()) as session:
            yield session

    @contextlib.contextmanager
    def writer(self) -> Iterator[orm.Session]:
        """A transaction that is committed at the end, rolled back by an exception."""
        with (
            self._failures(),
            self._writing(),
            self._facade.writer.using(_Context()) as session,
        ):
            session.connection(execution_options={_WRITES: True})
            yield session

    def dispose(self) -> None:
        """Close all connections."""
        self._kept.dispose()
        self._facade.dispose_pool()
        if self._directory is not None:
            self._directory.cleanup()

    @contextlib.contextmanager
    def _failures(self) -> Iterator[None]:
        """Say in our words that the server is away, or SQLite's disk is full; both may
        pass soon."""
        try:
            yield
        except (exception.DBConnectionError, sa.exc.TimeoutError) as error:
            # The latter: every connection of the pool was in use for too long.
            raise exceptions.DatabaseAway from error
        except Exception as error:
            if self._file is None or not _is_full(error, self._file.parent):
                raise
            raise exceptions.Transient(
                f"The disk with the database {self._file} is full.",
                code="DISK_FULL",
                hint="Make room there and try again.",
            ) from error

    @contextlib.contextmanager
    def _writing(self) -> Iterator[None]:
        """Queue this process's SQLite writers: SQLite itself makes them sleep and
        look again, which takes longer and is not fair."""
        if not self._sqlite:
            yield
            return
        if not self._write_lock.acquire(timeout=_LOCK_SECONDS):
            raise TimeoutError("another thread holds the database's write lock")
        try:
            yield
        finally:
            self._write_lock.release()

    def _tune(self, engine: sa.Engine) -> None:
        if engine.dialect.name == "sqlite":
            self._kept.serve(engine)
            sa.event.listen(engine, "connect", self._sqlite_connected)
            sa.event.listen(engine, "set_connection_execution_options", _sqlite_begin)
        elif engine.dialect.name == "mysql":
            sa.event.listen(engine, "connect", _mysql_connected)

    def _sqlite_connected(self, connection: Any, record: Any) -> None:
        connection.execute(f"PRAGMA busy_timeout = {_LOCK_SECONDS * 1000}")
        connection.execute("PRAGMA journal_mode = WAL")
        if self._synchronous:
            # in WAL mode this survives a killed process; losing power may lose
            # the last transactions, never consistency
            connection.execute("PRAGMA synchronous = NORMAL")


def _is_full(error: BaseException | None, directory: pathlib.Path) -> bool:
    """Whether an error comes from SQLite that found no room in the directory."""
    while error is not None and not isinstance(error, sqlite3.Error):
        error = error.__cause__ or error.__context__
    if error is None:
        return False
    name: str = getattr(error, "sqlite_errorname", None) or ""
    if name == "SQLITE_FULL":
        return True
    suspect = name.startswith(("SQLITE_IOERR", "SQLITE_CANTOPEN"))
    if not suspect or not directory.is_dir():
        return False
    return shutil.disk_usage(directory).free < _LEAST_ROOM


def _sqlite_begin(connection: sa.Connection, options: dict[str, Any]) -> None:
    """Take the write lock. It happens right before SQLAlchemy begins, when oslo.db's
    listener would begin to read; that one sees the mark and does nothing."""
    if options.get(_WRITES):
        connection.connection.cursor().execute("BEGIN IMMEDIATE")
        connection.info["in_transaction"] = True


def _mysql_connected(connection: Any, record: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED")


def count(transaction: orm.Session, statement: sa.Update | sa.Delete) -> int:
    """Execute it; the number of rows that its condition matched."""
    result = transaction.execute(
        statement, execution_options={"synchronize_session": False}
    )
    return cast("sa.CursorResult[Any]", result).rowcount


def retried(function: Callable[P, T]) -> Callable[P, T]:
    """Run a function that is one transaction again when the server chose it to end
    a deadlock."""
    again = api.wrap_db_retry(
        max_retries=10,
        retry_interval=0.01,
        inc_retry_interval=True,
        max_retry_interval=1,
        retry_on_deadlock=True,
        jitter=True,
    )(function)

    @functools.wraps(function)
    def wrapper(*args: P.args, **kwargs: P.kwargs) -> T:
        result: T = again(*args, **kwargs)
        return result

    return wrapper


def _need_driver(url: str) -> None:
    # The URL holds a password, and is never repeated.
    hint = "It looks like postgresql+psycopg://user:password@host/sparkaas."
    try:
        dialect = sa.make_url(url).get_dialect()
    except (sa.exc.ArgumentError, ValueError) as error:
        raise exceptions.Permanent(
            "[database] connection is not the URL of a database that can be used.",
            hint=hint,
        ) from error
    try:
        dialect.import_dbapi()
    except ImportError as error:
        raise exceptions.Permanent(
            f"The driver of [database] connection is not installed: {error}.",
            hint="pip install 'sparkaas[mysql]' or 'sparkaas[postgresql]' brings one.",
        ) from error


def register(conf: cfg.ConfigOpts) -> None:
    """Let ``conf`` have the group [database]."""
    options.set_defaults(conf)


def connect(conf: cfg.ConfigOpts) -> Database:
    """The database that [database] names; by default one in the state directory.

    Nothing is opened before the first transaction. Raises ``exceptions.Permanent``
    for a URL that is none, or whose driver is not installed.
    """
    register(conf)
    url = conf.database.connection
    if not url:
        directory = service.state_path(conf)
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        url = str(sa.URL.create("sqlite", database=str(directory / "sparkaas.sqlite")))
    _need_driver(url)
    return Database(url, **{name: conf.database[name] for name in _FACADE_OPTIONS})
