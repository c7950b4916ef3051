# SPDX-License-Identifier: Apache-2.0
"""Secrets in the database, encrypted with a key that is not there.

What is encrypted names the reference too, so that whoever can write to the
database cannot pass one secret off as another.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping

import sqlalchemy as sa
from cryptography import fernet
from oslo_db import exception as db_exceptions

from sparkaas import exceptions
from sparkaas.db import models
from sparkaas.db import session

_ROW = models.Secret
_NAMED = uuid.UUID("2d6c2f0a-5a55-4a3e-9a62-0c1f3a4c7a11")


class DatabaseSecrets:
    """``interfaces.Secrets``.

    ``key`` is one or more Fernet keys (URL-safe base64 of 32 bytes), separated by
    white space: the first encrypts, all decrypt. Raises ``exceptions.Permanent``
    for what is no key.
    """

    def __init__(self, db: session.Database, key: bytes) -> None:
        self._db = db
        try:
            keys = [fernet.Fernet(one) for one in key.split()]
            self._fernet = fernet.MultiFernet(keys)
        except ValueError as error:
            raise exceptions.Permanent(
                "the encryption key is not URL-safe base64 of 32 bytes",
                code="BAD_ENCRYPTION_KEY",
                hint="Check the file that [service]encryption_key_file names.",
            ) from error

    def put(self, project_id: str, value: Mapping[str, str], name: str = "") -> str:
        """Keep it; return its reference."""
        if name:
            reference = str(uuid.uuid5(_NAMED, f"{project_id}\n{name}"))
        else:
            reference = str(uuid.uuid4())
        row = _ROW(
            id=reference,
            project_id=project_id,
            ciphertext=self._seal(reference, value),
        )
        try:
            with self._db.writer() as transaction:
                if transaction.get(_ROW, reference) is None:
                    transaction.add(row)
        except db_exceptions.DBDuplicateEntry:
            # put by somebody else meanwhile: under a name, the first one stays
            if not name:
                raise
        return reference

    def get(self, reference: str) -> Mapping[str, str]:
        """Raises ``exceptions.NotFound``, or ``Permanent`` when no key fits."""
        with self._db.reader() as transaction:
            row = transaction.get(_ROW, reference)
            if row is None:
                raise exceptions.NotFound(f"there is no secret '{reference}'")
            return self._open(reference, row.ciphertext)

    def delete(self, reference: str) -> None:
        """Forget it."""
        with self._db.writer() as transaction:
            transaction.execute(sa.delete(_ROW).where(_ROW.id == reference))

    def rotate(self) -> int:
        """Encrypt everything anew with the first key; the number of secrets. After
        it the other keys are not needed."""
        with self._db.reader() as transaction:
            references = transaction.scalars(sa.select(_ROW.id)).all()
        return sum(map(self._rotate, references))

    def _rotate(self, reference: str) -> int:
        with self._db.writer() as transaction:
            row = transaction.get(_ROW, reference, with_for_update=True)
            if row is None:
                return 0
            value = self._open(reference, row.ciphertext)
            row.ciphertext = self._seal(reference, value)
            return 1

    def _seal(self, reference: str, value: Mapping[str, str]) -> str:
        plain = json.dumps([reference, dict(value)])
        return self._fernet.encrypt(plain.encode()).decode()

    def _open(self, reference: str, ciphertext: str) -> Mapping[str, str]:
        try:
            plain = self._fernet.decrypt(ciphertext.encode())
        except fernet.InvalidToken as error:
            raise exceptions.Permanent(
                f"the secret '{reference}' does not open with the service's key",
                code="SECRET_UNREADABLE",
                hint="Put the key that encrypted it into the file that "
                "[service]encryption_key_file names, on a line of its own.",
            ) from error
        named, value = json.loads(plain)
        if named != reference:
            raise exceptions.Permanent(
                f"the secret '{reference}' was put there for another reference",
                code="SECRET_UNREADABLE",
            )
        found: Mapping[str, str] = value
        return found
