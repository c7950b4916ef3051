# SPDX-License-Identifier: Apache-2.0
"""The API's versions: what ``GET /`` says, and the microversion of a request.

Microversions of v2:

- 2.0: Sahara's API v2.
- 2.1: upload of job binaries, job logs by offset, progress and reasons of jobs and
  clusters, job types PySpark and SparkSQL, idempotency keys, flavors.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from sparkaas import exceptions

Version = tuple[int, int]

V2_0: Version = (2, 0)
V2_1: Version = (2, 1)
#: In order; the first is what a request without the header gets.
MICROVERSIONS = (V2_0, V2_1)

HEADER = "OpenStack-API-Version"
SERVICE_TYPE = "data-processing"

#: The major versions that are served: (id, status). v2 must be among them.
MAJOR = (("v1.0", "SUPPORTED"), ("v1.1", "SUPPORTED"), ("v2", "CURRENT"))


def text(version: Version) -> str:
    """``2.1``."""
    return f"{version[0]}.{version[1]}"


def headers(version: Version) -> dict[str, str]:
    """What every answer of a resource carries."""
    return {"Vary": HEADER, HEADER: f"{SERVICE_TYPE} {text(version)}"}


def negotiate(header: str | None) -> Version:
    """The version that a request's header asks for.

    Raises ``exceptions.BadMicroversion`` or ``exceptions.NotAcceptable``.
    """
    for part in (header or "").split(","):
        service, _, wanted = part.strip().partition(" ")
        if service != SERVICE_TYPE:
            continue
        wanted = wanted.strip()
        if wanted == "latest":
            return MICROVERSIONS[-1]
        match = re.fullmatch(r"([0-9]{1,4})\.([0-9]{1,4})", wanted)
        if match is None:
            raise exceptions.BadMicroversion(
                f"API version '{wanted[:40]}' is not of the form N.N."
            )
        version = (int(match[1]), int(match[2]))
        if version not in MICROVERSIONS:
            raise exceptions.NotAcceptable(
                f"API version {wanted} is not supported: it must be one of "
                f"{', '.join(map(text, MICROVERSIONS))}."
            )
        return version
    return MICROVERSIONS[0]


def limits() -> dict[str, str]:
    """The lowest and highest microversion."""
    return {
        "min_version": text(MICROVERSIONS[0]),
        "max_version": text(MICROVERSIONS[-1]),
    }


def entry(id: str, status: str, base: str) -> dict[str, Any]:
    """One version as discovery shows it; ``base`` is the service's URL without a
    trailing slash."""
    shown: dict[str, Any] = {
        "id": id,
        "status": status,
        "links": [{"rel": "self", "href": f"{base}/{id}/"}],
    }
    if id == "v2":
        shown |= limits()
    return shown


def document(path: str, base: str) -> tuple[int, Mapping[str, Any]] | None:
    """The status and body for a discovery path, or None for any other path."""
    name = path.strip("/")
    if not name:
        return 300, {"versions": [entry(*major, base) for major in MAJOR]}
    for id, status in MAJOR:
        if name == id:
            return 200, {"version": entry(id, status, base)}
    return None
