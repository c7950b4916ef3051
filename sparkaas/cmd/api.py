# SPDX-License-Identifier: Apache-2.0
"""``sparkaas-api``: the REST API alone, with an HTTP server of its own."""

from __future__ import annotations

import logging
import pathlib
import sys
from collections.abc import Callable
from collections.abc import Mapping
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

#: Where the configuration is unless the environment says otherwise.
_DIRECTORY = "/etc/sparkaas"
_FILE = "sparkaas.conf"


def build(conf: cfg.ConfigOpts) -> Callable[..., Any]:
    """The application for these options."""
    env = wiring.build_env(conf, wiring.transport(conf))
    token = ""
    if conf.api.auth == "token":
        state.make(service.state_path(conf))
        token = state.token(service.state_path(conf))
    return wiring.build_application(env, token)


def be_quick(conf: cfg.ConfigOpts) -> None:
    """A request must not wait until a database that is away has come back, as the
    library does for minutes unless [database] says otherwise."""
    session.register(conf)
    conf.set_default("max_retries", 0, group="database")


def config_files(environ: Mapping[str, str]) -> list[str]:
    """The configuration files that the environment names: those of
    OS_SPARKAAS_CONFIG_FILES (separated by ``;``), below OS_SPARKAAS_CONFIG_DIR unless
    they are absolute."""
    directory = environ.get("OS_SPARKAAS_CONFIG_DIR", "").strip() or _DIRECTORY
    named = environ.get("OS_SPARKAAS_CONFIG_FILES", "").split(";")
    names = [name.strip() for name in named if name.strip()] or [_FILE]
    return [str(pathlib.Path(directory) / name) for name in names]


def from_environment(environ: Mapping[str, str]) -> Callable[..., Any]:
    """The application; exits with a line about what is wrong."""
    # A WSGI server's argv is not ours.
    files = [f"--config-file={name}" for name in config_files(environ)]
    conf = setup.load(setup.options(environ), files, PROG, "")
    made: list[Callable[..., Any]] = []

    def start() -> int:
        setup.start_log(conf)
        be_quick(conf)
        made.append(build(conf))
        return 0

    code = failing.guard(PROG, conf, start)
    if code:
        raise SystemExit(code)
    return made[0]


def main(argv: Sequence[str] | None = None) -> int:
    """Serve the API on [api] host and port until SIGTERM or SIGINT."""
    arguments = sys.argv[1:] if argv is None else argv
    conf = setup.load(setup.options(), arguments, PROG, __doc__ or "")
    stop = stopping.Stop()
    return failing.guard(PROG, conf, lambda: _run(conf, stop))


def _run(conf: cfg.ConfigOpts, stop: stopping.Stop) -> int:
    setup.start_log(conf)
    be_quick(conf)
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
