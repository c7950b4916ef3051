# SPDX-License-Identifier: Apache-2.0
"""Waiting with a deadline: look, tell who watches, look again."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Protocol
from typing import TypeVar

from sparkaas.client import errors

T = TypeVar("T")

#: Seconds between two looks: the first, how it grows, and the longest.
FIRST_PAUSE = 0.2
GROWTH = 1.3
LONGEST_PAUSE = 2.0
#: Seconds without any answer before giving up, whatever the deadline.
PATIENCE_SECONDS = 120.0


class Clock(Protocol):
    """Time as a waiter needs it; tests bring their own."""

    def monotonic(self) -> float: ...

    def sleep(self, seconds: float, /) -> None: ...


class _SystemClock:
    def monotonic(self) -> float:
        return time.monotonic()

    def sleep(self, seconds: float, /) -> None:
        time.sleep(seconds)


SYSTEM_CLOCK: Clock = _SystemClock()


def wait_for(
    look: Callable[[], T],
    good: Callable[[T], bool],
    *,
    what: str,
    state: Callable[[T], str],
    timeout: float | None,
    clock: Clock = SYSTEM_CLOCK,
    on_look: Callable[[T], None] | None = None,
) -> T:
    """Look until ``good``, and return what was seen.

    A service that does not answer for a while (it is being restarted) is asked
    again. Raises ``errors.DeadlineExceeded`` after ``timeout`` seconds (None: never),
    with the last state seen.
    """
    deadline = None if timeout is None else clock.monotonic() + timeout
    pause = FIRST_PAUSE
    last = "not seen yet"
    silent_since: float | None = None
    while True:
        try:
            seen = look()
        except errors.Unreachable:
            now = clock.monotonic()
            silent_since = now if silent_since is None else silent_since
            if now - silent_since >= PATIENCE_SECONDS:
                raise
        else:
            silent_since = None
            if on_look:
                on_look(seen)
            if good(seen):
                return seen
            last = state(seen)
        left = None if deadline is None else deadline - clock.monotonic()
        if left is not None and left <= 0:
            raise errors.DeadlineExceeded(
                f"{what} was not there within {timeout:g} seconds; it is {last}.",
                hint="It goes on without you; wait longer with --timeout, or look "
                "with: why",
            )
        clock.sleep(pause if left is None else min(pause, left))
        pause = min(pause * GROWTH, LONGEST_PAUSE)
