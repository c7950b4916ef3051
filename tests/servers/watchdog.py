# SPDX-License-Identifier: Apache-2.0
"""Ends what tests have started when pytest itself ends without a chance to: by SIGTERM,
SIGKILL, or as a worker of pytest-xdist.

Servers, nodes' supervisors and drivers are made to outlive their parent, so no signal
to a process group finds them all. A process of its own waits for the end of a pipe
that only pytest holds, and then kills every process that carries the run's mark in its
environment, or that lives or works in the run's temporary directory. Then it removes
the servers' own directories. Run as a program: ``python watchdog.py MARK DIRECTORY``.
"""

import os
import pathlib
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time

VARIABLE = "SPARKAAS_TESTS"

#: Seconds in which what supervisors start again meanwhile is killed too.
_LONGEST = 30.0
_PAUSE = 0.1


def prefix(mark: str) -> str:
    """How the names begin of directories that a run makes beside its own."""
    return f"sparkaas-tests-{mark}-"


class Watchdog:
    """Guards this process and everything that it starts from now on."""

    def __init__(self, directory: pathlib.Path) -> None:
        mark = secrets.token_hex(8)
        clean = {k: v for k, v in os.environ.items() if k != VARIABLE}
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-S", __file__, mark, directory],
            env=clean,
            cwd="/",
            stdin=subprocess.PIPE,
            start_new_session=True,
        )
        os.environ[VARIABLE] = mark

    def close(self) -> None:
        """Let it look for what is left, and end."""
        os.environ.pop(VARIABLE, None)
        self._process.communicate()


def _belongs(entry: pathlib.Path, mark: str, directory: str) -> bool:
    environment = (entry / "environ").read_bytes().split(b"\0")
    if f"{VARIABLE}={mark}".encode() in environment:
        return True
    # Somebody's shell or editor that only looks around is left alone.
    stat = (entry / "stat").read_text(errors="replace").rpartition(")")[2].split()
    if stat[0] == "Z" or stat[4] != "0":
        return False
    values = [value.partition(b"=")[2] for value in environment]
    words = (entry / "cmdline").read_bytes().split(b"\0")
    places = [*values, *words, os.fsencode(os.readlink(entry / "cwd"))]
    below = os.fsencode(f"{directory}/")
    return any((place + b"/").startswith(below) for place in places)


def found(mark: str, directory: str) -> list[int]:
    """The processes of a run."""
    pids = []
    for entry in pathlib.Path("/proc").iterdir():
        if not entry.name.isdigit() or int(entry.name) == os.getpid():
            continue
        try:
            if _belongs(entry, mark, directory):
                pids.append(int(entry.name))
        except OSError:  # it has ended, or is another user's
            continue
    return pids


def main(mark: str, directory: str) -> None:
    """Wait for the end of standard input, then kill."""
    sys.stdin.buffer.read()
    deadline = time.monotonic() + _LONGEST
    while (pids := found(mark, directory)) and time.monotonic() < deadline:
        for pid in pids:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        time.sleep(_PAUSE)
    for path in pathlib.Path(tempfile.gettempdir()).glob(f"{prefix(mark)}*"):
        shutil.rmtree(path, ignore_errors=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
