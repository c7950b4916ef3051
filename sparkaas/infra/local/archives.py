# SPDX-License-Identifier: Apache-2.0
"""Fetches a package's archive, checks it, and unpacks it where nothing can escape."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import pathlib
import shutil
import tarfile
import tempfile
import threading
from collections.abc import Iterator

import requests

from sparkaas import exceptions
from sparkaas import manifest
from sparkaas.node import unpacking

#: Of an archive as it is fetched, and of all that comes out of it.
ARCHIVE_MOST = 4 * 1024**3
UNPACKED_MOST = 16 * 1024**3
MEMBERS_MOST = 500_000
#: Seconds without a byte after which a server counts as gone.
_SILENCE = 30.0
_CHUNK = 1024 * 1024


class Archives:
    """Unpacked packages below ``directory``, each named by its checksum.

    Fetching takes minutes, so it goes on in a thread of its own; ``find`` looks
    how far that is. A thread that dies with the service leaves only a
    temporary file, and the next ``find`` begins again.
    """

    def __init__(self, directory: pathlib.Path) -> None:
        self._directory = directory
        self._lock = threading.Lock()
        self._under_way: dict[str, _Fetch] = {}

    def find(self, package: manifest.Package) -> pathlib.Path | str:
        """Where the package is, or a sentence on what is still to be done. Raises
        ``exceptions.Transient`` or ``Permanent`` when fetching it failed."""
        key = f"{package.name}-{package.version}-{package.sha256[:16]}"
        if "/" in key or not package.sha256.isalnum():
            raise exceptions.Permanent(f"{key!r} cannot be the name of a package.")
        target = self._directory / key
        if target.is_dir():
            return target
        with self._lock:
            fetch = self._under_way.get(key)
            if fetch is None:
                fetch = self._under_way[key] = _Fetch(package, target)
                fetch.start()
            if fetch.is_alive():
                return (
                    f"{package.name} {package.version} is fetched: {fetch.progress()}"
                )
            del self._under_way[key]
        if fetch.error is not None:
            raise fetch.error
        return target


class _Fetch(threading.Thread):
    def __init__(self, package: manifest.Package, target: pathlib.Path) -> None:
        super().__init__(name=f"fetch-{package.name}", daemon=True)
        self.error: exceptions.SparkaasError | None = None
        self._package = package
        self._target = target
        self._done = 0
        self._size = 0

    def progress(self) -> str:
        if not self._size:
            return f"{self._done >> 20} MiB"
        if self._done >= self._size:
            return "unpacking"
        return f"{self._done >> 20} of {self._size >> 20} MiB"

    def run(self) -> None:
        try:
            self._fetch()
        except exceptions.SparkaasError as error:
            self.error = error
        except (OSError, tarfile.TarError, EOFError) as error:
            name = f"{self._package.name} {self._package.version}"
            if isinstance(error, requests.RequestException):
                self.error = exceptions.Transient(
                    f"{name} could not be fetched: {error}"
                )
            else:
                self.error = exceptions.Permanent(
                    f"{name} could not be unpacked: {error}", code="PACKAGE_BROKEN"
                )

    def _fetch(self) -> None:
        parent = self._target.parent
        parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with _only_one(parent / ".fetch.lock"):
            if self._target.is_dir():
                return
            _sweep(parent)
            with tempfile.TemporaryDirectory(dir=parent, prefix=".new-") as scratch:
                archive = pathlib.Path(scratch) / "archive"
                self._download(archive)
                unpack(archive, pathlib.Path(scratch) / "tree").rename(self._target)

    def _download(self, archive: pathlib.Path) -> None:
        digest = hashlib.sha256()
        with (
            requests.get(self._package.url, stream=True, timeout=_SILENCE) as answer,
            archive.open("wb") as stream,
        ):
            answer.raise_for_status()
            self._size = int(answer.headers.get("Content-Length", 0))
            for chunk in answer.iter_content(_CHUNK):
                self._done += len(chunk)
                if self._done > ARCHIVE_MOST:
                    raise exceptions.Permanent(
                        f"{self._package.url} is larger than {ARCHIVE_MOST} bytes.",
                        code="PACKAGE_BROKEN",
                    )
                digest.update(chunk)
                stream.write(chunk)
        if digest.hexdigest() != self._package.sha256.lower():
            raise exceptions.Permanent(
                f"{self._package.url} has not the checksum that was promised.",
                code="PACKAGE_BROKEN",
                hint="Compare the version's URL and sha256 with its publisher's.",
            )


@contextlib.contextmanager
def _only_one(path: pathlib.Path) -> Iterator[None]:
    """Among all processes and threads of this machine."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _sweep(directory: pathlib.Path) -> None:
    """Remove what a fetch that was killed left. Called under the lock."""
    for left in directory.glob(".new-*"):
        shutil.rmtree(left)


def unpack(
    archive: pathlib.Path, into: pathlib.Path, most: int = UNPACKED_MOST
) -> pathlib.Path:
    """Unpack a .tgz; return its single top directory. Raises ``tarfile.TarError`` or
    ``exceptions.Permanent`` for an archive that leads outside or has more than
    ``most`` bytes in it."""
    try:
        unpacking.unpack(archive, into, most, MEMBERS_MOST)
    except unpacking.Unsafe as error:
        raise exceptions.Permanent(str(error), code="PACKAGE_BROKEN") from error
    top = list(into.iterdir())
    if len(top) != 1 or not top[0].is_dir():
        raise exceptions.Permanent(
            "The archive has not exactly one top directory.", code="PACKAGE_BROKEN"
        )
    return top[0]
