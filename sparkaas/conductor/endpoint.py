# SPDX-License-Identifier: Apache-2.0
"""The bell as the conductor hears it."""

from __future__ import annotations

import threading


class Wakeup:
    """A flag that many may raise and one thread waits for.

    A ring that nobody waits for is kept; several are one, for whoever wakes looks at
    everything that is due.
    """

    def __init__(self) -> None:
        self._event = threading.Event()

    def wake(self, kind: str, id: str) -> None:
        """Look now: some record is due. Which one does not matter, for the letter is
        the row."""
        self._event.set()

    def wait(self, seconds: float) -> None:
        """Return when woken, or after ``seconds``; the flag is down then."""
        self._event.wait(max(seconds, 0.0))
        self._event.clear()

    def poke(self) -> None:
        """Wake without a record, as for a stop."""
        self._event.set()
