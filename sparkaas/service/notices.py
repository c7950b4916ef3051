# SPDX-License-Identifier: Apache-2.0
"""Which notifications a recorded transition makes: a pure function of the record
before and after.

``sparkaas.cluster.*`` and ``sparkaas.job.*`` tell of requests: when the conductor
begins one (``start``), and how it ended (``end``, ``error``). Sahara's own event types
tell of clusters' statuses, for what was written to meter it. Nothing in a payload is
secret.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from collections.abc import Mapping
from typing import Any
from typing import cast

from sparkaas import model
from sparkaas import states
from sparkaas.service import cluster_plans
from sparkaas.service import transitions

_TEARDOWN = cluster_plans.TEARDOWN.name


def of(before: model.Work, after: model.Work | None) -> tuple[model.Notice, ...]:
    """After None: the record is gone."""
    if isinstance(before, model.Cluster):
        return tuple(_of_cluster(before, cast("model.Cluster | None", after)))
    return tuple(_of_job(cast("model.Job", before), cast("model.Job | None", after)))


def _of_cluster(
    before: model.Cluster, after: model.Cluster | None
) -> Iterator[model.Notice]:
    if after is None:
        shown = _cluster(before)
        yield model.Notice("sparkaas.cluster.delete.end", shown)
        return
    shown = _cluster(after)
    verb = _cluster_verb(after)
    begins = _begins(before, after) or (
        _is_torn_down(after) and not _is_torn_down(before)
    )
    if begins:
        yield model.Notice(f"sparkaas.cluster.{verb}.start", shown)
    if begins and (verb == "delete" or not before.checkpoint):
        # What Sahara told of a cluster first and last.
        yield model.Notice(f"sahara.cluster.{verb}", shown)
    elif begins or states.cluster_status(before) != states.cluster_status(after):
        yield model.Notice("sahara.cluster.update", shown)
    given_up = _is_torn_down(before) and not _is_torn_down(after)
    if given_up or _ends(before, after):
        failed = after.reason is not None
        suffix = "error" if failed else "end"
        yield model.Notice(
            f"sparkaas.cluster.{_ended_verb(before, after)}.{suffix}", shown, failed
        )
    yield from _health(before, after)


def _of_job(before: model.Job, after: model.Job | None) -> Iterator[model.Notice]:
    if after is None:
        yield model.Notice("sparkaas.job.delete.end", _job(before))
        return
    shown = _job(after)
    deleting = after.target is states.JobTarget.DELETED
    if _begins(before, after):
        if deleting:
            yield model.Notice("sparkaas.job.delete.start", shown)
        elif not before.checkpoint:
            yield model.Notice("sparkaas.job.run.start", shown)
    if before.outcome is None and after.outcome is not None:
        failed = after.outcome in (
            states.JobStatus.FAILED,
            states.JobStatus.DONEWITHERROR,
        )
        suffix = "error" if failed else "end"
        yield model.Notice(f"sparkaas.job.run.{suffix}", shown, failed)
    elif states.job_status(before) != states.job_status(after):
        yield model.Notice("sparkaas.job.update", shown)
    if deleting and _ends(before, after):
        yield model.Notice("sparkaas.job.delete.error", shown, True)


def _begins(before: model.Work, after: model.Work) -> bool:
    """Whether the conductor took up a request just now."""
    key = transitions.GENERATION
    known: bool = before.checkpoint.get(key) == after.checkpoint.get(key)
    return not known


def _ends(before: model.Work, after: model.Work) -> bool:
    return before.observed_generation != after.observed_generation


def _is_torn_down(cluster: model.Cluster) -> bool:
    """A transient cluster goes without having been asked."""
    return cluster.checkpoint.get(transitions.PLAN) == _TEARDOWN


def _cluster_verb(cluster: model.Cluster) -> str:
    if cluster.target is states.Target.DELETED or _is_torn_down(cluster):
        return "delete"
    return "create" if cluster.active_at is None else "update"


def _ended_verb(before: model.Cluster, after: model.Cluster) -> str:
    if after.target is states.Target.DELETED or _is_torn_down(before):
        return "delete"
    return "create" if before.active_at is None else "update"


def _health(before: model.Cluster, after: model.Cluster) -> Iterator[model.Notice]:
    """A finished verification, check by check, as Sahara told of it."""
    found = after.verification
    if found is None or found == before.verification or found.status == "CHECKING":
        return
    for check in found.checks:
        yield model.Notice(
            "sahara.cluster.health",
            {
                **_who(after),
                "cluster_id": after.id,
                "cluster_name": after.name,
                "verification_id": found.id,
                "health_check_status": check.get("status"),
                "health_check_name": check.get("name"),
                "health_check_description": check.get("description"),
                "created_at": _time(found.created_at),
                "updated_at": _time(found.updated_at),
            },
        )


def _who(record: model.Work) -> Mapping[str, Any]:
    return {
        "project_id": record.project_id,
        # As Ceilometer called it.
        "tenant_id": record.project_id,
        "user_id": record.user_id,
        "reason_code": record.reason.code if record.reason else None,
        "created_at": _time(record.created_at),
    }


def _cluster(cluster: model.Cluster) -> Mapping[str, Any]:
    return {
        **_who(cluster),
        "cluster_id": cluster.id,
        "cluster_name": cluster.name,
        "name": cluster.name,
        "cluster_status": str(states.cluster_status(cluster)),
        "plugin_name": cluster.plugin_name,
        "plugin_version": cluster.plugin_version,
        "hadoop_version": cluster.plugin_version,
        "is_transient": cluster.is_transient,
        "generation": cluster.generation,
        "node_count": sum(group.count for group in cluster.node_groups),
        "node_groups": [
            {
                "name": group.name,
                "count": group.count,
                "flavor_id": group.flavor_id,
                "node_processes": list(group.node_processes),
                "volumes_per_node": group.volumes_per_node,
                "volumes_size": group.volumes_size,
            }
            for group in cluster.node_groups
        ],
        "active_at": _time(cluster.active_at),
    }


def _job(job: model.Job) -> Mapping[str, Any]:
    return {
        **_who(job),
        "job_id": job.id,
        "name": job.name,
        "job_status": str(states.job_status(job)),
        "job_type": job.type,
        "job_template_id": job.job_template_id,
        "cluster_id": job.cluster_id,
        "return_code": job.return_code,
        "start_time": _time(job.start_time),
        "end_time": _time(job.end_time),
    }


def _time(when: datetime.datetime | None) -> str | None:
    return when.isoformat() if when is not None else None
