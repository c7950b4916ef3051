# SPDX-License-Identifier: Apache-2.0
"""A job template's interface: what it may be, and how a launch fills it in.

An interface names the arguments that a template's author expects and says where
each goes: a position in ``args``, or a key of ``configs`` or ``params``. All here
are pure functions.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any

from sparkaas import exceptions
from sparkaas import model
from sparkaas.edp import arguments
from sparkaas.service import secret_configs

#: Job type -> the mapping types that its engine has a use for.
MAPPING_TYPES: Mapping[str, frozenset[str]] = {
    "Hive": frozenset({"configs", "params"}),
    "Java": frozenset({"args", "configs"}),
    "MapReduce": frozenset({"configs"}),
    "MapReduce.Streaming": frozenset({"configs"}),
    "Pig": frozenset({"args", "configs", "params"}),
    "PySpark": frozenset({"args", "configs"}),
    "Shell": frozenset({"args", "configs", "params"}),
    "Spark": frozenset({"args", "configs"}),
    "SparkSQL": frozenset({"configs", "params"}),
    "Storm": frozenset({"args"}),
    "Storm.Pyleus": frozenset(),
}

_POSITION = re.compile(r"0|[1-9][0-9]{0,3}")


def check(job_type: str, interface: Sequence[model.Argument]) -> None:
    """Raise ``exceptions.InvalidRequest`` for an interface that cannot work."""
    names: set[str] = set()
    places: set[tuple[str, str]] = set()
    for argument in interface:
        if argument.name in names:
            raise exceptions.InvalidRequest(
                f"Interface argument '{argument.name}' is there twice."
            )
        names.add(argument.name)
        place = (argument.mapping_type, argument.location)
        if place in places:
            raise exceptions.InvalidRequest(
                f"Interface argument '{argument.name}' has the same mapping type "
                "and location as another."
            )
        places.add(place)
        _check_argument(job_type, argument)
    positions = sorted(int(a.location) for a in interface if a.mapping_type == "args")
    if positions != list(range(len(positions))):
        raise exceptions.InvalidRequest(
            "Locations of positional interface arguments must be 0, 1, 2 and so on, "
            "without gaps."
        )


def _check_argument(job_type: str, argument: model.Argument) -> None:
    allowed = MAPPING_TYPES.get(job_type, frozenset())
    if argument.mapping_type not in allowed:
        raise exceptions.InvalidRequest(
            f"Interface argument '{argument.name}' has mapping type "
            f"'{argument.mapping_type}', which job type '{job_type}' does not take.",
            hint=f"It takes: {', '.join(sorted(allowed)) or 'none'}.",
        )
    if argument.mapping_type == "args":
        if not _POSITION.fullmatch(argument.location):
            raise exceptions.InvalidRequest(
                f"Positional interface argument '{argument.name}' needs a number as "
                "its location."
            )
        if not argument.required and argument.default is None:
            raise exceptions.InvalidRequest(
                f"Positional interface argument '{argument.name}' is optional, so it "
                "needs a default."
            )
    if argument.default is None:
        return
    arguments.check_value(argument, argument.default)
    if secret_configs.is_secret(argument):
        raise exceptions.InvalidRequest(
            f"Interface argument '{argument.name}' leads to a secret, for which a "
            "template cannot have a default.",
            hint="Make it required; give the value when the job is launched.",
        )


def fill(
    interface: Sequence[model.Argument],
    given: Mapping[str, Any] | None,
    job_configs: Mapping[str, Any],
) -> dict[str, Any]:
    """``job_configs`` with the interface's values in their places, whole: all of
    ``configs``, ``params`` and ``args`` are there, ``job_execution_info`` is empty.

    Raises ``exceptions.InvalidRequest`` for values that do not fit the interface.
    """
    if interface and given is None:
        raise exceptions.InvalidRequest(
            "The job template has an interface, so the launch needs 'interface'.",
            hint="Send {} to take all defaults.",
        )
    merged = arguments.merge(interface, given or {}, job_configs)
    return {
        "configs": dict(merged.get("configs") or {}),
        "params": dict(merged.get("params") or {}),
        "args": list(merged.get("args") or ()),
        "job_execution_info": {},
    }
