# SPDX-License-Identifier: Apache-2.0
"""The files that a supervisor and the driver share, and how to know a process.

All names are relative to the node's directory.
"""

from __future__ import annotations

import json
import os
import pathlib
from typing import Any

#: What to run, written by the driver (0600: environments may hold secrets).
SERVICES = "services.json"
#: How the services are, written by the supervisor at every change.
STATE = "state.json"
#: The supervisor's pid and start time, written once when it starts.
PROCESS = "supervisor.json"
#: Locked as long as a supervisor lives, so that a node never has two.
LOCK = "supervisor.lock"
#: Directory of the services' output, one ``NAME.log`` each.
LOGS = "logs"


def start_time(pid: int) -> int | None:
    """When a process started, in clock ticks since boot; None when there is no such
    process or only its zombie. With the pid it names a process for good."""
    try:
        text = pathlib.Path(f"/proc/{pid}/stat").read_bytes()
    except (FileNotFoundError, ProcessLookupError):
        return None
    # The second field, the program's name, may itself hold blanks and brackets.
    fields = text.rpartition(b")")[2].split()
    return None if fields[0] in (b"Z", b"X") else int(fields[19])


def write_json(path: pathlib.Path, value: Any, *, sync: bool = False) -> None:
    """Write atomically, readable by the owner only; with ``sync`` so that it also
    survives a power cut. Raises ``OSError``."""
    new = path.with_name(path.name + ".new")
    data = json.dumps(value, indent=1, sort_keys=True).encode()
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with open(descriptor, "wb") as stream:
        stream.write(data)
        if sync:
            stream.flush()
            os.fsync(descriptor)
    new.replace(path)


def read_json(path: pathlib.Path) -> Any:
    """The value, or None when there is no such file or a power cut emptied it."""
    try:
        return json.loads(path.read_bytes())
    except (FileNotFoundError, ValueError):
        return None
