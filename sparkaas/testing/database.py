# SPDX-License-Identifier: Apache-2.0
"""SQLite databases for tests: fresh ones quickly, and one that crashes."""

from __future__ import annotations

import contextlib
import pathlib
import shutil
import tempfile
import threading
from collections.abc import Iterator
from typing import Any

from sparkaas.db import migration
from sparkaas.db import session
from sparkaas.testing import crash

_FILE = "sparkaas.sqlite"


class CrashingDatabase(session.Database):
    """Calls its point before and after each commit."""

    def __init__(self, url: str, point: crash.Point) -> None:
        super().__init__(url, sqlite_synchronous=False)
        self._point = point

    @contextlib.contextmanager
    def writer(self) -> Iterator[Any]:
        with super().writer() as session_:
            yield session_
            self._point("before commit")
        self._point("after commit")


class _Template:
    """An empty database of the newest schema, made once and copied."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._directory: tempfile.TemporaryDirectory[str] | None = None

    def copy(self, to: pathlib.Path) -> None:
        with self._lock:
            if self._directory is None:
                self._directory = tempfile.TemporaryDirectory(prefix="sparkaas-")
                path = pathlib.Path(self._directory.name) / _FILE
                made = session.Database(f"sqlite:///{path}")
                migration.upgrade(made)
                made.dispose()
            shutil.copyfile(pathlib.Path(self._directory.name) / _FILE, to)


_template = _Template()


def fresh(
    directory: pathlib.Path, point: crash.Point | None = None
) -> session.Database:
    """A migrated SQLite database in ``directory``."""
    _template.copy(directory / _FILE)
    return reopen(directory, point)


def reopen(
    directory: pathlib.Path, point: crash.Point | None = None
) -> session.Database:
    """The database that ``fresh`` made there."""
    url = f"sqlite:///{directory / _FILE}"
    if point is None:
        return session.Database(url, sqlite_synchronous=False)
    return CrashingDatabase(url, point)
