# SPDX-License-Identifier: Apache-2.0
"""Tells the Spark worker of an address to take no more work; runs on its node.

``signal_worker.py ADDRESS``, standard library only. Spark's worker answers to
SIGPWR. It is found by its own argv and not by a pattern over command lines: nodes
may share one process table, and the signal would end any other process.
"""

from __future__ import annotations

import os
import signal
import sys

_MAIN = "org.apache.spark.deploy.worker.Worker"


def is_worker(words: list[str], address: str) -> bool:
    """Whether an argv is that of the JVM of the worker at ``address``."""
    if _MAIN not in words or not words[0].endswith("java"):
        return False
    own = words[words.index(_MAIN) + 1 :]
    return "--host" in own[:-1] and own[own.index("--host") + 1] == address


def main(address: str) -> None:
    for name in os.listdir("/proc"):
        if not name.isdigit():
            continue
        try:
            with open(f"/proc/{name}/cmdline", "rb") as file:
                words = os.fsdecode(file.read()).split("\0")
            if is_worker(words, address):
                os.kill(int(name), signal.SIGPWR)
        except (FileNotFoundError, ProcessLookupError, PermissionError):
            continue  # gone meanwhile, or another user's


if __name__ == "__main__":
    main(sys.argv[1])
