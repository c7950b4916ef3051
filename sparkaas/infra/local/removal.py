# SPDX-License-Identifier: Apache-2.0
"""Takes nodes away: processes first, then the directory."""

from __future__ import annotations

import signal
import time
from collections.abc import Sequence

from sparkaas.infra.local import layout
from sparkaas.infra.local import processes
from sparkaas.infra.local import tree
from sparkaas.infra.local.supervisor import files

#: Seconds that a job's processes have to end before they are killed, and a
#: supervisor beyond what its services may take.
GRACE = 3.0


def remove(nodes: Sequence[layout.Node], point: tree.Point) -> str:
    """One look and one push towards the end of ``nodes``. Answers what is still
    waited for, or nothing when they are gone. Raises ``OSError``."""
    if not nodes:
        return ""
    for node in nodes:
        if not node.leaving.exists():
            node.leaving.touch(mode=0o600)
            point("after node.leaving")
    # Twice, because a process could be born behind the back of a single look.
    censuses = (processes.Census(), processes.Census())
    waits = ""
    for node in nodes:
        if _end_processes(node, censuses):
            waits = waits or f"The processes of {node.name} end."
        else:
            tree.remove(node, point)
    return waits


def _end_processes(node: layout.Node, censuses: Sequence[processes.Census]) -> bool:
    """Push the node's processes; whether there are any."""
    age = time.time() - node.leaving.stat().st_mtime
    supervised = processes.tell(node, signal.SIGTERM)
    if supervised and age > GRACE + _stop_seconds(node):
        processes.tell(node, signal.SIGKILL)
    jobs = [one for census in censuses for one in census.jobs(node)]
    services = [one for census in censuses for one in census.services(node)]
    processes.signal_all(jobs, signal.SIGKILL if age > GRACE else signal.SIGTERM)
    if not supervised:
        processes.signal_all(services, signal.SIGKILL)
    return supervised or bool(jobs) or bool(services)


def _stop_seconds(node: layout.Node) -> float:
    document = files.read_json(node.services) or {"services": []}
    return max((float(s["stop_seconds"]) for s in document["services"]), default=0.0)
