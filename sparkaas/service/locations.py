# SPDX-License-Identifier: Apache-2.0
"""The URLs of data sources and job binaries: which the service takes.

Pure functions; whether anything is there is seen when a job runs.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from sparkaas import exceptions
from sparkaas.edp import data_sources
from sparkaas.edp import job_binaries
from sparkaas.edp.data_sources import swift
from sparkaas.edp.job_binaries import internal_db
from sparkaas.edp.job_binaries import swift as swift_binary

_RANDSTR = re.compile(r"%RANDSTR\(([^)%]*)(\)%)?")
_MOST_RANDOM = 1024
_USERINFO = re.compile(r"([A-Za-z0-9+.-]*:)?//[^/?#]*@")


def check_data_source(
    type_: str,
    url: str,
    credentials: Mapping[str, Any] | None,
    *,
    lends: bool = False,
) -> None:
    """Raise ``exceptions.InvalidRequest`` for a data source that cannot work.

    ``credentials`` are those given, or the stored ones when none are given. Where
    Swift ``lends`` keys to jobs it needs none.
    """
    _refuse_userinfo(url)
    if lends and type_ == "swift" and not credentials:
        swift.validate_url(url)
    else:
        data_sources.validate(type_, url, credentials)
    _check_placeholders(url)


def check_job_binary(
    url: str, extra: Mapping[str, Any] | None, *, lends: bool = False
) -> None:
    """Raise ``exceptions.InvalidRequest`` for a job binary that cannot work;
    ``lends`` as for data sources."""
    _refuse_userinfo(url)
    if url.partition("://")[0] not in job_binaries.SCHEMES:
        raise exceptions.InvalidRequest(
            "The URL's scheme is none that job binaries have.",
            hint=f"Schemes: {', '.join(job_binaries.SCHEMES)}.",
        )
    if lends and url.startswith("swift://") and not extra:
        swift_binary.validate_url(url)
    else:
        job_binaries.validate(url, extra)


def internal_id(url: str) -> str | None:
    """The id in ``internal-db://{id}``; None for a URL of another scheme."""
    if not url.startswith("internal-db://"):
        return None
    return internal_db.internal_id(url)


def _refuse_userinfo(url: str) -> None:
    """A URL is shown to all who can see the object, so it may hold no secret."""
    if _USERINFO.match(url):
        raise exceptions.InvalidRequest(
            "A URL must not contain a user or a password.",
            hint="Give them as 'credentials' (data source) or 'extra' (job binary).",
        )


def _check_placeholders(url: str) -> None:
    total = 0
    for match in _RANDSTR.finditer(url):
        number, end = match.groups()
        if not end or not re.fullmatch("[0-9]{1,9}", number) or int(number) < 1:
            raise exceptions.InvalidRequest(
                "A random part of a URL is written %RANDSTR(n)%, with n at least 1."
            )
        total += int(number)
    if total > _MOST_RANDOM:
        raise exceptions.InvalidRequest(
            f"The random parts of a URL must not exceed {_MOST_RANDOM} letters."
        )
