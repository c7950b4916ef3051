# SPDX-License-Identifier: Apache-2.0
"""What the benchmarks have in common: environment, percentiles, a table."""

from __future__ import annotations

import importlib.metadata
import json
import os
import pathlib
import platform
import re
import statistics
import subprocess
import sys
from collections.abc import Iterable
from collections.abc import Sequence
from typing import Any

_PACKAGES = ("sparkaas", "pyspark", "SQLAlchemy", "Flask", "cheroot")


def alone(*words: str) -> dict[str, Any]:
    """What the running benchmark prints as JSON when it is asked for one size: in a
    process of its own, so that memory and CPU are that size's."""
    done = subprocess.run(
        [sys.executable, *sys.argv, "--one", *words], stdout=subprocess.PIPE, check=True
    )
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def environment() -> None:
    """Print what the figures depend on."""
    versions = []
    for name in _PACKAGES:
        try:
            versions.append(f"{name} {importlib.metadata.version(name)}")
        except importlib.metadata.PackageNotFoundError:
            versions.append(f"{name} absent")
    cpuinfo = pathlib.Path("/proc/cpuinfo").read_text()
    found = re.search(r"model name\s*: (.*)", cpuinfo)
    load = ", ".join(f"{value:.2f}" for value in os.getloadavg())
    print(f"cpus     {os.cpu_count()} ({found[1] if found else platform.machine()})")
    print(f"load     {load} at the start")
    print(f"system   {platform.system()} {platform.release()}")
    print(f"python   {platform.python_version()}")
    print(f"packages {', '.join(versions)}")
    print(flush=True)


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which ``share`` of them lie (nearest rank)."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def p50(values: Sequence[float]) -> float:
    """The median."""
    return statistics.median(values)


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Print aligned columns; numbers to the right."""
    cells = [tuple(map(str, head)), *(tuple(map(_text, row)) for row in rows)]
    widths = [max(len(row[i]) for row in cells) for i in range(len(head))]
    for row in cells:
        first, *others = (
            cell.ljust(width) if index == 0 else cell.rjust(width)
            for index, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        print("  ".join((first, *others)).rstrip())
    print(flush=True)


def _text(value: object) -> str:
    if not isinstance(value, float):
        return str(value)
    return f"{value:.0f}" if value >= 1000 else f"{value:.2f}"
