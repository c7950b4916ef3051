# SPDX-License-Identifier: Apache-2.0
"""``sparkaas-status upgrade check``: is this installation fit for this release?"""

from __future__ import annotations

import logging
import sys
from collections.abc import Sequence

from oslo_config import cfg
from oslo_upgradecheck import common_checks
from oslo_upgradecheck import upgradecheck

from sparkaas import exceptions
from sparkaas.cmd import setup
from sparkaas.cmd import state
from sparkaas.conf import service
from sparkaas.db import migration
from sparkaas.db import session


class Checks(upgradecheck.UpgradeCommands):
    """Each method is one row of the report."""

    def __init__(self, conf: cfg.ConfigOpts) -> None:
        super().__init__()
        self._conf = conf
        self._upgrade_checks = (
            ("Database schema", self._schema),
            ("Encryption key", self._key),
            (
                "Policy file format",
                (common_checks.check_policy_json, {"conf": conf}),
            ),
        )

    def _schema(self, _checks: object = None) -> upgradecheck.Result:
        try:
            have, want = self._versions()
        except exceptions.SparkaasError as error:
            return upgradecheck.Result(
                upgradecheck.Code.FAILURE, f"{error.message} {error.hint}"
            )
        if have == want:
            return upgradecheck.Result(upgradecheck.Code.SUCCESS)
        return upgradecheck.Result(
            upgradecheck.Code.FAILURE,
            f"The schema is at {have or 'nothing'}, this release needs {want}. "
            "Run: sparkaas-manage db sync",
        )

    def _versions(self) -> tuple[str | None, str]:
        database = session.connect(self._conf)
        try:
            return migration.version(database), migration.head()
        finally:
            database.dispose()

    def _key(self, _checks: object = None) -> upgradecheck.Result:
        named = self._conf.service.encryption_key_file
        path = service.state_path(self._conf)
        if not named and not (path / state.KEY).exists():
            return upgradecheck.Result(
                upgradecheck.Code.WARNING,
                "There is no key yet; the service makes one at its first start.",
            )
        try:
            state.encryption_key(path, named)
        except exceptions.SparkaasError as error:
            return upgradecheck.Result(
                upgradecheck.Code.FAILURE, f"{error.message} {error.hint}"
            )
        return upgradecheck.Result(upgradecheck.Code.SUCCESS)


def main(argv: Sequence[str] | None = None) -> int:
    """0: all well, 1: a warning, 2: something must be done first."""
    # There is no log here: its tracebacks would go to the screen.
    logging.getLogger("oslo_db").setLevel(logging.CRITICAL)
    conf = setup.options()
    arguments = list(sys.argv[1:] if argv is None else argv)
    return int(upgradecheck.main(conf, setup.PROJECT, Checks(conf), arguments))
