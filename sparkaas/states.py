# SPDX-License-Identifier: Apache-2.0
"""The states of clusters and jobs, as documented constants.

Two vocabularies. What the service stores is small: a target (what is wanted),
a condition (the last settled state) and the name of the step under way. What
clients see are Sahara's status words; ``cluster_status`` and ``job_status``
derive them from a record and nothing else. The words are those of the Sahara
API, which existing clients compare as text.
"""

from __future__ import annotations

import enum
import typing

if typing.TYPE_CHECKING:
    from sparkaas import model


class Target(enum.StrEnum):
    """What the user wants a cluster to be; written by the API only."""

    #: Up, with the node counts of the record.
    ACTIVE = "ACTIVE"
    #: Gone, with everything it had.
    DELETED = "DELETED"


class JobTarget(enum.StrEnum):
    """What the user wants of a job; written by the API only."""

    #: Run to its end.
    FINISHED = "FINISHED"
    #: Stop now, keep the record and the output.
    KILLED = "KILLED"
    #: Stop if it runs, then forget it and its output.
    DELETED = "DELETED"


class Condition(enum.StrEnum):
    """The last settled state of a cluster; written by the conductor only."""

    #: Never been up.
    NEW = "NEW"
    #: Reached what was asked, at least once.
    ACTIVE = "ACTIVE"
    #: Given up on; waits for a new ask.
    ERROR = "ERROR"


class ClusterStatus(enum.StrEnum):
    """The words on the wire for a cluster."""

    VALIDATING = "Validating"
    INFRA_UPDATING = "InfraUpdating"
    SPAWNING = "Spawning"
    WAITING = "Waiting"
    PREPARING = "Preparing"
    CONFIGURING = "Configuring"
    STARTING = "Starting"
    ACTIVE = "Active"
    ERROR = "Error"
    DECOMMISSIONING = "Decommissioning"
    SCALING = "Scaling"
    SCALING_SPAWNING = "Scaling: Spawning"
    SCALING_WAITING = "Scaling: Waiting"
    SCALING_PREPARING = "Scaling: Preparing"
    DELETING = "Deleting"


class JobStatus(enum.StrEnum):
    """The words on the wire for a job."""

    #: Waits for its cluster or its files.
    PENDING = "PENDING"
    #: The driver runs.
    RUNNING = "RUNNING"
    #: A cancel was asked for, the driver is not gone yet.
    TOBEKILLED = "TOBEKILLED"
    #: The driver exited with 0.
    SUCCEEDED = "SUCCEEDED"
    #: It could not be started.
    FAILED = "FAILED"
    #: Cancelled, or its cluster was deleted.
    KILLED = "KILLED"
    #: The driver exited with another code, or vanished.
    DONEWITHERROR = "DONEWITHERROR"


#: A job in one of these changes no more.
JOB_TERMINAL = frozenset(
    {
        JobStatus.SUCCEEDED,
        JobStatus.FAILED,
        JobStatus.KILLED,
        JobStatus.DONEWITHERROR,
    }
)

#: Step name -> word while a cluster comes up for the first time, word while a
#: living one changes. A step that is not listed shows the first row.
STEP_WORDS: dict[str | None, tuple[ClusterStatus, ClusterStatus]] = {
    None: (ClusterStatus.VALIDATING, ClusterStatus.VALIDATING),
    "ensure_secrets": (ClusterStatus.INFRA_UPDATING, ClusterStatus.VALIDATING),
    "ensure_decommissioned": (
        ClusterStatus.INFRA_UPDATING,
        ClusterStatus.DECOMMISSIONING,
    ),
    "ensure_infrastructure": (
        ClusterStatus.SPAWNING,
        ClusterStatus.SCALING_SPAWNING,
    ),
    "ensure_started": (ClusterStatus.STARTING, ClusterStatus.SCALING_WAITING),
    "ensure_converged": (ClusterStatus.CONFIGURING, ClusterStatus.CONFIGURING),
    "ensure_healthy": (
        ClusterStatus.STARTING,
        ClusterStatus.SCALING_PREPARING,
    ),
}

#: Steps during which a job's driver exists, or did a moment ago.
JOB_RUNNING_STEPS = frozenset({"watch", "stop", "collect"})

#: Begins the names of a teardown's steps. A transient cluster goes without having
#: been asked to.
TEARDOWN_PREFIX = "drop_"


def cluster_status(cluster: model.Cluster) -> ClusterStatus:
    """The word on the wire for a cluster record."""
    if cluster.target is Target.DELETED:
        return ClusterStatus.DELETING
    if cluster.generation == cluster.observed_generation:
        if (cluster.step or "").startswith(TEARDOWN_PREFIX):
            return ClusterStatus.DELETING
        if cluster.condition is Condition.ACTIVE:
            return ClusterStatus.ACTIVE
        if cluster.condition is Condition.ERROR:
            return ClusterStatus.ERROR
    words = STEP_WORDS.get(cluster.step, STEP_WORDS[None])
    return words[0 if cluster.active_at is None else 1]


def job_status(job: model.Job) -> JobStatus:
    """The word on the wire for a job record."""
    if job.outcome is not None:
        return job.outcome
    if job.target is not JobTarget.FINISHED:
        return JobStatus.TOBEKILLED
    if job.step in JOB_RUNNING_STEPS:
        return JobStatus.RUNNING
    return JobStatus.PENDING
