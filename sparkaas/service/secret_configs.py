# SPDX-License-Identifier: Apache-2.0
"""Tells which of a job's settings are secret, and takes them out.

Whatever a job is launched with is stored and shown again, apart from these:
their values go to the secret store, and ``""`` stands in their place.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from sparkaas import model
from sparkaas.edp import spark_submit

_BY_NAME = re.compile(r"passw(or)?d|secret|token|access[._-]?key", re.IGNORECASE)
_ALSO = frozenset({"fs.swift.service.sahara.username"})

#: What begins the name of a secret that was one of ``params``.
PARAMS_PREFIX = spark_submit.PARAMS_PREFIX


def is_secret_name(name: str) -> bool:
    """Whether a setting of that name holds a secret."""
    return name in _ALSO or _BY_NAME.search(name) is not None


def is_secret(argument: model.Argument) -> bool:
    """Whether an interface argument's value ends up in a secret setting."""
    return argument.mapping_type != "args" and is_secret_name(argument.location)


def split(job_configs: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
    """(``job_configs`` with secrets blanked, the secrets by name).

    A secret of ``configs`` keeps its name; one of ``params`` gets ``PARAMS_PREFIX``.
    """
    blanked = dict(job_configs)
    secrets: dict[str, str] = {}
    for part, prefix in (("configs", ""), ("params", PARAMS_PREFIX)):
        settings = dict(job_configs.get(part) or {})
        for name, value in settings.items():
            if value != "" and is_secret_name(name):
                secrets[prefix + name] = str(value)
                settings[name] = ""
        blanked[part] = settings
    return blanked, secrets
