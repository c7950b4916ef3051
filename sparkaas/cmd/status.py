# SPDX-License-Identifier: Apache-2.0
"""``sparkaas-status upgrade check``: is this installation fit for this release?"""

from __future__ import annotations

import functools
import logging
import sys
from collections.abc import Sequence

from oslo_config import cfg
from oslo_upgradecheck import common_checks
from oslo_upgradecheck import upgradecheck

from sparkaas.cmd import checks
from sparkaas.cmd import setup

#: The rows of the report.
_CHECKS = (
    ("Configuration", checks.configuration),
    ("Database schema", checks.schema),
    ("Secrets", checks.secrets),
    ("Policy rules", checks.policy_rules),
    ("Message broker", checks.messages),
    ("Identity", checks.identity),
    ("Infrastructure", checks.infrastructure),
)


class Checks(upgradecheck.UpgradeCommands):
    """Each check is one row of the report."""

    def __init__(self, conf: cfg.ConfigOpts) -> None:
        super().__init__()
        self._upgrade_checks = (
            *(
                (title, functools.partial(_run, check, conf))
                for title, check in _CHECKS
            ),
            (
                "Policy file format",
                (common_checks.check_policy_json, {"conf": conf}),
            ),
        )


def _run(
    check: checks.Check, conf: cfg.ConfigOpts, _checks: object = None
) -> upgradecheck.Result:
    found = check(conf)
    if not found:
        return upgradecheck.Result(upgradecheck.Code.SUCCESS)
    failed = any(finding.fatal for finding in found)
    code = upgradecheck.Code.FAILURE if failed else upgradecheck.Code.WARNING
    return upgradecheck.Result(code, " ".join(finding.text for finding in found))


def main(argv: Sequence[str] | None = None) -> int:
    """0: all well, 1: a warning, 2: something must be done first."""
    # There is no log here: its tracebacks would go to the screen.
    for name in ("oslo_db", "oslo_config", "keystoneauth"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    conf = setup.options()
    arguments = list(sys.argv[1:] if argv is None else argv)
    return int(upgradecheck.main(conf, setup.PROJECT, Checks(conf), arguments))


if __name__ == "__main__":
    sys.exit(main())
