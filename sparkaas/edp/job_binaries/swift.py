# SPDX-License-Identifier: Apache-2.0
"""``swift://container[.sahara]/object``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sparkaas import exceptions
from sparkaas.edp.data_sources import swift
from sparkaas.edp.data_sources import urls
from sparkaas.edp.job_binaries import outside


def validate_url(url: str) -> None:
    """Raise unless ``url`` names an object."""
    swift.validate_url(url)
    if len(urls.split(url).path) < 2:
        raise exceptions.BadJobBinary("A Swift URL needs a container and an object")


def validate(url: str, extra: Mapping[str, Any] | None) -> None:
    validate_url(url)
    outside.require(extra, ("user", "password"), "Swift")


def store_key(url: str) -> str:
    raise outside.unavailable(url, "this installation has no connection to Swift")
