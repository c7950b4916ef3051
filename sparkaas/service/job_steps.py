# SPDX-License-Identifier: Apache-2.0
"""The steps that run a job."""

from __future__ import annotations

import datetime
from typing import Any

from sparkaas import exceptions
from sparkaas import model
from sparkaas import states
from sparkaas.edp import pulling
from sparkaas.service import env as service_env
from sparkaas.service import job_endings
from sparkaas.service import job_output
from sparkaas.service import job_site
from sparkaas.service import job_submission
from sparkaas.service import plans
from sparkaas.service import vendors

#: Seconds that one try to fetch a file may take.
_PULL = 600.0
#: Seconds between looks at a cluster that is not Active yet.
_LOOK = 1.0

CLUSTER_GONE = model.Reason(
    code="CLUSTER_DELETED",
    sentence="The job's cluster was deleted.",
    hint="Launch the job again on another cluster.",
)


def stage(env: service_env.Env, job: model.Job) -> plans.Outcome:
    """Wait for the cluster, then put the job's files on its node, one in each pass."""
    cluster = job_site.cluster_of(env, job)
    if cluster is None or job_site.is_going(cluster):
        return _cut_short()
    if job_site.NODE not in job.checkpoint:
        return _choose_node(env, cluster, job)
    site = job_site.find(env, cluster, job)
    prepared = job_submission.prepare(env, job, site.directory)
    memory = plans.memo(job)
    began = memory.get("began", env.clock.now().isoformat())
    count = int(memory.get("count", 0))
    if count < len(prepared.transfers):
        transfer = prepared.transfers[count]
        _place(env, site, transfer, _left(env, began))
        count += 1
    if count < len(prepared.transfers):
        why = f"{prepared.transfers[count].name} is being copied to the node."
        return model.Wait(0, why, plans.remember(count=count, began=began))
    # The marker stands before the driver does: without it there is none for sure.
    checkpoint = {job_site.SUBMITTING: True}
    return model.Done({"data_source_urls": prepared.urls, "checkpoint": checkpoint})


def _place(
    env: service_env.Env,
    site: job_site.Site,
    transfer: job_submission.Transfer,
    deadline: float,
) -> None:
    """Bring a file to the node, or have it fetch one that lies elsewhere."""
    if not transfer.url:
        chunks = env.store.open(transfer.key)
        site.remote.write_file(transfer.path, chunks, deadline=deadline)
        return
    pulling.pull(
        site.remote,
        transfer.url,
        transfer.path,
        shown=transfer.shown,
        directory=site.directory,
        limit=env.conf.edp.max_binary_bytes,
        deadline=min(deadline, _PULL),
    )


def submit(env: service_env.Env, job: model.Job) -> plans.Outcome:
    """Start the driver, or find the one that was started before a crash."""
    cluster = job_site.cluster_of(env, job)
    if cluster is None or job_site.is_going(cluster):
        return _cut_short()
    site = job_site.find(env, cluster, job)
    prepared = job_submission.prepare(env, job, site.directory)
    id = site.engine.submit(job, cluster, prepared.submission, site.remote)
    return model.Done({"engine_job_id": id, "start_time": env.clock.now()})


def watch(env: service_env.Env, job: model.Job) -> plans.Outcome:
    """See how the driver does and copy its output, until it has ended."""
    cluster = job_site.cluster_of(env, job)
    if cluster is None or job_site.is_going(cluster):
        return _cut_short()
    try:
        site = job_site.find(env, cluster, job)
    except exceptions.Permanent as error:
        reason = model.Reason(code=error.code, sentence=error.message, hint=error.hint)
        return _cut_short(states.JobStatus.DONEWITHERROR, reason)
    report = site.engine.poll(job, cluster, site.directory, site.remote)
    facts: dict[str, Any] = {"reason": report.waits}
    if report.progress is not None:
        facts["progress"] = report.progress
    if not report.running:
        return model.Done({**facts, **job_endings.ended(env, report)})
    seconds = env.conf.edp.poll_interval
    if not job_output.copy(env, job.id, site):
        seconds = 0
    why = report.waits.sentence if report.waits else "The driver runs."
    return model.Wait(seconds, why, facts)


def _choose_node(
    env: service_env.Env, cluster: model.Cluster, job: model.Job
) -> plans.Outcome:
    """Fix the node before the first file is written, so that one that has some is
    known from then on."""
    status = states.cluster_status(cluster)
    if status is states.ClusterStatus.ACTIVE:
        node = vendors.engine(env, cluster, job).node(cluster)
        checkpoint = {job_site.NODE: node.name}
        return model.Wait(0, "The job's files are next.", {"checkpoint": checkpoint})
    waited = env.clock.now() - (job.step_started_at or env.clock.now())
    if waited.total_seconds() >= env.conf.edp.pending_deadline:
        raise exceptions.Permanent(
            f"The cluster {cluster.name} was not Active within "
            f"{env.conf.edp.pending_deadline:g} seconds; it is {status}.",
            code="CLUSTER_NOT_ACTIVE",
            hint="See what the cluster is waiting for, then launch the job again.",
        )
    return model.Wait(_LOOK, f"The cluster {cluster.name} is {status}, not Active.")


def _left(env: service_env.Env, began: str) -> float:
    """Seconds that are left of ``stage_deadline``; at least one."""
    spent = env.clock.now() - datetime.datetime.fromisoformat(began)
    left: float = env.conf.edp.stage_deadline - spent.total_seconds()
    return max(left, 1.0)


def _cut_short(
    outcome: states.JobStatus = states.JobStatus.KILLED,
    reason: model.Reason = CLUSTER_GONE,
) -> model.Done:
    """The job must end; how, is what ``job_plans`` makes of the checkpoint."""
    return model.Done({"checkpoint": job_site.abort(outcome, reason)})
