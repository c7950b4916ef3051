# SPDX-License-Identifier: Apache-2.0
"""``s3://bucket/key`` or ``s3a://bucket/key``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sparkaas import exceptions
from sparkaas.edp.data_sources import urls

#: Credential -> the type of its value.
_CREDENTIALS: Mapping[str, type] = {
    "accesskey": str,
    "secretkey": str,
    "endpoint": str,
    "ssl": bool,
    "bucket_in_path": bool,
}


def validate(url: str, credentials: Mapping[str, Any] | None) -> None:
    parts = urls.split(url)
    urls.require_scheme(parts, "s3", "s3a")
    if not parts.netloc or len(parts.path) < 2:
        raise exceptions.InvalidRequest("An S3 URL needs a bucket and a key")
    for name, value in (credentials or {}).items():
        if name not in _CREDENTIALS:
            known = ", ".join(_CREDENTIALS)
            raise exceptions.InvalidCredentials(
                f"{name} is no S3 credential", hint=f"Known: {known}."
            )
        if not isinstance(value, _CREDENTIALS[name]):
            raise exceptions.InvalidCredentials(
                f"{name} must be a {_CREDENTIALS[name].__name__}"
            )
    if "://" in str((credentials or {}).get("endpoint", "")):
        raise exceptions.InvalidCredentials("endpoint is given without a scheme")


def native(url: str) -> str:
    return url


def runtime(url: str) -> str:
    return "s3a://" + url.partition("://")[2]
