# SPDX-License-Identifier: Apache-2.0
"""The console scripts of the service.

Their names are installed with the client too, whose packages do not suffice for them:
so nothing is imported here but the standard library, until it is known what is missing.
"""

from __future__ import annotations

import importlib
import sys

#: Each script with its module.
PROGRAMS = {
    "sparkaas-all": "sparkaas.cmd.all",
    "sparkaas-api": "sparkaas.cmd.api",
    "sparkaas-conductor": "sparkaas.cmd.conductor",
    "sparkaas-manage": "sparkaas.cmd.manage",
    "sparkaas-status": "sparkaas.cmd.status",
}


def main_of_all() -> int:
    """``sparkaas-all``."""
    return run("sparkaas-all")


def main_of_api() -> int:
    """``sparkaas-api``."""
    return run("sparkaas-api")


def main_of_conductor() -> int:
    """``sparkaas-conductor``."""
    return run("sparkaas-conductor")


def main_of_manage() -> int:
    """``sparkaas-manage``."""
    return run("sparkaas-manage")


def main_of_status() -> int:
    """``sparkaas-status``."""
    return run("sparkaas-status")


def run(prog: str, module: str = "") -> int:
    """The exit code of a program; 1, after a line, where a package is missing."""
    try:
        program = importlib.import_module(module or PROGRAMS[prog])
    except ModuleNotFoundError as error:
        missing = error.name or ""
        if missing.partition(".")[0] == "sparkaas":
            raise
        print(
            f"{prog}: The Python package {missing} is not installed. The service needs "
            "more than the client: pip install 'sparkaas[server]'.",
            file=sys.stderr,
        )
        return 1
    code: int = program.main()
    return code
