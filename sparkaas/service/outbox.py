# SPDX-License-Identifier: Apache-2.0
"""Sends the notifications that the records' transitions left in the database.

In the order in which this conductor recorded them, each once. What a conductor that
was killed left behind is sent by another after ``notifications.HANDOVER`` seconds; the
one that it was just sending perhaps again.
"""

from __future__ import annotations

import datetime

from sparkaas import interfaces
from sparkaas.db import notifications
from sparkaas.service import env as service_env

#: Seconds within which ``beat`` must be called again.
BEAT = notifications.HANDOVER / 3


class Outbox:
    """Of the conductor ``owner``; for one thread, apart from ``beat``."""

    def __init__(
        self, env: service_env.Env, notifier: interfaces.Notifier, owner: str
    ) -> None:
        self._env = env
        self._notifier = notifier
        self._owner = owner
        #: Sent, but perhaps not yet forgotten by the database.
        self._sent: set[int] = set()

    def beat(self) -> None:
        """Still here, though the broker may be away."""
        notifications.keep(self._env.db, self._owner, self._later())

    def adopt(self) -> int:
        """Take over what others left behind; how many that are."""
        now = self._env.clock.now()
        return notifications.adopt(self._env.db, self._owner, now, self._later())

    def _later(self) -> datetime.datetime:
        seconds = datetime.timedelta(seconds=notifications.HANDOVER)
        return self._env.clock.now() + seconds

    def send(self) -> int:
        """Send everything that is this conductor's, however long the broker takes; how
        many that were."""
        count = 0
        while waiting := notifications.of(self._env.db, self._owner):
            for number, notice in waiting:
                if number not in self._sent:
                    self._notifier.send(notice)
                    self._sent.add(number)
                    count += 1
                notifications.forget(self._env.db, [number])
                self._sent.discard(number)
        return count
