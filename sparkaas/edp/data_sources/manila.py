# SPDX-License-Identifier: Apache-2.0
"""``manila://SHARE-UUID/path``: a share, mounted on every node below ``/mnt``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sparkaas.edp.data_sources import urls


def validate(url: str, credentials: Mapping[str, Any] | None) -> None:
    urls.require_share(urls.split(url))


def native(url: str) -> str:
    return url


def runtime(url: str) -> str:
    parts = urls.split(url)
    return f"file:///mnt/{parts.netloc}{parts.path}"
