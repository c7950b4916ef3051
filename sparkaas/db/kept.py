# SPDX-License-Identifier: Apache-2.0
"""SQLite connections that are used again.

oslo.db opens one for each transaction on SQLite, and a new connection reads the whole
schema first: half a millisecond, which is more than most queries take.
"""

from __future__ import annotations

import sqlite3
from typing import Any

import sqlalchemy as sa

#: More are not kept: what threads use at the same time.
_MOST = 32


class Connections:
    """The closed connections of one engine, open for the next one who asks."""

    def __init__(self) -> None:
        self._free: list[_Connection] = []
        self._round = 0

    def serve(self, engine: sa.Engine) -> None:
        """Be where the engine's connections come from."""
        sa.event.listen(engine, "do_connect", self._connect)

    def dispose(self) -> None:
        """Close them all, and those in use when they are given back."""
        self._round += 1
        while self._free:
            self._free.pop().end()

    def take_back(self, connection: _Connection) -> bool:
        """Whether the connection is kept."""
        old = connection.round != self._round
        if old or connection.in_transaction or len(self._free) >= _MOST:
            return False
        self._free.append(connection)
        return True

    def _connect(
        self, dialect: object, record: object, args: Any, parameters: Any
    ) -> sqlite3.Connection:
        made_in = self._round
        try:
            # one step, so that no two threads get the same
            return self._free.pop()
        except IndexError:
            # one thread at a time uses it, but not always the one that opened it
            parameters = {**parameters, "check_same_thread": False}
            made = sqlite3.connect(*args, **parameters, factory=_Connection)
            made.home, made.round = self, made_in
            return made


class _Connection(sqlite3.Connection):
    home: Connections
    #: How often the connections had been disposed of when this one was opened.
    round: int

    def close(self) -> None:
        if not self.home.take_back(self):
            self.end()

    def end(self) -> None:
        """Close it for good."""
        super().close()
