# SPDX-License-Identifier: Apache-2.0
"""``swift://container/object``, in Hadoop's spelling ``swift://container.sahara/object``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sparkaas import exceptions
from sparkaas.edp.data_sources import urls

#: Hadoop's name of the object store in a host name, fixed by existing URLs.
PROVIDER = ".sahara"

_SCHEME = "swift://"
_CREDENTIALS = ("user", "password")


def validate(url: str, credentials: Mapping[str, Any] | None) -> None:
    validate_url(url)
    given = credentials or {}
    unknown = sorted(given.keys() - set(_CREDENTIALS))
    if unknown:
        raise exceptions.InvalidCredentials(
            f"{', '.join(unknown)}: no Swift credential",
            hint=f"Known: {', '.join(_CREDENTIALS)}.",
        )
    missing = [name for name in _CREDENTIALS if not given.get(name)]
    if missing:
        raise exceptions.InvalidCredentials(
            f"A Swift data source needs credentials: {' and '.join(missing)}"
        )


def validate_url(url: str) -> None:
    """Raise unless ``url`` names an object (or a prefix) in a container."""
    parts = urls.split(url)
    urls.require_scheme(parts, "swift")
    container = parts.netloc.removesuffix(PROVIDER)
    if not container:
        raise exceptions.InvalidRequest("A Swift URL needs a container")
    if "." in container:
        raise exceptions.InvalidRequest(
            f"A container's name cannot hold a dot here: {container}",
            hint=f"The form is swift://CONTAINER/OBJECT or "
            f"swift://CONTAINER{PROVIDER}/OBJECT.",
        )


def native(url: str) -> str:
    return in_hadoop(url)


def in_hadoop(text: str) -> str:
    """A ``swift://`` address as Hadoop takes it; any other text as it is."""
    container, slash, name = text.removeprefix(_SCHEME).partition("/")
    if not text.startswith(_SCHEME) or not container or container.endswith(PROVIDER):
        return text
    return f"{_SCHEME}{container}{PROVIDER}{slash}{name}"


def runtime(url: str) -> str:
    return native(url)
