# SPDX-License-Identifier: Apache-2.0
"""Secrets: a row for each, with what a safe gave for the value.

What is sealed names the reference too, so that whoever can write to the database
cannot pass one secret off as another.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from collections.abc import Sequence

import sqlalchemy as sa
from oslo_db import exception as db_exceptions

from sparkaas import exceptions
from sparkaas import interfaces
from sparkaas.db import models
from sparkaas.db import session

_ROW = models.Secret
_NAMED = uuid.UUID("2d6c2f0a-5a55-4a3e-9a62-0c1f3a4c7a11")


class StoredSecrets:
    """``interfaces.Secrets``. The first of ``safes`` gets what is new; each opens what
    it has sealed. No transaction is open while a safe is at work."""

    def __init__(self, db: session.Database, safes: Sequence[interfaces.Safe]) -> None:
        self._db = db
        self._safes = tuple(safes)

    def put(self, project_id: str, value: Mapping[str, str], name: str = "") -> str:
        """Keep it; return its reference."""
        if name:
            reference = str(uuid.uuid5(_NAMED, f"{project_id}\n{name}"))
            if self._sealed(reference) is not None:
                return reference
        else:
            reference = str(uuid.uuid4())
        sealed = self._seal(reference, value)
        row = _ROW(id=reference, project_id=project_id, ciphertext=sealed)
        try:
            with self._db.writer() as transaction:
                transaction.add(row)
        except BaseException as error:
            self._safes[0].discard(sealed)
            # put by somebody else meanwhile: under a name, the first one stays
            if not name or not isinstance(error, db_exceptions.DBDuplicateEntry):
                raise
        return reference

    def get(self, reference: str) -> Mapping[str, str]:
        """Raises ``exceptions.NotFound``, or what the safe raises."""
        sealed = self._sealed(reference)
        if sealed is None:
            raise exceptions.NotFound(f"there is no secret '{reference}'")
        return self._open(reference, sealed)

    def delete(self, reference: str) -> None:
        """Forget it: in the safe first, or nobody would know of it there."""
        sealed = self._sealed(reference)
        if sealed is None:
            return
        self._safe(sealed).discard(sealed)
        with self._db.writer() as transaction:
            transaction.execute(sa.delete(_ROW).where(_ROW.id == reference))

    def references(self) -> Sequence[str]:
        """Of everything that is kept."""
        with self._db.reader() as transaction:
            return transaction.scalars(sa.select(_ROW.id).order_by(_ROW.id)).all()

    def rotate(self) -> int:
        """Seal everything anew, by the first safe and its newest key; the number of
        secrets. After it other safes and keys are not needed."""
        return sum(map(self._rotate, self.references()))

    def _rotate(self, reference: str) -> int:
        old = self._sealed(reference)
        if old is None:
            return 0
        new = self._seal(reference, self._open(reference, old))
        # Only what was read is replaced: it may be forgotten or put anew meanwhile.
        statement = (
            sa.update(_ROW)
            .where(_ROW.id == reference, _ROW.ciphertext == old)
            .values(ciphertext=new)
        )
        with self._db.writer() as transaction:
            replaced = session.count(transaction, statement) == 1
        unused = old if replaced else new
        self._safe(unused).discard(unused)
        return int(replaced)

    def _sealed(self, reference: str) -> str | None:
        with self._db.reader() as transaction:
            return transaction.scalar(
                sa.select(_ROW.ciphertext).where(_ROW.id == reference)
            )

    def _safe(self, sealed: str) -> interfaces.Safe:
        for safe in self._safes:
            if sealed.startswith(safe.prefix):
                return safe
        raise exceptions.Permanent(
            "A secret was kept in a way that the service does not know.",
            code="SECRET_UNREADABLE",
        )

    def _seal(self, reference: str, value: Mapping[str, str]) -> str:
        whole = json.dumps([reference, dict(value)])
        return self._safes[0].seal(f"sparkaas/{reference}", whole)

    def _open(self, reference: str, sealed: str) -> Mapping[str, str]:
        named, value = json.loads(self._safe(sealed).open(sealed))
        if named != reference:
            raise exceptions.Permanent(
                f"The secret '{reference}' was put there for another reference.",
                code="SECRET_UNREADABLE",
            )
        found: Mapping[str, str] = value
        return found
