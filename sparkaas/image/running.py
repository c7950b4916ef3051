# SPDX-License-Identifier: Apache-2.0
"""Runs other programs: an argument list, a deadline, an end for all that they began."""

from __future__ import annotations

import contextlib
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Mapping
from collections.abc import Sequence

#: A word of a command line.
Word = str | os.PathLike[str]

#: A mount namespace and a process namespace of their own: what the command mounts, the
#: host never sees, and what it starts ends with it.
APART = ("unshare", "--mount", "--propagation=private", "--pid", "--fork")

_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_TAIL = 2000


class Failure(Exception):
    """The image cannot be made; the text says why and what to do."""


class Log:
    """Runs programs; what they print goes to one file."""

    def __init__(self, path: pathlib.Path) -> None:
        self.path = path
        path.write_bytes(b"")

    def run(
        self,
        argv: Sequence[Word],
        *,
        seconds: float,
        environment: Mapping[str, str] | None = None,
        told: bytes = b"",
    ) -> None:
        """Run a program; ``told`` is its input. Raises ``Failure`` with the end of what
        it printed when it fails or is not done in ``seconds``."""
        words = [os.fspath(word) for word in argv]
        given = {"PATH": _PATH, "LANG": "C.UTF-8", **(environment or {})}
        start = self.path.stat().st_size
        with self.path.open("ab") as log, tempfile.TemporaryFile() as read:
            read.write(told)
            read.seek(0)
            child = subprocess.Popen(
                words,
                stdin=read,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=given,
                start_new_session=True,
            )
            try:
                code = child.wait(seconds)
            except subprocess.TimeoutExpired:
                raise Failure(
                    f"{words[0]} takes longer than {seconds:.0f} s."
                ) from None
            finally:
                _end(child)
        if code:
            said = self.path.read_bytes()[start:][-_TAIL:].decode(errors="replace")
            whole = f"(all of it: {self.path})"
            raise Failure(f"{words[0]} … ended with {code} {whole}:\n{said}")


def _end(child: subprocess.Popen[bytes]) -> None:
    """End whatever is left of it."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child.pid, signal.SIGKILL)
    child.wait()


def need(*programs: str) -> None:
    """Raise ``Failure`` for what is not installed."""
    missing = [name for name in programs if not has(name)]
    if missing:
        raise Failure(
            f"Not installed: {', '.join(missing)}. On Debian and Ubuntu: apt install "
            "debootstrap e2fsprogs util-linux tar curl qemu-utils"
        )


def has(program: str) -> bool:
    """Whether there is such a program."""
    return shutil.which(program, path=_PATH) is not None
