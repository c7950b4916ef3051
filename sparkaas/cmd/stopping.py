# SPDX-License-Identifier: Apache-2.0
"""Waiting for SIGTERM or SIGINT in the main thread."""

from __future__ import annotations

import os
import signal
import types

_SIGNALS = (signal.SIGTERM, signal.SIGINT)


class Stop:
    """Catches both signals from the moment it is made.

    A pipe rather than an Event, whose lock a handler could find taken, and rather
    than a blocked signal mask, which the nodes' processes would inherit.
    """

    def __init__(self) -> None:
        self._read, self._write = os.pipe()
        for number in _SIGNALS:
            signal.signal(number, self._caught)

    def _caught(self, number: int, _frame: types.FrameType | None) -> None:
        os.write(self._write, bytes([number]))

    def wait(self) -> str:
        """Block until one comes; return its name. The next one ends the process
        the hard way, which is safe at any time."""
        number = os.read(self._read, 1)[0]
        for each in _SIGNALS:
            signal.signal(each, signal.SIG_DFL)
        return signal.Signals(number).name
