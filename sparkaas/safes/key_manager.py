# SPDX-License-Identifier: Apache-2.0
"""Texts kept by OpenStack's key manager, Barbican, through castellan.

The service acts as itself there ([key_manager] has its credentials): what it keeps
belongs to its own project, and outlives the user who gave it.
"""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Iterator
from typing import Any

from oslo_config import cfg

from sparkaas import exceptions

_HINT = (
    "Check that the key manager answers, and [key_manager] and [barbican]; see the "
    "page on secrets of the administrator's guide."
)


class KeyManagerSafe:
    """An ``interfaces.Safe``. ``manager`` is a castellan ``KeyManager``, by default
    the one of the configuration, made when it is first needed."""

    prefix = "castellan:"

    def __init__(self, conf: cfg.ConfigOpts, manager: Any = None) -> None:
        self._conf = conf
        self._given = manager

    @functools.cached_property
    def _castellan(self) -> Any:
        try:
            import castellan.common.exception
            import castellan.common.objects.opaque_data
            import castellan.common.utils
            import castellan.key_manager
        except ModuleNotFoundError as error:
            raise exceptions.Permanent(
                f"The Python package {error.name} is not installed.",
                code="KEY_MANAGER_REFUSED",
                hint="pip install 'sparkaas[barbican]'",
            ) from error
        return castellan

    @functools.cached_property
    def _manager(self) -> Any:
        return self._given or self._castellan.key_manager.API(self._conf)

    def _context(self) -> Any:
        """Who asks. A new one each time, which costs nothing: the key manager gets
        its own token for it."""
        if self._given is not None:
            return object()
        return self._castellan.common.utils.credential_factory(self._conf)

    def seal(self, name: str, text: str) -> str:
        """Keep it there under ``name``; the id, to keep in its place."""
        with self._explained():
            value = self._castellan.common.objects.opaque_data.OpaqueData(
                text.encode(), name=name
            )
            return f"{self.prefix}{self._manager.store(self._context(), value)}"

    def open(self, sealed: str) -> str:
        """Raises ``exceptions.Transient`` when the key manager cannot be asked,
        ``Permanent`` when it does not have it."""
        with self._explained():
            kept = self._manager.get(self._context(), self._id(sealed))
            data: bytes = kept.get_encoded()
            return data.decode()

    def discard(self, sealed: str) -> None:
        """Have it deleted there; already gone is fine."""
        with self._explained():
            missing = self._castellan.common.exception.ManagedObjectNotFoundError
            with contextlib.suppress(missing):
                self._manager.delete(self._context(), self._id(sealed))

    def _id(self, sealed: str) -> str:
        return sealed.removeprefix(self.prefix)

    @contextlib.contextmanager
    def _explained(self) -> Iterator[None]:
        known = self._castellan.common.exception
        try:
            yield
        except known.ManagedObjectNotFoundError as error:
            raise exceptions.Permanent(
                "The key manager does not have a secret of the service any more.",
                code="SECRET_UNREADABLE",
                hint="Whatever needs the secret must be made again.",
            ) from error
        except (
            known.Forbidden,
            known.AuthTypeInvalidError,
            known.InsufficientCredentialDataError,
        ) as error:
            raise exceptions.Permanent(
                "The key manager does not take the service's credentials.",
                code="KEY_MANAGER_REFUSED",
                hint=_HINT,
            ) from error
        except known.CastellanException as error:
            # Its words can have an URL or a body of the key manager's.
            raise exceptions.Transient(
                "The key manager cannot be asked.", code="KEY_MANAGER_AWAY", hint=_HINT
            ) from error
