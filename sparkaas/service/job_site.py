# SPDX-License-Identifier: Apache-2.0
"""Where a job runs: its cluster, its engine, the node, its directory there.

What a job's record must remember of it stands in the checkpoint:

``node``         name of the instance with the job's directory; files may be there
``submitting``   the engine was asked, or is about to be: a driver may exist
``exit``         how the driver ended, see ``job_endings``
``abort``        why the job must end though nobody cancelled it
"""

from __future__ import annotations

import dataclasses
from typing import Any

from sparkaas import exceptions
from sparkaas import interfaces
from sparkaas import model
from sparkaas import states
from sparkaas.db import clusters
from sparkaas.edp import base
from sparkaas.service import env as service_env
from sparkaas.service import health
from sparkaas.service import vendors

NODE = "node"
SUBMITTING = "submitting"
EXIT = "exit"
ABORT = "abort"

#: What outlives a request to cancel or delete: everything that says what exists.
LASTING = frozenset({NODE, SUBMITTING, EXIT, ABORT})

#: Seconds for a small thing on a node.
DEADLINE = 30.0
#: Failures in a row after which a node is not waited for that is gone anyhow.
_HOPELESS = 2


@dataclasses.dataclass(frozen=True)
class Site:
    """A job's place. ``directory`` is its own, on the node that ``remote`` reaches."""

    cluster: model.Cluster
    engine: base.JobEngine
    remote: interfaces.Remote
    directory: str


def cluster_of(env: service_env.Env, job: model.Job) -> model.Cluster | None:
    """The job's cluster; None when it is gone."""
    if job.cluster_id is None:
        return None
    try:
        return clusters.get(env.db, job.cluster_id)
    except exceptions.NotFound:
        return None


def is_going(cluster: model.Cluster | None) -> bool:
    """Whether a cluster is gone or on its way."""
    if cluster is None or cluster.target is states.Target.DELETED:
        return True
    return bool(cluster.checkpoint.get(health.SPENT))


def find(env: service_env.Env, cluster: model.Cluster, job: model.Job) -> Site:
    """The job's place. Raises ``Permanent`` when its node is no part of the cluster
    any more, ``Transient`` when it cannot be reached now."""
    engine = vendors.engine(env, cluster, job)
    name = job.checkpoint[NODE]
    for instance in cluster.instances:
        if instance.name == name:
            remote = env.reach.to(cluster, instance)
            return Site(cluster, engine, remote, f"{remote.work_directory}/{job.id}")
    raise exceptions.Permanent(
        f"The node {name} that the job ran on is gone.",
        code="NODE_GONE",
        hint="Launch the job again.",
    )


def last_seen(env: service_env.Env, job: model.Job) -> Site | None:
    """The job's place, to end it there; None when there is no such place (any more),
    so nothing to end."""
    cluster = cluster_of(env, job)
    if cluster is None or NODE not in job.checkpoint:
        return None
    try:
        return find(env, cluster, job)
    except exceptions.Permanent:
        return None


def is_hopeless(env: service_env.Env, job: model.Job) -> bool:
    """Whether to stop trying to reach a job's node after a failure.

    So when the cluster is on its way out, or the job is ended just because its
    node did not answer for long.
    """
    if job.attempts < _HOPELESS:
        return False
    return ABORT in job.checkpoint or is_going(cluster_of(env, job))


def abort(outcome: states.JobStatus, reason: model.Reason) -> dict[str, Any]:
    """A part of the checkpoint: the job must end, and this is what became of it."""
    return {ABORT: {"outcome": outcome.value, **dataclasses.asdict(reason)}}
