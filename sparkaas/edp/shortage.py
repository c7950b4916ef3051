# SPDX-License-Identifier: Apache-2.0
"""Why a Spark application stands still on its standalone cluster, from what the master
says: an application takes every core there is unless told otherwise, and the next one
waits without a word."""

from __future__ import annotations

import json
from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any

from sparkaas import exceptions
from sparkaas import interfaces
from sparkaas import model

_DEADLINE = 3.0
_LIMIT = 16 * 1024 * 1024
#: So many applications are named.
_MOST = 3

_SHARE = (
    "Wait for it, or cancel one. A job with --conf spark.cores.max=N leaves cores to "
    "others; a cluster with that option has all its jobs do so."
)


def read(
    remote: interfaces.Remote, master_url: str, application: str
) -> model.Reason | None:
    """What the application waits for; None: nothing, or nobody can tell now."""
    try:
        body = remote.fetch(master_url, limit=_LIMIT, deadline=_DEADLINE)
        return explain(json.loads(body), application)
    except exceptions.SparkaasError:
        return None  # the cluster's health is watched elsewhere
    except (ValueError, LookupError, TypeError, AttributeError):
        return None  # something else answers there


def explain(state: Mapping[str, Any], application: str) -> model.Reason | None:
    """The same from the master's own words."""
    active: Sequence[Mapping[str, Any]] = state["activeapps"]
    own = next((one for one in active if one["id"] == application), None)
    if own is None or int(own["cores"]) > 0:
        return None
    workers = [one for one in state["workers"] if one["state"] == "ALIVE"]
    holders = [one for one in active if int(one["cores"]) > 0]
    if not workers:
        return model.Reason(
            code="WAITS_FOR_WORKERS",
            sentence="It waits for workers: none of the cluster's is alive.",
            hint="See what the cluster's health check says.",
        )
    held = _held(holders, sum(int(one["cores"]) for one in workers))
    return _memory(int(own["memoryperexecutor"]), workers, held) or _cores(
        workers, held
    )


def _memory(
    wanted: int, workers: Sequence[Mapping[str, Any]], held: str
) -> model.Reason | None:
    """No worker with a core to give has the MB that an executor asks for."""
    largest = max(int(one["memory"]) for one in workers)
    if wanted > largest:
        return model.Reason(
            code="WAITS_FOR_MEMORY",
            sentence=f"It waits for memory that no worker has: each of its executors "
            f"asks for {wanted} MB, the largest worker has {largest} MB.",
            hint="Cancel it, and launch it with less spark.executor.memory or on "
            "larger workers.",
        )
    left = [int(one["memoryfree"]) for one in workers if int(one["coresfree"]) > 0]
    if not left or wanted <= max(left):
        return None
    return model.Reason(
        code="WAITS_FOR_MEMORY",
        sentence=f"It waits for memory: each of its executors asks for {wanted} MB, "
        f"workers with a free core have at most {max(left)} MB left{held}.",
        hint=_SHARE,
    )


def _cores(workers: Sequence[Mapping[str, Any]], held: str) -> model.Reason:
    free = sum(int(one["coresfree"]) for one in workers)
    if not free:
        return model.Reason(
            code="WAITS_FOR_CORES", sentence=f"It waits for cores{held}.", hint=_SHARE
        )
    return model.Reason(
        code="WAITS_FOR_CORES",
        sentence=f"It waits for cores: no worker has as many left as one of its "
        f"executors needs{held}.",
        hint=f"Ask for fewer with spark.executor.cores. {_SHARE}",
    )


def _held(holders: Sequence[Mapping[str, Any]], total: int) -> str:
    """Who has cores, as the end of a sentence; empty when nobody does."""
    told = [
        f"application {one['id']} of job {one['name']} holds {one['cores']} of {total}"
        for one in holders[:_MOST]
    ]
    if len(holders) > _MOST:
        told.append(f"{len(holders) - _MOST} more hold the rest")
    return f": {', '.join(told)}" if told else ""
