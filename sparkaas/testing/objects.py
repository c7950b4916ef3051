# SPDX-License-Identifier: Apache-2.0
"""A cloud's object store in memory, as far as keys to it go."""

from __future__ import annotations

import uuid
from collections.abc import Mapping

from sparkaas import interfaces
from sparkaas.testing import crash


class FakeObjects:
    """An ``interfaces.Objects``. ``keys`` has what was lent and not taken back: each
    access key with its job and its user's name."""

    def __init__(self, point: crash.Point = crash.no_crash) -> None:
        self.keys: dict[str, tuple[str, str]] = {}
        self.point = point
        self._caller = ""

    def for_caller(self, caller: interfaces.Caller) -> FakeObjects:
        self._caller = caller.user_id
        return self

    def lend(self, job_id: str, number: int) -> interfaces.ObjectKeys:
        return self._lend(job_id, number, self._caller)

    def lend_of(
        self, job_id: str, number: int, user: str, password: str, project_id: str
    ) -> interfaces.ObjectKeys:
        return self._lend(job_id, number, user)

    def _lend(self, job_id: str, number: int, user: str) -> interfaces.ObjectKeys:
        self.point("before lend")
        access = f"{job_id}.{number}"
        if access in self.keys:
            raise AssertionError(f"{access} is lent already")
        self.keys[access] = (job_id, user)
        self.point("after lend")
        return interfaces.ObjectKeys(
            access=access,
            secret=uuid.uuid4().hex,
            endpoint="http://objects.example.org",
            region="us-east-1",
            user_id=user,
        )

    def take_back(self, access: str) -> None:
        self.point("before take back")
        self.keys.pop(access, None)
        self.point("after take back")

    def lent(self) -> Mapping[str, str]:
        return {access: job_id for access, (job_id, _) in self.keys.items()}
