# SPDX-License-Identifier: Apache-2.0
"""``sparkaas-all``: API and conductor in one process, on SQLite, for one person."""

from __future__ import annotations

import contextlib
import logging
import pathlib
import sys
from collections.abc import Iterator
from collections.abc import Sequence

from oslo_config import cfg

from sparkaas import rpc
from sparkaas import version
from sparkaas.cmd import failing
from sparkaas.cmd import serving
from sparkaas.cmd import setup
from sparkaas.cmd import state
from sparkaas.cmd import stopping
from sparkaas.cmd import wiring
from sparkaas.conductor import worker
from sparkaas.conf import service
from sparkaas.db import migration

LOG = logging.getLogger(__name__)

PROG = "sparkaas-all"

#: Messages stay in the process unless an operator names a broker.
_TRANSPORT = "fake://"


def _start_log(conf: cfg.ConfigOpts, path: pathlib.Path) -> None:
    conf.set_default("log_file", str(path / "sparkaas.log"))
    conf.set_default("log_rotation_type", "size")
    conf.set_default("max_logfile_size_mb", 16)
    conf.set_default("max_logfile_count", 3)
    conf.set_default("use_stderr", sys.stderr.isatty())
    setup.start_log(conf)


@contextlib.contextmanager
def _owned(path: pathlib.Path) -> Iterator[None]:
    """The state directory as ours alone; whoever comes second is told so."""
    state.make(path)
    lock = state.Lock(path)
    try:
        # That of a run which ended without a chance to say so.
        state.withdraw(path)
        yield
    finally:
        state.withdraw(path)
        lock.release()


@contextlib.contextmanager
def running(conf: cfg.ConfigOpts) -> Iterator[str]:
    """The whole service while the block runs; gives its URL."""
    serving.refuse_open_door(conf.api.auth, conf.api.host)
    # One clock and one conductor: what a killed one left is taken up again soon.
    conf.set_default("lease_seconds", 10.0, group="conductor")
    path = service.state_path(conf)
    with contextlib.ExitStack() as stack:
        stack.enter_context(_owned(path))
        _start_log(conf, path)
        transport = wiring.transport(conf, _TRANSPORT)
        stack.callback(transport.cleanup)
        notifier = rpc.notifier(conf, _TRANSPORT)
        env = wiring.build_env(conf, transport, announces=notifier is not None)
        stack.callback(env.db.dispose)
        migration.upgrade(env.db)
        token = state.token(path)
        application = wiring.build_application(env, token)
        listener = serving.Listener(
            application, conf.api.host, conf.api.port, conf.api.threads
        )
        # Last in, first out: nobody comes to a service that stops, and no request
        # comes in while the conductor does.
        conductor = worker.Conductor(env, transport, notifier)
        conductor.start()
        stack.callback(conductor.stop)
        stack.callback(listener.stop)
        listener.start()
        stack.callback(state.withdraw, path)
        state.publish(path, listener.url, token)
        LOG.info("sparkaas %s at %s", version.__version__, listener.url)
        yield listener.url


def main(argv: Sequence[str] | None = None) -> int:
    """Run until SIGTERM or SIGINT."""
    arguments = sys.argv[1:] if argv is None else argv
    conf = setup.load(setup.options(), arguments, PROG, __doc__ or "")
    stop = stopping.Stop()

    def run() -> int:
        with running(conf) as url:
            print(f"sparkaas {version.__version__} at {url}")
            print(f"state and log in {service.state_path(conf)}", flush=True)
            LOG.info("Stopping: %s", stop.wait())
        return 0

    return failing.guard(PROG, conf, run)


if __name__ == "__main__":
    sys.exit(main())
