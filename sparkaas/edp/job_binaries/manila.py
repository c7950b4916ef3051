# SPDX-License-Identifier: Apache-2.0
"""``manila://SHARE-UUID/path``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sparkaas.edp.data_sources import urls
from sparkaas.edp.job_binaries import outside


def validate(url: str, extra: Mapping[str, Any] | None) -> None:
    urls.require_share(urls.split(url))


def store_key(url: str) -> str:
    raise outside.unavailable(url, "this installation cannot mount Manila shares")
