# SPDX-License-Identifier: Apache-2.0
"""Texts encrypted with a key of the configuration (Fernet: AES-128-CBC and an
HMAC-SHA256)."""

from __future__ import annotations

from collections.abc import Sequence

from cryptography import fernet

from sparkaas import exceptions


def new_key() -> str:
    """A key that nobody knows."""
    return fernet.Fernet.generate_key().decode()


class EncryptedSafe:
    """An ``interfaces.Safe``.

    A key is the URL-safe base64 of 32 bytes: the first encrypts, all decrypt. Raises
    ``exceptions.Permanent`` for what is no key.
    """

    #: Fernet's version byte, in base64.
    prefix = "gA"

    def __init__(self, keys: Sequence[str]) -> None:
        try:
            self._fernet = fernet.MultiFernet([fernet.Fernet(one) for one in keys])
        except ValueError as error:
            raise exceptions.Permanent(
                "An encryption key is not the URL-safe base64 of 32 bytes.",
                code="BAD_ENCRYPTION_KEY",
                hint="Check [secrets] keys, and the file that [secrets] key_file "
                "names.",
            ) from error

    def seal(self, name: str, text: str) -> str:
        """What to keep in its place."""
        return self._fernet.encrypt(text.encode()).decode()

    def open(self, sealed: str) -> str:
        """Raises ``exceptions.Permanent`` when no key fits."""
        try:
            return self._fernet.decrypt(sealed.encode()).decode()
        except fernet.InvalidToken as error:
            raise exceptions.Permanent(
                "A secret does not open with the service's keys.",
                code="SECRET_UNREADABLE",
                hint="Add the key that encrypted it to [secrets] keys, after the "
                "others.",
            ) from error

    def discard(self, sealed: str) -> None:
        """Nothing is kept elsewhere."""
