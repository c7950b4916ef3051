# SPDX-License-Identifier: Apache-2.0
"""Data sources: where a job reads or writes, one file for each type.

Each type's module has three pure functions: ``validate(url, credentials)``
raises ``exceptions.InvalidRequest``; ``native(url)`` is the address as the service
records it; ``runtime(url)`` the one that a job opens.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from typing import Protocol

from sparkaas import exceptions
from sparkaas.edp.data_sources import hdfs
from sparkaas.edp.data_sources import manila
from sparkaas.edp.data_sources import maprfs
from sparkaas.edp.data_sources import s3
from sparkaas.edp.data_sources import swift


class Type(Protocol):
    """What each module of this package offers."""

    def validate(self, url: str, credentials: Mapping[str, Any] | None) -> None: ...

    def native(self, url: str) -> str: ...

    def runtime(self, url: str) -> str: ...


TYPES: Mapping[str, Type] = {
    "swift": swift,
    "hdfs": hdfs,
    "maprfs": maprfs,
    "manila": manila,
    "s3": s3,
}


def validate(type: str, url: str, credentials: Mapping[str, Any] | None = None) -> None:
    """Raise ``exceptions.InvalidRequest`` unless a job could use that source."""
    _of(type).validate(url, credentials)


def native(type: str, url: str) -> str:
    """The address as it is recorded in a job's ``data_source_urls``."""
    return _of(type).native(url)


def runtime(type: str, url: str) -> str:
    """The address that stands in a job's arguments."""
    return _of(type).runtime(url)


def _of(type: str) -> Type:
    try:
        return TYPES[type]
    except KeyError:
        known = ", ".join(TYPES)
        raise exceptions.InvalidRequest(
            f"There is no data source type {type}", hint=f"Types: {known}."
        ) from None
