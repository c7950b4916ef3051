# SPDX-License-Identifier: Apache-2.0
"""``s3://bucket/key``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sparkaas import exceptions
from sparkaas.edp.data_sources import urls
from sparkaas.edp.job_binaries import outside


def validate(url: str, extra: Mapping[str, Any] | None) -> None:
    parts = urls.split(url)
    if not parts.netloc or len(parts.path) < 2:
        raise exceptions.BadJobBinary("An S3 URL needs a bucket and a key")
    outside.require(extra, ("accesskey", "secretkey", "endpoint"), "S3")
    endpoint = str((extra or {})["endpoint"])
    if not endpoint.startswith(("http://", "https://")):
        raise exceptions.BadJobBinary("endpoint begins with http:// or https://")


def store_key(url: str) -> str:
    raise outside.unavailable(url, "this installation has no connection to S3")
