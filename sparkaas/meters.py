# SPDX-License-Identifier: Apache-2.0
"""What a process counts, for Prometheus.

The labels' values are names of our own code (steps, routes) or of a closed set, never
a project's or a user's. Where PROMETHEUS_MULTIPROC_DIR names a directory, the processes
that have it in common answer for each other.
"""

from __future__ import annotations

import os
from collections.abc import Mapping

import prometheus_client
from prometheus_client import multiprocess

CONTENT_TYPE = prometheus_client.CONTENT_TYPE_LATEST

_SECONDS = (0.01, 0.05, 0.25, 1.0, 5.0, 30.0)
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_OTHER = "other"

REQUESTS = prometheus_client.Counter(
    "sparkaas_api_requests", "Requests.", ["method", "route", "status"]
)
REQUEST_SECONDS = prometheus_client.Histogram(
    "sparkaas_api_request_seconds",
    "Seconds until an answer began.",
    ["method", "route"],
    buckets=_SECONDS,
)
STEPS = prometheus_client.Counter(
    "sparkaas_conductor_steps",
    "Steps that were run, by what came of it.",
    ["kind", "step", "outcome"],
)
STEP_SECONDS = prometheus_client.Histogram(
    "sparkaas_conductor_step_seconds",
    "Seconds that steps took.",
    ["kind", "step"],
    buckets=_SECONDS,
)
GIVEN_UP = prometheus_client.Counter(
    "sparkaas_conductor_given_up",
    "Requests that ended in an error, by the step.",
    ["kind", "step"],
)
LEASE_LOSSES = prometheus_client.Counter(
    "sparkaas_conductor_lease_losses",
    "Passes whose record another conductor had taken over.",
    ["kind"],
)
LAG_SECONDS = prometheus_client.Histogram(
    "sparkaas_conductor_lag_seconds",
    "Seconds from when a record was due until a conductor had it.",
    ["kind"],
    buckets=_SECONDS,
)
LOOP_ERRORS = prometheus_client.Counter(
    "sparkaas_conductor_loop_errors",
    "Looks for work, passes and sweeps that failed for want of the database.",
)
CALLS = prometheus_client.Counter(
    "sparkaas_openstack_requests",
    "Requests to the cloud's services.",
    ["service", "method", "status"],
)
CALL_SECONDS = prometheus_client.Histogram(
    "sparkaas_openstack_request_seconds",
    "Seconds that they took.",
    ["service", "method"],
    buckets=_SECONDS,
)


def method(name: str) -> str:
    """An HTTP method as a label."""
    return name if name in _METHODS else _OTHER


def registry() -> prometheus_client.CollectorRegistry:
    """What has been counted, by this process or by all that share a directory."""
    if not os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        return prometheus_client.REGISTRY
    shared = prometheus_client.CollectorRegistry()
    multiprocess.MultiProcessCollector(shared)  # type: ignore[no-untyped-call]
    return shared


def exposition() -> bytes:
    """The same as text."""
    text: bytes = prometheus_client.generate_latest(registry())
    return text


#: Help, labels' names, and (labels' values, value) pairs.
Gauge = tuple[str, list[str], list[tuple[list[str], float]]]


def gauges(found: Mapping[str, Gauge]) -> bytes:
    """Text of values that were looked up, by name."""
    made = prometheus_client.CollectorRegistry()
    for name, (words, labels, values) in found.items():
        gauge = prometheus_client.Gauge(name, words, labels, registry=made)
        for each, value in values:
            (gauge.labels(*each) if labels else gauge).set(value)
    text: bytes = prometheus_client.generate_latest(made)
    return text
