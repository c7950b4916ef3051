# SPDX-License-Identifier: Apache-2.0
"""Files on their way to the service: read in pieces, named by their content."""

from __future__ import annotations

import hashlib
import os
import pathlib
import re
from collections.abc import Callable
from collections.abc import Iterator

from sparkaas.client import errors

PIECE_BYTES = 256 * 1024
#: The service's limit on names of job binaries and templates.
NAME_LENGTH = 50
#: Hexadecimal digits of the SHA-256 that go into a name.
DIGEST_LENGTH = 12


class FileBody:
    """A file's bytes, from the start each time it is iterated; length known.

    It can be sent twice (a token expired), which an open file cannot: that would
    send the rest, nothing, in silence.
    """

    def __init__(
        self,
        path: pathlib.Path,
        on_progress: Callable[[int, int], None] | None = None,
    ) -> None:
        self._path = path
        self._size = path.stat().st_size
        self._on_progress = on_progress

    def __len__(self) -> int:
        return self._size

    def __iter__(self) -> Iterator[bytes]:
        sent = 0
        with self._path.open("rb") as file:
            # Never more than was announced, should the file grow meanwhile.
            while piece := file.read(min(PIECE_BYTES, self._size - sent)):
                sent += len(piece)
                yield piece
                if self._on_progress:
                    self._on_progress(sent, self._size)
        if sent != self._size:
            raise errors.ClientError(
                f"{self._path} became shorter while it was uploaded.",
                hint="Upload it again when nothing writes to it.",
            )


def readable_file(path: str | os.PathLike[str]) -> pathlib.Path:
    """The path of a regular, readable file. Raises ``errors.UsageError``."""
    file = pathlib.Path(path)
    try:
        with file.open("rb"):
            pass
    except FileNotFoundError as error:
        raise errors.UsageError(
            f"There is no file {str(path)!r}.",
            hint=f"It was looked for on this machine, from {pathlib.Path.cwd()}.",
        ) from error
    except IsADirectoryError as error:
        raise errors.UsageError(
            f"{str(path)!r} is a directory.", hint="Give a file; zip a package first."
        ) from error
    except OSError as error:
        raise errors.UsageError(
            f"Cannot read {str(path)!r}: {error.strerror or error}."
        ) from error
    if not file.is_file():
        raise errors.UsageError(f"{str(path)!r} is not a regular file.")
    return file


def digest(path: pathlib.Path) -> str:
    """The file's SHA-256 in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def content_name(file_name: str, sha256: str) -> str:
    """A valid name made of a file's name and its content: ``app-0123456789ab.py``."""
    stem, suffix = os.path.splitext(file_name)
    suffix = re.sub(r"[^A-Za-z0-9._-]", "", suffix)[:12]
    mark = f"-{sha256[:DIGEST_LENGTH]}"
    room = NAME_LENGTH - len(mark) - len(suffix)
    return safe_name(stem)[:room] + mark + suffix


def safe_name(text: str) -> str:
    """``text`` with every character that a name may not have replaced."""
    safe = re.sub(r"[^A-Za-z0-9._-]+", "-", text).strip("-._")
    return safe if safe and safe[0].isascii() and safe[0].isalnum() else f"x{safe}"
