# SPDX-License-Identifier: Apache-2.0
"""Starts a supervisor: ``python -I -S .../supervisor NODE_DIRECTORY``.

The command itself ends as soon as the supervisor is at work, or with a message
and one of the codes below. A node that has a supervisor already is fine.
"""

from __future__ import annotations

import errno
import fcntl
import os
import pathlib
import sys
import traceback

if not __package__:
    # Run by path, without site packages: find ourselves, behind the library.
    sys.path.append(str(pathlib.Path(__file__).resolve().parents[4]))

from sparkaas.infra.local.supervisor import children
from sparkaas.infra.local.supervisor import files
from sparkaas.infra.local.supervisor import loop

#: Exit codes: it could not start, and why if the disk is full.
FAILED = 1
DISK_FULL = 28


def main(argv: list[str]) -> int:
    """Fork the supervisor off and wait for its word."""
    node = pathlib.Path(argv[1]).absolute()
    os.chdir("/")
    os.umask(0o022)
    reader, writer = os.pipe()
    if os.fork() == 0:
        os.close(reader)
        try:
            _supervise(node, writer)
        finally:
            os._exit(0)
    os.close(writer)
    with open(reader, "rb") as stream:
        word = stream.read().decode(errors="replace")
    code, _, text = word.partition(" ")
    if code != "0":
        sys.stderr.write(text or "the supervisor died while it started\n")
    return int(code) if code else FAILED


def _supervise(node: pathlib.Path, word: int) -> None:
    """The life of the supervisor; ``word`` is the pipe for how its start went."""
    os.setsid()
    supervisor = loop.Supervisor(node)
    try:
        lock = os.open(node / files.LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            _say(word, 0)
            return
        _redirect(node / files.LOGS / "supervisor.log")
        children.become_supervisor()
        supervisor.open()
    except OSError as error:
        full = error.errno in (errno.ENOSPC, errno.EDQUOT)
        _say(word, DISK_FULL if full else FAILED, str(error))
        return
    except (KeyError, TypeError, ValueError) as error:
        _say(word, FAILED, f"{files.SERVICES} is damaged: {error!r}")
        return
    _say(word, 0)
    try:
        supervisor.run()
    except BaseException:
        traceback.print_exc()
        raise


def _say(word: int, code: int, text: str = "") -> None:
    os.write(word, f"{code} {text}".encode())
    os.close(word)


def _redirect(log: pathlib.Path) -> None:
    """Keep nothing of the starter's: its terminal and pipes may go away."""
    log.parent.mkdir(mode=0o700, exist_ok=True)
    null = os.open(os.devnull, os.O_RDWR)
    out = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    for source, target in ((null, 0), (out, 1), (out, 2)):
        os.dup2(source, target)
    os.close(null)
    os.close(out)


if __name__ == "__main__":
    sys.exit(main(sys.argv))
