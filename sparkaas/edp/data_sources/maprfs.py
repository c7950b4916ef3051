# SPDX-License-Identifier: Apache-2.0
"""``maprfs://[cluster]/path``, or a bare path on the cluster's own file system."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sparkaas.edp.data_sources import urls


def validate(url: str, credentials: Mapping[str, Any] | None) -> None:
    """Credentials mean nothing here and are ignored, as in Sahara."""
    # maprfs:///path, on the client's default cluster, is the form that MapR writes.
    urls.require_hadoop(url, "maprfs", host=False)


def native(url: str) -> str:
    return url


def runtime(url: str) -> str:
    return url
