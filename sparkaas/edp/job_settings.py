# SPDX-License-Identifier: Apache-2.0
"""Which settings a Spark or Shell job may be launched with."""

from __future__ import annotations

import re
from collections.abc import Collection
from collections.abc import Mapping
from typing import Any

from sparkaas import exceptions
from sparkaas import model
from sparkaas.edp import properties
from sparkaas.edp import spark_submit

#: Where the driver runs, on clusters that leave the choice.
DEPLOY_MODE = "spark.submit.deployMode"

_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_CLASS = re.compile(r"[A-Za-z_$][\w$]*(\.[A-Za-z_$][\w$]*)*")

#: What Linux takes as one word of an argv, with its closing NUL.
_MOST_BYTES = 128 * 1024 - 1
#: And a safe part of what it takes as a whole.
_MOST_BYTES_IN_ALL = 1024 * 1024


def section(job_configs: Mapping[str, object], name: str) -> Mapping[str, Any]:
    """``configs`` or ``params`` of a job's settings; empty when there are none."""
    found = job_configs.get(name)
    return found if isinstance(found, Mapping) else {}


def validate(
    template: model.JobTemplate,
    job_configs: Mapping[str, object],
    modes: Collection[str] = (),
) -> None:
    """Raise ``exceptions.InvalidRequest`` for settings that can never run. ``modes``
    are the deploy modes that a job may choose from."""
    configs = section(job_configs, "configs")
    if template.type == "Spark":
        check_main_class(template.type, configs)
    for name, value in configs.items():
        if name == DEPLOY_MODE and modes:
            _check_mode(value, modes)
        elif name.startswith("spark."):
            properties.check(name, value)
        else:
            properties.check_value(name, value)
    check_arguments(job_configs.get("args") or ())
    for name, value in section(job_configs, "params").items():
        if template.type == "Shell" and not _VARIABLE.fullmatch(name):
            raise exceptions.InvalidRequest(
                f"{name!r} cannot be the name of an environment variable"
            )
        _check_word(f"The parameter {name}", str(value))


def check_main_class(type: str, configs: Mapping[str, Any]) -> None:
    """Raise ``exceptions.InvalidRequest`` unless there is the name of a class."""
    name = configs.get(spark_submit.MAIN_CLASS)
    if not isinstance(name, str) or not name:
        raise exceptions.InvalidRequest(
            f"A {type} job needs {spark_submit.MAIN_CLASS} in its configs",
            hint="Give the name of the jar's main class (the CLI's --class). A Python "
            "program is a job of type PySpark.",
        )
    if not _CLASS.fullmatch(name):
        raise exceptions.InvalidRequest(f"{name[:80]!r} is no class name")


def _check_mode(value: object, modes: Collection[str]) -> None:
    if value not in modes:
        raise exceptions.InvalidRequest(
            f"{DEPLOY_MODE} is {' or '.join(modes)}, not {str(value)[:80]!r}"
        )


def check_arguments(args: object) -> None:
    """Raise ``exceptions.InvalidRequest`` unless a program can be given them."""
    if not isinstance(args, list | tuple):
        raise exceptions.InvalidRequest("args must be a list of texts")
    for position, value in enumerate(args):
        if not isinstance(value, str):
            raise exceptions.InvalidRequest(f"Argument {position} must be a text")
        _check_word(f"Argument {position}", value)
    if sum(len(value.encode()) + 1 for value in args) > _MOST_BYTES_IN_ALL:
        raise exceptions.InvalidRequest("The arguments are longer than 1 MiB in all")


def _check_word(what: str, value: str) -> None:
    if "\0" in value:
        raise exceptions.InvalidRequest(f"{what} must not hold a NUL character")
    try:
        size = len(value.encode())
    except UnicodeEncodeError:
        raise exceptions.InvalidRequest(f"{what} is not valid Unicode") from None
    if size > _MOST_BYTES:
        raise exceptions.InvalidRequest(
            f"{what} is longer than 128 KiB",
            hint="Put long values in a file and pass it as a library.",
        )
