# SPDX-License-Identifier: Apache-2.0
"""Spark's archive on this machine: a file, a URL, or the Python package ``pyspark``."""

from __future__ import annotations

import hashlib
import importlib.metadata
import importlib.util
import os
import pathlib
import re
import sys
import tempfile
import time

import requests

from sparkaas.image import running

_CHUNK = 1 << 20
#: Bytes of an archive, seconds of a download, seconds without a byte of it.
MOST = 4 << 30
SECONDS = 1800.0
_SILENCE = 60.0

_SHA256 = re.compile(r"[0-9a-f]{64}")
_VERSION = re.compile(r"[0-9][A-Za-z0-9.+-]{0,30}")


def spark(
    version: str, source: str, sha256: str, cache: pathlib.Path, log: running.Log
) -> pathlib.Path:
    """An archive of Spark. ``source`` is a file or a URL; without one it is made of
    the installed ``pyspark`` of that version, or pip fetches the source archive of it.
    Raises ``running.Failure``, also where the archive is not of that ``sha256``."""
    if not _VERSION.fullmatch(version):
        raise running.Failure(f"{version!r} is no version of Spark.")
    if sha256 and not _SHA256.fullmatch(sha256):
        raise running.Failure("A SHA-256 is 64 hexadecimal digits.")
    if source.startswith(("https://", "http://")):
        if not sha256:
            raise running.Failure("What comes from a URL needs --spark-sha256.")
        return _download(source, sha256, cache)
    if source:
        found = pathlib.Path(source)
        if not found.is_file():
            raise running.Failure(f"There is no file {found}.")
        return _checked(found, sha256)
    if not sha256 and (installed := _installed(version)):
        return _packed(installed, version, cache, log)
    return _by_pip(version, sha256, cache, log)


def digest(path: pathlib.Path) -> str:
    """A file's SHA-256 in hex."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _checked(path: pathlib.Path, sha256: str) -> pathlib.Path:
    if sha256 and digest(path) != sha256:
        raise running.Failure(f"{path} has not the SHA-256 that was given.")
    return path


def _download(url: str, sha256: str, cache: pathlib.Path) -> pathlib.Path:
    target = cache / f"{sha256}.archive"
    if target.is_file():
        return _checked(target, sha256)
    descriptor, name = tempfile.mkstemp(dir=cache, prefix=".archive-")
    made = hashlib.sha256()
    end = time.monotonic() + SECONDS
    try:
        with (
            open(descriptor, "wb") as out,
            requests.get(url, stream=True, timeout=_SILENCE) as answer,
        ):
            answer.raise_for_status()
            for chunk in answer.iter_content(_CHUNK):
                made.update(chunk)
                out.write(chunk)
                if out.tell() > MOST:
                    raise running.Failure(f"{url} is larger than {MOST} bytes.")
                if time.monotonic() > end:
                    raise running.Failure(f"{url} takes longer than {SECONDS:.0f} s.")
        if made.hexdigest() != sha256:
            raise running.Failure(f"{url} has not the SHA-256 that was given.")
        os.replace(name, target)
    except requests.RequestException as error:
        raise running.Failure(f"{url} cannot be fetched: {error}") from error
    finally:
        pathlib.Path(name).unlink(missing_ok=True)
    return target


def _installed(version: str) -> pathlib.Path | None:
    """The distribution inside an installed ``pyspark`` of just that version."""
    try:
        if importlib.metadata.version("pyspark") != version:
            return None
    except importlib.metadata.PackageNotFoundError:
        return None
    spec = importlib.util.find_spec("pyspark")
    for place in (spec.submodule_search_locations or ()) if spec else ():
        if (pathlib.Path(place) / "bin" / "spark-class").is_file():
            return pathlib.Path(place)
    return None


def _packed(
    home: pathlib.Path, version: str, cache: pathlib.Path, log: running.Log
) -> pathlib.Path:
    target = cache / f"pyspark-{version}-installed.tar"
    if target.is_file():
        return target
    descriptor, name = tempfile.mkstemp(dir=cache, prefix=".archive-")
    os.close(descriptor)
    try:
        words = ["--exclude=__pycache__", "-cf", name, "-C", str(home.parent)]
        log.run(["tar", *words, home.name], seconds=SECONDS)
        os.replace(name, target)
    finally:
        pathlib.Path(name).unlink(missing_ok=True)
    return target


def _by_pip(
    version: str, sha256: str, cache: pathlib.Path, log: running.Log
) -> pathlib.Path:
    """The source archive from the index that pip uses, which checks what it gets
    against the index, and against ``sha256`` when that is given."""
    target = cache / f"pyspark-{version}.tar.gz"
    if target.is_file():
        return _checked(target, sha256)
    with tempfile.TemporaryDirectory(dir=cache, prefix=".pip-") as scratch:
        wanted = pathlib.Path(scratch, "wanted.txt")
        hashes = f" --hash=sha256:{sha256}" if sha256 else ""
        wanted.write_text(f"pyspark=={version}{hashes}\n")
        pip = [sys.executable, "-m", "pip", "download", "-q", "--no-deps"]
        source = ["--no-binary", "pyspark", "-d", scratch]
        log.run(
            [*pip, *source, "-r", wanted],
            seconds=SECONDS,
            # Where the index is, and how it is reached, is the user's.
            environment=dict(os.environ),
        )
        (found,) = pathlib.Path(scratch).glob("pyspark-*.tar.gz")
        os.replace(found, target)
    return target
