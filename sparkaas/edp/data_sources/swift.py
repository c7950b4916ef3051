# SPDX-License-Identifier: Apache-2.0
"""``swift://container/object``, in Hadoop's spelling ``swift://container.sahara/object``."""

from __future__ import annotations

import urllib.parse
from collections.abc import Mapping
from typing import Any

from sparkaas import exceptions
from sparkaas.edp.data_sources import urls

#: Hadoop's name of the object store in a host name, fixed by existing URLs.
PROVIDER = ".sahara"


def validate(url: str, credentials: Mapping[str, Any] | None) -> None:
    validate_url(url)
    given = credentials or {}
    missing = [name for name in ("user", "password") if not given.get(name)]
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
    parts = urls.split(url)
    if parts.netloc.endswith(PROVIDER):
        return url
    return urllib.parse.urlunsplit(parts._replace(netloc=parts.netloc + PROVIDER))


def runtime(url: str) -> str:
    return native(url)
