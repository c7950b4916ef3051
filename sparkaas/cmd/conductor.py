# SPDX-License-Identifier: Apache-2.0
"""``sparkaas-conductor``: makes what the API wrote down come true."""

from __future__ import annotations

import logging
import sys
from collections.abc import Sequence

from oslo_config import cfg

from sparkaas import rpc
from sparkaas.cmd import failing
from sparkaas.cmd import metrics
from sparkaas.cmd import setup
from sparkaas.cmd import stopping
from sparkaas.cmd import wiring
from sparkaas.conductor import worker
from sparkaas.db import migration

LOG = logging.getLogger(__name__)

PROG = "sparkaas-conductor"


def main(argv: Sequence[str] | None = None) -> int:
    """Work until SIGTERM or SIGINT."""
    arguments = sys.argv[1:] if argv is None else argv
    conf = setup.load(setup.options(), arguments, PROG, __doc__ or "")
    stop = stopping.Stop()
    return failing.guard(PROG, conf, lambda: _run(conf, stop))


def _run(conf: cfg.ConfigOpts, stop: stopping.Stop) -> int:
    setup.start_log(conf)
    messages = wiring.transport(conf)
    notifier = rpc.notifier(conf)
    env = wiring.build_env(conf, messages, announces=notifier is not None)
    migration.need(env.db)
    conductor = worker.Conductor(env, messages, notifier)
    exporter = metrics.serve(conf)
    conductor.start()
    LOG.info("Stopping: %s", stop.wait())
    conductor.stop()
    if exporter is not None:
        exporter.stop()
    messages.cleanup()
    env.db.dispose()
    return 0


if __name__ == "__main__":
    sys.exit(main())
