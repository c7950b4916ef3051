# SPDX-License-Identifier: Apache-2.0
"""``hdfs://host[:port]/path``, or a bare path on the cluster's own file system."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sparkaas.edp.data_sources import urls


def validate(url: str, credentials: Mapping[str, Any] | None) -> None:
    """Credentials mean nothing here and are ignored, as in Sahara."""
    urls.require_hadoop(url, "hdfs")


def native(url: str) -> str:
    return url


def runtime(url: str) -> str:
    return url
