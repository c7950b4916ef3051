# SPDX-License-Identifier: Apache-2.0
"""A node's processes: its supervisor, and whatever else carries its mark."""

from __future__ import annotations

import os
import pathlib
import signal
import subprocess
import sys
from collections.abc import Iterable
from collections.abc import Sequence

import psutil

from sparkaas import exceptions
from sparkaas.infra.local import layout
from sparkaas.infra.local import rendering
from sparkaas.infra.local.supervisor import __main__ as supervisor
from sparkaas.infra.local.supervisor import files

#: In the environment of everything that a remote starts on a node.
MARK = "SPARKAAS_NODE"
#: Seconds in which a supervisor has said how its start went.
_START_DEADLINE = 20.0


def supervisor_pid(node: layout.Node) -> int | None:
    """The node's living supervisor: pid and start time must both be what it wrote."""
    said = files.read_json(node.process)
    if said is None or files.start_time(said["pid"]) != said["start"]:
        return None
    return int(said["pid"])


def tell(node: layout.Node, number: int) -> bool:
    """Send a signal to the supervisor; False when there is none."""
    pid = supervisor_pid(node)
    if pid is None:
        return False
    try:
        handle = os.pidfd_open(pid)
    except ProcessLookupError:
        return False
    try:
        # The handle means one process for good: look whether it is ours, then send.
        if supervisor_pid(node) != pid:
            return False
        signal.pidfd_send_signal(handle, number)
    except ProcessLookupError:
        return False
    finally:
        os.close(handle)
    return True


def start(nodes: Sequence[layout.Node]) -> None:
    """Start the supervisors of all ``nodes`` side by side; return when they are at
    work. Raises ``exceptions.Transient`` or ``Permanent``."""
    launchers = [
        subprocess.Popen(
            [sys.executable, "-I", "-S", supervisor.__file__, str(node.path)],
            env={"PATH": rendering.PATH, "LANG": "C.UTF-8"},
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
        for node in nodes
    ]
    failures = [_outcome(node, one) for node, one in zip(nodes, launchers, strict=True)]
    for failure in failures:
        if failure is not None:
            raise failure


def _outcome(
    node: layout.Node, launcher: subprocess.Popen[bytes]
) -> exceptions.SparkaasError | None:
    try:
        _, said = launcher.communicate(timeout=_START_DEADLINE)
    except subprocess.TimeoutExpired:
        launcher.kill()
        launcher.communicate()
        return exceptions.Transient(f"The supervisor of {node.name} does not start.")
    if launcher.returncode == 0:
        return None
    if launcher.returncode == supervisor.DISK_FULL:
        return disk_full(node.path)
    text = said.decode(errors="replace").strip()
    return exceptions.Transient(f"The supervisor of {node.name} failed: {text}")


def disk_full(path: pathlib.Path) -> exceptions.Permanent:
    """What is said when there is no room at ``path``."""
    return exceptions.Permanent(
        f"The disk with {path} is full.",
        code="DISK_FULL",
        hint="Make room there, or set [service] state_path to another disk.",
    )


def signal_all(processes: Iterable[psutil.Process], number: int) -> None:
    """Send to each that still lives; psutil makes sure that its pid is not reused."""
    for process in processes:
        try:
            process.send_signal(number)
        except psutil.NoSuchProcess:
            continue


class Census:
    """This user's processes as they were at one moment, sorted by node.

    A process is known by its environment: services have the node's ``home`` as
    HOME; what a remote started carries the node's path as ``MARK``, or has its HOME
    elsewhere in there. One that has dropped its environment is known by its
    working directory, unless it has a terminal: somebody's shell that only looks
    around is left alone.
    """

    def __init__(self) -> None:
        self._services: dict[str, list[psutil.Process]] = {}
        #: Path -> processes: that they are marked with, have as HOME, or work in.
        self._jobs: list[tuple[pathlib.Path, psutil.Process]] = []
        me = psutil.Process()
        spared = {me.pid, *(parent.pid for parent in me.parents())}
        for process in psutil.process_iter():
            try:
                if process.pid not in spared:
                    self._sort(process)
            except (psutil.NoSuchProcess, psutil.AccessDenied):
                continue

    def _sort(self, process: psutil.Process) -> None:
        if process.uids().real != os.getuid():
            return
        if process.status() == psutil.STATUS_ZOMBIE:
            return
        environment = process.environ()
        home = environment.get("HOME", "")
        if MARK in environment:
            self._jobs.append((pathlib.Path(environment[MARK]), process))
            return
        self._services.setdefault(home, []).append(process)
        self._jobs.append((pathlib.Path(home), process))
        if process.terminal() is None:
            self._jobs.append((pathlib.Path(process.cwd()), process))

    def services(self, node: layout.Node) -> list[psutil.Process]:
        """Processes of the node's services."""
        return self._services.get(str(node.home), [])

    def jobs(self, node: layout.Node) -> list[psutil.Process]:
        """Everything else of the node, without its supervisor."""
        services = self.services(node)
        found = {
            process
            for place, process in self._jobs
            if place.is_relative_to(node.path) and process not in services
        }
        return sorted(found, key=lambda process: process.pid)
