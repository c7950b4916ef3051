# SPDX-License-Identifier: Apache-2.0
"""An object store that lends keys to whoever asks."""

from __future__ import annotations

import itertools
from collections.abc import Mapping

from sparkaas import exceptions
from sparkaas import interfaces
from sparkaas.testing import crash


class FakeObjects:
    """An ``interfaces.Objects``: ``lent`` has the keys that are good now, ``to`` for
    whom each was made, ``jobs`` for which job. ``away``: it does not answer."""

    def __init__(self, point: crash.Point = crash.no_crash) -> None:
        self.lent: set[str] = set()
        self.jobs: dict[str, str] = {}
        self.point = point
        self.to: dict[str, str] = {}
        self.away = False
        self.refuses = False
        self._numbers = itertools.count(1)

    def for_caller(self, caller: interfaces.Caller) -> interfaces.Objects:
        return _OfCaller(self, caller)

    def lend(self, job_id: str, number: int) -> interfaces.ObjectKeys:
        raise exceptions.Permanent("Keys are lent within a request only.")

    def lend_of(
        self, job_id: str, number: int, user: str, password: str, project_id: str
    ) -> interfaces.ObjectKeys:
        return self.make(f"{user}:{password}@{project_id}", job_id)

    def given(self) -> Mapping[str, str]:
        self._look()
        return {access: self.jobs[access] for access in self.lent}

    def make(self, whom: str, job_id: str) -> interfaces.ObjectKeys:
        """Keys for somebody."""
        self._look()
        if self.refuses:
            raise exceptions.InvalidCredentials(
                "It makes no keys.", code="SWIFT_KEYS_REFUSED"
            )
        access = f"access-{next(self._numbers)}"
        self.lent.add(access)
        self.to[access] = whom
        self.jobs[access] = job_id
        self.point("after lend")
        return interfaces.ObjectKeys(
            access, f"secret-of-{access}", "http://swift:8080", "RegionOne", whom
        )

    def take_back(self, access: str) -> None:
        self._look()
        self.lent.discard(access)

    def _look(self) -> None:
        if self.away:
            raise exceptions.Transient("The object store does not answer.")


class _OfCaller(FakeObjects):
    def __init__(self, whole: FakeObjects, caller: interfaces.Caller) -> None:
        super().__init__()
        self._whole = whole
        self._caller = caller

    def lend(self, job_id: str, number: int) -> interfaces.ObjectKeys:
        return self._whole.make(self._caller.user_id, job_id)

    def make(self, whom: str, job_id: str) -> interfaces.ObjectKeys:
        return self._whole.make(whom, job_id)

    def take_back(self, access: str) -> None:
        self._whole.take_back(access)
