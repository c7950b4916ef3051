# SPDX-License-Identifier: Apache-2.0
"""Services as systemd units."""

from __future__ import annotations

import pathlib
import subprocess
from collections.abc import Collection
from typing import Any

from sparkaas.node import documents

UNITS = pathlib.Path("/etc/systemd/system")
_PREFIX = "sparkaas-service-"
_LINES = 20
_TAIL = 2000


def name(service: str) -> str:
    """The unit of a service."""
    return f"{_PREFIX}{service}.service"


def present() -> set[str]:
    """The units that there are."""
    return {path.name for path in UNITS.glob(f"{_PREFIX}*.service")}


def enable(unit: str) -> None:
    """Start a unit at each boot."""
    # It has the manager read all units anew: asking for that as well would only have
    # each generator run twice while the node boots.
    _systemctl("enable", "--quiet", unit)


def unit(service: dict[str, Any], stamp: str) -> str:
    """A unit's text. The command is not in it: ``sparkaas-node service`` reads that,
    so that nothing has to be quoted and no secret stands where all can read it."""
    restart = "always" if service["restart"] == "always" else "no"
    return f"""\
# {stamp}
[Unit]
Description=sparkaas: {service["name"]}
Requires=sparkaas-guard.service
After=sparkaas-guard.service network-online.target
StartLimitIntervalSec=0
[Service]
ExecStart=/usr/local/sbin/sparkaas-node service {service["name"]}
Restart={restart}
RestartSec=2
TimeoutStopSec={int(service["stop_seconds"])}
KillMode=mixed
LimitNOFILE=65536
[Install]
WantedBy=multi-user.target
"""


def remove(units: Collection[str]) -> None:
    """Stop units and forget them."""
    for each in sorted(units):
        _systemctl("disable", "--now", each)
        (UNITS / each).unlink()
    if units:
        _systemctl("daemon-reload")


def start(old: Collection[str], new: Collection[str]) -> None:
    """Start ``old`` unless they run, and start ``new`` afresh; now and at each boot."""
    if old or new:
        # New texts of units are read with that, as in ``enable``.
        _systemctl("enable", "--quiet", *sorted({*old, *new}))
    if old:
        _systemctl("start", "--no-block", *sorted(old))
    if new:
        _systemctl("restart", "--no-block", *sorted(new))


def again(unit: str) -> None:
    """Start a unit afresh, without waiting for it."""
    _systemctl("restart", "--no-block", unit)


def properties(unit: str) -> dict[str, str]:
    """How a unit is: ``ActiveState``, ``NRestarts``, ``Result``."""
    lines = _systemctl("show", "-p", "ActiveState,NRestarts,Result", unit).splitlines()
    return dict(line.split("=", 1) for line in lines if "=" in line)


def log(unit: str) -> str:
    """The end of what a unit wrote."""
    made = subprocess.run(
        ["/usr/bin/journalctl", "-u", unit, "-n", str(_LINES), "-o", "cat"],
        capture_output=True,
        timeout=20,
        check=False,
    )
    return made.stdout.decode(errors="replace")[-_TAIL:]


def _systemctl(*words: str) -> str:
    made = subprocess.run(
        ["/usr/bin/systemctl", *words],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    if made.returncode:
        raise documents.Failure(f"systemctl {words[0]}: {made.stderr.strip()[-300:]}")
    return made.stdout
