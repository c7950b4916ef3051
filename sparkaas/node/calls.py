# SPDX-License-Identifier: Apache-2.0
"""What the service does on a node from outside: one call per invocation.

The first line of stdin is JSON and says what; the bytes after it are the call's input.
So no shell ever sees a name, a path or an argument. Exit codes: those of the command,
and for what the call itself ran into 120 (the deadline is over), 121 (no such file),
123 (the disk is full) and 122 (anything else, told on stderr).
"""

from __future__ import annotations

import errno
import json
import os
import pathlib
import signal
import stat
import subprocess
import sys
import tempfile
import threading
import time
from typing import Any
from typing import BinaryIO

LATE = 120
MISSING = 121
FAILED = 122
FULL = 123
#: A command that cannot be started, as a shell has it.
_NO_COMMAND = 127

_CHUNK = 1 << 16
_MOST = 1 << 20


def answer() -> int:
    """Do the call on stdin; its exit code."""
    line = _line()
    header = json.loads(line)
    threading.Thread(target=_watch, args=(header["deadline"],), daemon=True).start()
    try:
        return _CALLS[header["call"]](header)
    except FileNotFoundError as error:
        print(error, file=sys.stderr)
        return MISSING
    except OSError as error:
        print(error, file=sys.stderr)
        return FULL if error.errno in (errno.ENOSPC, errno.EDQUOT) else FAILED


def _line() -> bytes:
    """The first line, and not a byte more: the rest is the command's."""
    line = b""
    while not line.endswith(b"\n"):
        byte = os.read(0, 1)
        if not byte or len(line) > _MOST:
            sys.exit(FAILED)
        line += byte
    return line


def _watch(deadline: float) -> None:
    """End everything when the time is over."""
    time.sleep(deadline)
    for child in list(_children):
        os.killpg(child, signal.SIGKILL)
    os._exit(LATE)


_children: set[int] = set()


def _run(header: dict[str, Any]) -> int:
    home = os.path.expanduser("~")
    environment = {"PATH": "/usr/local/bin:/usr/bin:/bin", "LANG": "C.UTF-8"}
    try:
        child = subprocess.Popen(
            header["argv"],
            cwd=header["directory"] or home,
            env={**environment, "HOME": home, **header["environment"]},
            start_new_session=True,
        )
    except OSError as error:
        print(error, file=sys.stderr)
        return _NO_COMMAND
    _children.add(child.pid)
    code = child.wait()
    _children.discard(child.pid)
    return code if code >= 0 else 128 - code


def _write(header: dict[str, Any]) -> int:
    path = pathlib.Path(header["path"])
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=".sparkaas-")
    try:
        with open(descriptor, "wb") as stream:
            while length := int.from_bytes(_exactly(4), "big"):
                stream.write(_exactly(length))
            os.fchmod(descriptor, header["mode"])
        os.replace(name, path)
    except BaseException:
        os.unlink(name)
        raise
    return 0


def _exactly(length: int) -> bytes:
    """So many bytes of the input. One that ends before its end is not written."""
    data = bytearray()
    while len(data) < length:
        chunk = os.read(0, min(length - len(data), _CHUNK))
        if not chunk:
            raise OSError("the bytes end too early")
        data += chunk
    return bytes(data)


def _read(header: dict[str, Any]) -> int:
    # Without waiting: another kind of file must not hold the caller up.
    descriptor = os.open(header["path"], os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY)
    with open(descriptor, "rb") as stream:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise FileNotFoundError(f"{header['path']} is not a plain file")
        stream.seek(header["offset"])
        _copy(stream, header["limit"])
    return 0


def _copy(stream: BinaryIO, limit: int) -> None:
    while limit > 0:
        chunk = stream.read(min(limit, _CHUNK))
        if not chunk:
            break
        sys.stdout.buffer.write(chunk)
        limit -= len(chunk)
    sys.stdout.buffer.flush()


def _fetch(header: dict[str, Any]) -> int:
    # Only here, since HTTP takes as long to import as all else together.
    from sparkaas.node import pages

    sys.stdout.buffer.write(pages.fetch(header))
    sys.stdout.buffer.flush()
    return 0


_CALLS = {"run": _run, "write": _write, "read": _read, "fetch": _fetch}
