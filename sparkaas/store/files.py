# SPDX-License-Identifier: Apache-2.0
"""Objects as files below one directory, which only the service's user can read.

In production all hosts of the service see the same directory.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import hashlib
import os
import pathlib
import shutil
import stat
import time
import uuid
from collections.abc import Iterable
from collections.abc import Iterator

from sparkaas import exceptions
from sparkaas.store import keys

_CHUNK = 1024 * 1024
#: Where objects are while they come in; no key can name it.
_INCOMING = "+incoming"
#: An unfinished object of this age (seconds) is a killed process's.
_STALE = 24 * 3600
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


class FileStore:
    """``interfaces.Store``. The directory (0700) is made when it is first needed."""

    def __init__(self, directory: str | os.PathLike[str]) -> None:
        self._directory = pathlib.Path(directory)

    def create(self, key: str, chunks: Iterable[bytes], limit: int) -> tuple[int, str]:
        """Write it aside, then move it to its place: a reader sees all or nothing."""
        path = self._path(key)
        with self._failures():
            incoming = self._directory / _INCOMING
            self._make(incoming)
            self._forget_stale(incoming)
            aside = incoming / uuid.uuid4().hex
        try:
            result = self._fill(aside, chunks, limit)
            with self._failures():
                self._make(path.parent)
                aside.replace(path)
                _sync_directory(path.parent)
        finally:
            with self._failures():
                aside.unlink(missing_ok=True)
        return result

    def append(self, key: str, offset: int, data: bytes) -> int:
        """Raises ValueError for an ``offset`` past the end."""
        path = self._path(key)
        with self._failures():
            self._make(path.parent)
            with _opened(path, os.O_RDWR | os.O_CREAT) as file:
                # two hosts may hold the same bytes when a lease went over
                fcntl.flock(file, fcntl.LOCK_EX)
                size = os.fstat(file).st_size
                if not 0 <= offset <= size:
                    raise ValueError(f"{key} ends at {size}: nothing goes at {offset}")
                new = data[size - offset :]
                if new:
                    _write_at(file, size, new)
                    os.fdatasync(file)
                return size + len(new)

    def size(self, key: str) -> int:
        """In bytes."""
        path = self._path(key)
        with self._failures():
            try:
                found = path.lstat()
            except (FileNotFoundError, NotADirectoryError):
                return 0
            return found.st_size if stat.S_ISREG(found.st_mode) else 0

    def read(self, key: str, offset: int, limit: int) -> bytes:
        """One read; less than ``limit`` only at the end."""
        path = self._path(key)
        if offset < 0 or limit < 0:
            raise ValueError("offset and limit are not negative")
        with self._failures():
            try:
                with _opened(path, os.O_RDONLY) as file:
                    return os.pread(file, limit, offset)
            except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
                return b""

    def open(self, key: str) -> Iterator[bytes]:
        """In chunks of 1 MiB."""
        path = self._path(key)
        with self._failures():
            if not path.is_file():
                raise _missing(key)
        return self._chunks(key, path)

    def delete(self, prefix: str) -> None:
        """The file, or the directory with all below it."""
        path = self._path(prefix)
        with self._failures():
            try:
                path.unlink(missing_ok=True)
            except NotADirectoryError:
                return
            except (IsADirectoryError, PermissionError):
                # what unlink says of a directory differs between systems
                if not path.is_dir():
                    raise
                shutil.rmtree(path)

    def _chunks(self, key: str, path: pathlib.Path) -> Iterator[bytes]:
        with self._failures():
            try:
                with _opened(path, os.O_RDONLY) as file:
                    while chunk := os.read(file, _CHUNK):
                        yield chunk
            except FileNotFoundError as error:
                raise _missing(key) from error

    def _fill(
        self, path: pathlib.Path, chunks: Iterable[bytes], limit: int
    ) -> tuple[int, str]:
        """Write a new file to the disk itself; its size and SHA-256."""
        digest = hashlib.sha256()
        size = 0
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
        with self._failures():
            file = os.open(path, flags | os.O_CLOEXEC, 0o600)
        try:
            # what the chunks' source raises is none of our failures
            for chunk in chunks:
                if size + len(chunk) > limit:
                    raise exceptions.DataTooBig(
                        f"the data is larger than the {limit} bytes allowed"
                    )
                with self._failures():
                    _write_at(file, size, chunk)
                digest.update(chunk)
                size += len(chunk)
            with self._failures():
                os.fsync(file)
        finally:
            os.close(file)
        return size, digest.hexdigest()

    def _path(self, key: str) -> pathlib.Path:
        return self._directory.joinpath(*keys.segments(key))

    def _make(self, directory: pathlib.Path) -> None:
        """Make it and those above it, 0700."""
        if directory.is_dir():
            return
        if directory != self._directory:
            self._make(directory.parent)
            directory.mkdir(mode=0o700, exist_ok=True)
        else:
            directory.mkdir(mode=0o700, parents=True, exist_ok=True)

    def _forget_stale(self, incoming: pathlib.Path) -> None:
        oldest = time.time() - _STALE
        for path in incoming.iterdir():
            with contextlib.suppress(FileNotFoundError):
                if path.stat().st_mtime < oldest:
                    path.unlink()

    @contextlib.contextmanager
    def _failures(self) -> Iterator[None]:
        """Say in our words what the system refuses."""
        try:
            yield
        except OSError as error:
            if error.errno in _FULL:
                raise exceptions.Permanent(
                    f"There is no room left in {self._directory}.",
                    code="STORE_FULL",
                    hint="Make room on that file system, or delete jobs and job "
                    "binaries that are not needed, and try again.",
                ) from error
            raise exceptions.Permanent(
                f"the store cannot be used: {error.strerror}",
                code="STORE_FAILED",
                hint=f"Check that the service may write to {self._directory}.",
            ) from error


def _missing(key: str) -> exceptions.NotFound:
    return exceptions.NotFound(f"there is no stored object '{key}'")


@contextlib.contextmanager
def _opened(path: pathlib.Path, flags: int) -> Iterator[int]:
    descriptor = os.open(path, flags | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _write_at(file: int, offset: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        written = os.pwrite(file, view, offset)
        offset += written
        view = view[written:]


def _sync_directory(directory: pathlib.Path) -> None:
    """So that the name survives a loss of power too."""
    with _opened(directory, os.O_RDONLY | os.O_DIRECTORY) as file:
        os.fsync(file)
