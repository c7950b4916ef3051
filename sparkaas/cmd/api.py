# SPDX-License-Identifier: Apache-2.0
"""The REST API alone: ``sparkaas.cmd.api:application`` for a WSGI server, and
``sparkaas-api``, which brings its own."""

from __future__ import annotations

import logging
import sys
import threading
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Sequence
from typing import Any

from oslo_config import cfg

from sparkaas.cmd import failing
from sparkaas.cmd import serving
from sparkaas.cmd import setup
from sparkaas.cmd import state
from sparkaas.cmd import stopping
from sparkaas.cmd import wiring
from sparkaas.conf import service
from sparkaas.db import migration
from sparkaas.db import session

LOG = logging.getLogger(__name__)

PROG = "sparkaas-api"


def build(conf: cfg.ConfigOpts) -> Callable[..., Any]:
    """The application for these options."""
    env = wiring.build_env(conf, wiring.transport(conf))
    token = ""
    if conf.api.auth == "token":
        state.make(service.state_path(conf))
        token = state.token(service.state_path(conf))
    return wiring.build_application(env, token)


class _Lazy:
    """The application, built at its first request: a server that forks its
    workers after the import must not share a database connection among them."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._application: Callable[..., Any] | None = None

    def __call__(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        with self._lock:
            if self._application is None:
                # A WSGI server's argv is not ours: files and environment only.
                conf = setup.load(setup.options(), [], PROG, __doc__ or "")
                setup.start_log(conf)
                self._application = build(conf)
        answer: Iterable[bytes] = self._application(environ, start_response)
        return answer


application = _Lazy()


def main(argv: Sequence[str] | None = None) -> int:
    """Serve the API on [api] host and port until SIGTERM or SIGINT."""
    arguments = sys.argv[1:] if argv is None else argv
    conf = setup.load(setup.options(), arguments, PROG, __doc__ or "")
    stop = stopping.Stop()
    return failing.guard(PROG, conf, lambda: _run(conf, stop))


def _run(conf: cfg.ConfigOpts, stop: stopping.Stop) -> int:
    setup.start_log(conf)
    serving.refuse_open_door(conf.api.auth, conf.api.host)
    _need_database(conf)
    listener = serving.Listener(
        build(conf), conf.api.host, conf.api.port, conf.api.threads
    )
    listener.start()
    LOG.info("Listening at %s", listener.url)
    LOG.info("Stopping: %s", stop.wait())
    listener.stop()
    return 0


def _need_database(conf: cfg.ConfigOpts) -> None:
    database = session.connect(conf)
    try:
        migration.need(database)
    finally:
        database.dispose()


if __name__ == "__main__":
    sys.exit(main())
