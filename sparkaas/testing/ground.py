# SPDX-License-Identifier: Apache-2.0
"""A clock that stands still until told, and a bell that remembers."""

from __future__ import annotations

import datetime
import threading
from collections.abc import Callable

from sparkaas.testing import crash

_START = datetime.datetime(2030, 1, 1, 12, 0, tzinfo=datetime.UTC)


class FakeClock:
    """An ``interfaces.Clock`` that moves only by ``advance``."""

    def __init__(self, start: datetime.datetime = _START) -> None:
        self._now = start
        self._lock = threading.Lock()

    def now(self) -> datetime.datetime:
        with self._lock:
            return self._now

    def advance(self, seconds: float) -> datetime.datetime:
        """Let time pass; return the new time."""
        with self._lock:
            self._now += datetime.timedelta(seconds=seconds)
            return self._now

    def advance_to(self, when: datetime.datetime) -> datetime.datetime:
        """Let time pass until ``when``, unless it is past already."""
        with self._lock:
            self._now = max(self._now, when)
            return self._now


class FakeBell:
    """An ``interfaces.Bell``: ``rings`` has every (kind, id); ``listener`` hears it."""

    def __init__(self, point: crash.Point = crash.no_crash) -> None:
        self.rings: list[tuple[str, str]] = []
        self.listener: Callable[[str, str], None] | None = None
        self._point = point

    def ring(self, kind: str, id: str) -> None:
        self._point(f"before bell.ring {kind}")
        self.rings.append((kind, id))
        if self.listener is not None:
            self.listener(kind, id)
        self._point(f"after bell.ring {kind}")
