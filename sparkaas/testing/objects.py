# SPDX-License-Identifier: Apache-2.0
"""An object store that lends keys to whoever asks."""

from __future__ import annotations

import itertools

from sparkaas import exceptions
from sparkaas import interfaces


class FakeObjects:
    """An ``interfaces.Objects``: ``lent`` has the keys that are good now, ``to`` for
    whom each was made. ``away``: it does not answer."""

    def __init__(self) -> None:
        self.lent: set[str] = set()
        self.to: dict[str, str] = {}
        self.away = False
        self.refuses = False
        self._numbers = itertools.count(1)

    def for_caller(self, caller: interfaces.Caller) -> interfaces.Objects:
        return _OfCaller(self, caller)

    def lend(self) -> interfaces.ObjectKeys:
        raise exceptions.Permanent("Keys are lent within a request only.")

    def lend_of(
        self, user: str, password: str, project_id: str
    ) -> interfaces.ObjectKeys:
        return self.make(f"{user}:{password}@{project_id}")

    def make(self, whom: str) -> interfaces.ObjectKeys:
        """Keys for somebody."""
        self._look()
        if self.refuses:
            raise exceptions.InvalidCredentials(
                "It makes no keys.", code="SWIFT_KEYS_REFUSED"
            )
        access = f"access-{next(self._numbers)}"
        self.lent.add(access)
        self.to[access] = whom
        return interfaces.ObjectKeys(
            access, f"secret-of-{access}", "http://swift:8080", "RegionOne", whom
        )

    def take_back(self, lent: interfaces.ObjectKeys) -> None:
        self._look()
        self.lent.discard(lent.access)

    def _look(self) -> None:
        if self.away:
            raise exceptions.Transient("The object store does not answer.")


class _OfCaller(FakeObjects):
    def __init__(self, whole: FakeObjects, caller: interfaces.Caller) -> None:
        super().__init__()
        self._whole = whole
        self._caller = caller

    def lend(self) -> interfaces.ObjectKeys:
        return self._whole.make(self._caller.user_id)

    def make(self, whom: str) -> interfaces.ObjectKeys:
        return self._whole.make(whom)

    def take_back(self, lent: interfaces.ObjectKeys) -> None:
        self._whole.take_back(lent)
