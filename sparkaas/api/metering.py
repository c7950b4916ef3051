# SPDX-License-Identifier: Apache-2.0
"""Counts requests, and shows Prometheus the counts."""

from __future__ import annotations

import time
import typing
from collections.abc import Iterable

from sparkaas import meters
from sparkaas.service import env as environment
from sparkaas.service import metrics

if typing.TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse
    from _typeshed.wsgi import WSGIApplication
    from _typeshed.wsgi import WSGIEnvironment

PATH = "/metrics"
#: Under this key the WSGI environment has the route's path, variables in braces.
ROUTE = "sparkaas.route"


class Metering:
    """The outermost of all, where [metrics] says so."""

    def __init__(self, app: WSGIApplication, env: environment.Env) -> None:
        self._app = app
        self._env = env

    def __call__(
        self, environ: WSGIEnvironment, start_response: StartResponse
    ) -> Iterable[bytes]:
        method = meters.method(environ["REQUEST_METHOD"])
        if environ.get("PATH_INFO") == PATH and method in {"GET", "HEAD"}:
            return self._show(method, start_response)
        began = time.monotonic()
        status = "500"

        def started(*head: typing.Any) -> typing.Any:
            nonlocal status
            status = str(head[0])[:3]
            return start_response(*head)

        try:
            return self._app(environ, started)
        finally:
            route = environ.get(ROUTE, "none")
            meters.REQUESTS.labels(method, route, status).inc()
            seconds = time.monotonic() - began
            meters.REQUEST_SECONDS.labels(method, route).observe(seconds)

    def _show(self, method: str, start_response: StartResponse) -> Iterable[bytes]:
        text = metrics.exposition(self._env)
        start_response(
            "200 OK",
            [
                ("Content-Type", meters.CONTENT_TYPE),
                ("Content-Length", str(len(text))),
            ],
        )
        return [b"" if method == "HEAD" else text]
