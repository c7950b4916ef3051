# SPDX-License-Identifier: Apache-2.0
"""Errors on the wire: the only place that knows which one has which status."""

from __future__ import annotations

import uuid
from typing import Any

from oslo_log import log

from sparkaas import exceptions
from sparkaas.api import versions

LOG = log.getLogger(__name__)

#: The first class that fits decides; anything else is 500.
STATUS: tuple[tuple[type[exceptions.SparkaasError], int], ...] = (
    (exceptions.InvalidRequest, 400),
    (exceptions.Unauthenticated, 401),
    (exceptions.Forbidden, 403),
    (exceptions.NotFound, 404),
    (exceptions.NotAcceptable, 406),
    (exceptions.Transient, 503),
)

_UNEXPECTED = "The service failed in a way that it did not expect."


def body(error: BaseException, version: versions.Version) -> tuple[int, dict[str, Any]]:
    """The status and JSON body for an error; both are logged under one error id."""
    id = str(uuid.uuid4())
    status = next((s for kind, s in STATUS if isinstance(error, kind)), 500)
    if status == 500:
        LOG.error("Error ID %s: request failed", id, exc_info=error)
    if isinstance(error, exceptions.SparkaasError):
        LOG.info("Error ID %s: %s %s: %s", id, status, error.code, error.message)
        name, message, hint = error.code, error.message, error.hint
    else:
        name, message, hint = exceptions.SparkaasError.code, _UNEXPECTED, ""
    shown: dict[str, Any] = {
        "error_code": status,
        "error_name": name,
        "error_message": f"{message}\nError ID: {id}",
    }
    if hint and version >= versions.V2_1:
        shown["hint"] = hint
    if isinstance(error, exceptions.BadMicroversion | exceptions.NotAcceptable):
        shown |= versions.limits()
    return status, shown


def router_body(status: int, name: str, message: str) -> dict[str, Any]:
    """What the router says of an unknown URL or a wrong method: the old key
    ``error`` for those who read it, and the three of every other error."""
    return {
        "error": status,
        "error_code": status,
        "error_name": name,
        "error_message": message,
    }
