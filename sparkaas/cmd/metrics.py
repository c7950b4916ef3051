# SPDX-License-Identifier: Apache-2.0
"""A conductor's own metrics, on a port of their own."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from oslo_config import cfg

from sparkaas import meters
from sparkaas.cmd import serving

_THREADS = 2


def serve(conf: cfg.ConfigOpts) -> serving.Listener | None:
    """Answer Prometheus from now on; None where [metrics] has no port."""
    if not conf.metrics.port:
        return None
    listener = serving.Listener(
        _application, conf.metrics.host, conf.metrics.port, _THREADS
    )
    listener.start()
    return listener


def _application(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    known = environ.get("PATH_INFO") == "/metrics"
    text = meters.exposition() if known else b"See /metrics.\n"
    start_response(
        "200 OK" if known else "404 Not Found",
        [
            ("Content-Type", meters.CONTENT_TYPE if known else "text/plain"),
            ("Content-Length", str(len(text))),
        ],
    )
    return [text]
