# SPDX-License-Identifier: Apache-2.0
"""Sudden death, on demand.

The fakes call their ``point`` before and after each effect that the world would
remember. A ``CrashAfter`` in that place counts the calls and, at the one it was
told, ends the process as ``kill -9`` would: nothing may catch it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable

#: Called with the name of what was just done, or is about to be.
Point = Callable[[str], None]


def no_crash(name: str) -> None:
    """The point of a world without crashes."""


class Crash(BaseException):
    """The process is gone. No ``Exception``: whoever catches it is in error."""


class CrashAfter:
    """Crashes at the ``n``th point (from 1); 0 only counts.

    ``seen`` has the names of the points passed so far, in order.
    """

    def __init__(self, n: int = 0) -> None:
        self.n = n
        self.seen: list[str] = []
        self._lock = threading.Lock()

    def __call__(self, name: str) -> None:
        with self._lock:
            self.seen.append(name)
            reached = len(self.seen) == self.n
        if reached:
            raise Crash(f"point {self.n}: {name}")
