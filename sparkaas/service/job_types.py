# SPDX-License-Identifier: Apache-2.0
"""Job types: what kinds of job the plugins can run, and with what settings."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection
from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any

from sparkaas import exceptions
from sparkaas.plugins import base
from sparkaas.service import env as environment

#: Those of API 2.0, whether or not a plugin runs them.
SAHARA = (
    "Hive",
    "Java",
    "MapReduce",
    "MapReduce.Streaming",
    "Pig",
    "Shell",
    "Spark",
    "Storm",
    "Storm.Pyleus",
)

#: Those that API 2.1 adds.
ADDED = ("PySpark", "SparkSQL")

#: Job type -> which of a job's settings it takes (``job_config`` on the wire).
_HINTS: Mapping[str, Sequence[str]] = {
    "Hive": ("configs", "params"),
    "Java": ("configs", "args"),
    "MapReduce": ("configs",),
    "MapReduce.Streaming": ("configs",),
    "Pig": ("configs", "args", "params"),
    "PySpark": ("configs", "args"),
    "Shell": ("configs", "args", "params"),
    "Spark": ("configs", "args"),
    "SparkSQL": ("configs", "params"),
    "Storm": ("configs", "args"),
    "Storm.Pyleus": ("configs", "args"),
}


@dataclasses.dataclass(frozen=True)
class Offer:
    """A plugin that runs a job type, and the versions in which it does."""

    plugin: base.Plugin
    versions: tuple[str, ...]


@dataclasses.dataclass(frozen=True)
class JobType:
    """A job type and who runs it."""

    name: str
    offers: tuple[Offer, ...]


def list_(
    env: environment.Env,
    *,
    names: Collection[str] = (),
    plugins: Collection[str] = (),
    versions: Collection[str] = (),
    added: bool,
) -> tuple[JobType, ...]:
    """The job types that some plugin runs, by name.

    Empty filters let everything through; ``added`` includes those of API 2.1.
    """
    known = SAHARA + ADDED if added else SAHARA
    found = []
    for name in sorted(known):
        if names and name not in names:
            continue
        offers = tuple(
            Offer(plugin, offered)
            for plugin in sorted(env.plugins.values(), key=lambda p: p.name)
            if name in plugin.job_engines
            and (not plugins or plugin.name in plugins)
            and (offered := _versions(plugin, versions))
        )
        if offers:
            found.append(JobType(name, offers))
    return tuple(found)


def _versions(plugin: base.Plugin, wanted: Collection[str]) -> tuple[str, ...]:
    return tuple(
        version.name
        for version in plugin.versions()
        if not wanted or version.name in wanted
    )


def hints(name: str, *, added: bool) -> Mapping[str, Any]:
    """Which settings a type of job takes: a form shows an input for each key.

    ``exceptions.NotFound`` for a type that does not exist.
    """
    if name not in SAHARA and not (added and name in ADDED):
        raise exceptions.NotFound(f"There is no job type '{name}'.")
    return {part: {} if part == "params" else [] for part in _HINTS[name]}
