# SPDX-License-Identifier: Apache-2.0
"""Job binaries: programs and libraries by URL, one file for each scheme.

Each scheme's module has two pure functions: ``validate(url, extra)`` raises
``exceptions.InvalidRequest``; ``store_key(url)`` answers under which key the
service's own store has the bytes, or raises ``exceptions.Permanent`` with the code
``BINARY_STORE_UNAVAILABLE`` where they lie outside and nothing can fetch them.
"""

from __future__ import annotations

import os.path
import re
from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any
from typing import Protocol

from sparkaas import exceptions
from sparkaas import model
from sparkaas.edp.data_sources import swift as data_swift
from sparkaas.edp.job_binaries import internal_db
from sparkaas.edp.job_binaries import manila
from sparkaas.edp.job_binaries import s3
from sparkaas.edp.job_binaries import swift

#: Names in a job's directory that belong to the launcher.
RESERVED = frozenset({"stdout", "stderr"})

#: How our client names what it uploads: by the file and a mark of its content, so
#: that two versions of a file are two binaries. It leaves the file's own name in
#: the description.
_MARKED = re.compile(r".+-[0-9a-f]{12}(\.[A-Za-z0-9._-]*)?")
#: What a file name may hold: nothing that means something in Spark's lists of files
#: (a comma, #) or to a shell.
_PLAIN_FILE = re.compile(r"(?!\.{1,2}$)[\w.][\w .+@=()~-]{0,199}")


class Scheme(Protocol):
    """What each module of this package offers."""

    def validate(self, url: str, extra: Mapping[str, Any] | None) -> None: ...

    def store_key(self, url: str) -> str: ...


SCHEMES: Mapping[str, Scheme] = {
    "internal-db": internal_db,
    "swift": swift,
    "s3": s3,
    "manila": manila,
}


def validate(url: str, extra: Mapping[str, Any] | None = None) -> None:
    """Raise ``exceptions.InvalidRequest`` unless the URL and its credentials are of
    a known form."""
    _of(url).validate(url, extra)


def store_key(binary: model.JobBinary) -> str:
    """The key in ``interfaces.Store`` of the binary's bytes.

    Raises ``exceptions.Permanent`` when the service does not have them.
    """
    return _of(binary.url).store_key(binary.url)


def is_outside(binary: model.JobBinary) -> bool:
    """Whether its bytes lie in an object store."""
    return binary.url.partition("://")[0] in ("swift", "s3")


def location(binary: model.JobBinary) -> tuple[str, str]:
    """(container or bucket, name of the object) of one that is outside."""
    host, _, name = binary.url.partition("://")[2].partition("/")
    return host.removesuffix(data_swift.PROVIDER), name


def file_name(binary: model.JobBinary) -> str:
    """What the binary is called on a node: its name, without the mark of its content
    that our client adds. A program opens and imports files by their own names."""
    own = binary.description or ""
    marked = _MARKED.fullmatch(binary.name)
    if marked is None or not _PLAIN_FILE.fullmatch(own):
        return binary.name
    return own if os.path.splitext(own)[1] == (marked[1] or "") else binary.name


def paths(directory: str, binaries: Sequence[model.JobBinary]) -> dict[str, str]:
    """Where each binary (by id) is to lie: in the job's directory under its file
    name, which is also the driver's working directory.

    A name that is taken by the launcher, or by another binary, gets a directory
    of its own; the file's own name stays, for Python imports it.
    """
    result: dict[str, str] = {}
    taken = set(RESERVED)
    for binary in binaries:
        if binary.id in result:
            continue
        name = file_name(binary)
        folder = f"{directory}/{binary.id}" if name in taken else directory
        taken.add(name)
        result[binary.id] = f"{folder}/{name}"
    return result


def _of(url: str) -> Scheme:
    scheme, found, _ = url.partition("://")
    if not found or scheme not in SCHEMES:
        known = ", ".join(f"{name}://" for name in SCHEMES)
        raise exceptions.BadJobBinary(
            f"A job binary's URL cannot begin with {scheme}", hint=f"Known: {known}."
        )
    return SCHEMES[scheme]
