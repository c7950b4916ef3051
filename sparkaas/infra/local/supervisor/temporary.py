# SPDX-License-Identifier: Apache-2.0
"""A service's temporary directory: empty when it starts, gone with the node."""

from __future__ import annotations

import os
import pathlib
import shutil

#: So much of the 107 bytes of a UNIX socket's path is left to a program's own names:
#: those of Python's ``multiprocessing`` have 32.
_LONGEST = 72


class Place:
    """One service's directory, from start to start."""

    def __init__(self) -> None:
        self._handle: int | None = None

    def make(self, path: str) -> dict[str, str]:
        """Make the directory anew; the part of an environment that tells of it. What
        a process of the last run still holds on to stays for the next start. Raises
        ``OSError``."""
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None
        if not path:
            return {}
        shutil.rmtree(path, ignore_errors=True)
        pathlib.Path(path).mkdir(mode=0o700, parents=True, exist_ok=True)
        return {"TMPDIR": self._short(path)}

    def _short(self, path: str) -> str:
        """A name of the directory that leaves room for a socket's: its own, or that of
        this process's hold on it. The service does not outlive this process."""
        if len(os.fsencode(path)) <= _LONGEST:
            return path
        self._handle = os.open(path, os.O_PATH | os.O_DIRECTORY)
        return f"/proc/{os.getpid()}/fd/{self._handle}"
