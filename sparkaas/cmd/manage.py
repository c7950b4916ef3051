# SPDX-License-Identifier: Apache-2.0
"""``sparkaas-manage``: an operator's tasks on the database."""

from __future__ import annotations

import sys
from collections.abc import Callable
from collections.abc import Sequence
from typing import Any

from oslo_config import cfg

from sparkaas.cmd import failing
from sparkaas.cmd import setup
from sparkaas.cmd import state
from sparkaas.cmd import templates
from sparkaas.cmd import wiring
from sparkaas.conf import service
from sparkaas.db import migration
from sparkaas.db import session
from sparkaas.safes import encrypted
from sparkaas.service import env as environment

PROG = "sparkaas-manage"


def _sync(database: session.Database) -> None:
    migration.upgrade(database)
    _version(database)


def _version(database: session.Database) -> None:
    print(migration.version(database) or "empty")


def _new_key() -> None:
    print(encrypted.new_key())


def _rotate(env: environment.Env, _arguments: object) -> None:
    count = wiring.build_secrets(env.conf, env.db).rotate()
    print(f"{count} secrets are kept anew.")


def _commands(subparsers: Any) -> None:
    db = subparsers.add_parser("db", help="the database's schema")
    verbs = db.add_subparsers(dest="verb", required=True)
    verbs.add_parser(
        "sync", help="bring the schema up to this release (safe to run again)"
    ).set_defaults(act=_sync)
    verbs.add_parser("version", help="print the schema's revision").set_defaults(
        act=_version
    )
    _secrets_commands(subparsers)
    templates.register(subparsers)


def _secrets_commands(subparsers: Any) -> None:
    noun = subparsers.add_parser("secrets", help="how secrets are kept")
    verbs = noun.add_subparsers(dest="verb", required=True)
    verbs.add_parser("key", help="print a new key for [secrets] keys").set_defaults(
        act_alone=_new_key
    )
    verbs.add_parser(
        "rotate",
        help="keep every secret anew: with the first key, in the configured backend",
    ).set_defaults(act_on_world=_rotate)


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command."""
    arguments = sys.argv[1:] if argv is None else argv
    conf = setup.options()
    conf.register_cli_opt(
        cfg.SubCommandOpt("command", title="commands", handler=_commands)
    )
    setup.load(conf, arguments, PROG, __doc__ or "")
    return failing.guard(PROG, conf, lambda: _run(conf))


def _run(conf: cfg.ConfigOpts) -> int:
    setup.start_log(conf, for_person=True)
    if hasattr(conf.command, "act_alone"):
        conf.command.act_alone()
        return 0
    # SQLite makes its file, but not the directory.
    state.make(service.state_path(conf))
    if hasattr(conf.command, "act_on_world"):
        return _run_on_world(conf)
    act: Callable[[session.Database], None] = conf.command.act
    database = session.connect(conf)
    try:
        act(database)
    finally:
        database.dispose()
    return 0


def _run_on_world(conf: cfg.ConfigOpts) -> int:
    """For what needs more than the database: the plugins, and what the cloud has."""
    env = wiring.build_env(conf, wiring.transport(conf, "fake://"))
    try:
        conf.command.act_on_world(env, conf.command)
    finally:
        env.db.dispose()
    return 0


if __name__ == "__main__":
    sys.exit(main())
