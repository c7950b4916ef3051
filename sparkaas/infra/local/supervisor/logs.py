# SPDX-License-Identifier: Apache-2.0
"""A service's output: a file of bounded size, three older ones, and its end."""

from __future__ import annotations

import os
import pathlib

#: Turned-over files kept beside the current one.
KEPT = 3
#: Bytes of output remembered for a failure's explanation.
TAIL_BYTES = 2048


class Log:
    """Appends to ``path``; past ``limit`` bytes that becomes ``path.1`` and so on.

    A full disk loses output, never the service: what was lost is counted and
    said in the log once there is room again.
    """

    def __init__(self, path: pathlib.Path, limit: int) -> None:
        self.path = path
        self.limit = limit
        self._tail = b""
        self._descriptor = -1
        self._size = 0
        self._lost = 0

    def write(self, data: bytes) -> None:
        """Keep ``data``. Never raises ``OSError``."""
        self._tail = (self._tail + data)[-TAIL_BYTES:]
        if self._lost:
            data = b"[%d bytes of output were lost]\n" % self._lost + data
        rest = memoryview(data)
        try:
            while rest:
                self._make_room()
                written = os.write(self._descriptor, rest[: self.limit - self._size])
                self._size += written
                rest = rest[written:]
            self._lost = 0
        except OSError:
            self._lost += len(rest)

    def _make_room(self) -> None:
        if self._descriptor >= 0 and self._size >= self.limit:
            self.close()
            for number in range(KEPT, 0, -1):
                older = self.path.with_name(f"{self.path.name}.{number}")
                newer = older.with_suffix(f".{number - 1}") if number > 1 else self.path
                if newer.exists():
                    newer.replace(older)
        if self._descriptor < 0:
            flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND
            self._descriptor = os.open(self.path, flags, 0o600)
            self._size = os.fstat(self._descriptor).st_size

    def end(self) -> str:
        """The last lines written, without a torn first one."""
        text = self._tail
        if len(text) == TAIL_BYTES:
            text = text.partition(b"\n")[2] or text
        return text.decode(errors="replace").strip()

    def close(self) -> None:
        """Close the file; a later write opens it again."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1
