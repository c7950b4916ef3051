# SPDX-License-Identifier: Apache-2.0
"""Drivers that run on a node and are found again by their files.

The engines' side of ``launcher.py``, which has the other: a driver's output lies in
its job's directory, all else about it in ``.launch`` below.
"""

from __future__ import annotations

import dataclasses
import json
import pathlib
from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any

from sparkaas import exceptions
from sparkaas import interfaces
from sparkaas.edp import base
from sparkaas.edp import reasons

_HERE = pathlib.Path(__file__).parent
_START_DEADLINE = 60.0
_LOOK_DEADLINE = 20.0
_WRITE_DEADLINE = 60.0
_NODES_OWN = "/usr/local/bin:/usr/bin:/bin"


@dataclasses.dataclass(frozen=True)
class State:
    """A driver as its node has it. One that neither runs nor has an ``exit_code``
    is lost, or never was. The ends of its output are there once it ended."""

    running: bool
    exit_code: int | None = None
    stdout: str = ""
    stderr: str = ""


def file(directory: str, name: str) -> str:
    """Where a file beside the launcher's own lies."""
    return f"{directory}/.launch/{name}"


def environment(
    remote: interfaces.Remote,
    home: str,
    trees: Sequence[str],
    more: Mapping[str, str],
) -> dict[str, str]:
    """What a driver with that home directory finds in its environment: the programs of
    ``trees``, then the node's own; ``more`` wins. Texts may hold manifest symbols."""
    found = {
        "PATH": ":".join((*(f"{tree}/bin" for tree in trees), _NODES_OWN)),
        "LANG": "C.UTF-8",
        "HOME": home,
        **more,
    }
    return {name: remote.expand(value) for name, value in found.items()}


def start(
    remote: interfaces.Remote,
    directory: str,
    plan: Mapping[str, Any],
    files: Mapping[str, bytes],
) -> int:
    """Start the driver of ``plan`` (see ``launcher.py``) after writing ``files``, or
    find the one that was started there before. Its process id; raises
    ``exceptions.Transient``."""
    written = {
        "launcher.py": (_HERE / "launcher.py").read_bytes(),
        "plan.json": json.dumps(plan).encode(),
        **files,
    }
    for name, content in written.items():
        path = file(directory, name)
        remote.write_file(path, [content], deadline=_WRITE_DEADLINE)
    driver = _ask(remote, directory, "start", _START_DEADLINE)
    if "pid" not in driver:
        raise exceptions.Transient(
            f"The driver did not start: {driver.get('error', 'no answer')}"
        )
    pid: int = driver["pid"]
    return pid


def look(remote: interfaces.Remote, directory: str) -> State:
    """Raises ``exceptions.Transient`` when the node does not tell."""
    try:
        found = _ask(remote, directory, "look", _LOOK_DEADLINE)
    except exceptions.Transient:
        if _has_launcher(remote, directory):
            raise
        return State(running=False)
    return State(
        running=bool(found["running"]),
        exit_code=found["exit"],
        stdout=found.get("stdout", ""),
        stderr=found.get("stderr", ""),
    )


def ended(state: State, also: str = "") -> base.Report | None:
    """What to report of a driver that does not run; None: it does. ``also`` may hold
    what it complained of besides its stderr."""
    if state.exit_code is not None:
        why = reasons.explain(state.exit_code, state.stderr, also)
        return base.Report(running=False, exit_code=state.exit_code, reason=why)
    if not state.running:
        return base.Report(running=False, lost=True, reason=reasons.lost())
    return None


def stop(remote: interfaces.Remote, directory: str, *, kill: bool) -> None:
    """Signal the driver and all its children; none is fine."""
    if _has_launcher(remote, directory):
        _run(remote, directory, "kill" if kill else "stop", _LOOK_DEADLINE)


def _has_launcher(remote: interfaces.Remote, directory: str) -> bool:
    """Whether a driver may ever have been started there."""
    launcher = file(directory, "launcher.py")
    try:
        remote.read_file(launcher, limit=1, deadline=_LOOK_DEADLINE)
    except exceptions.NotFound:
        return False
    return True


def _run(
    remote: interfaces.Remote, directory: str, verb: str, deadline: float
) -> bytes:
    """What the launcher said; raises ``exceptions.Transient`` when it failed."""
    argv = (remote.python, "-I", file(directory, "launcher.py"), verb, directory)
    done = remote.run(argv, deadline=deadline)
    if done.exit_code != 0:
        last = done.stderr.decode("utf-8", "replace").strip().rpartition("\n")[2]
        raise exceptions.Transient(
            f"The job's launcher failed to {verb} (exit code {done.exit_code}): {last}"
        )
    return done.stdout


def _ask(
    remote: interfaces.Remote, directory: str, verb: str, deadline: float
) -> dict[str, Any]:
    answer = _run(remote, directory, verb, deadline)
    try:
        found: dict[str, Any] = json.loads(answer)
    except ValueError:
        raise exceptions.Transient(
            f"The job's launcher did not answer to {verb}"
        ) from None
    return found
