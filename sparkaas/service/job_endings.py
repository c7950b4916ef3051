# SPDX-License-Identifier: Apache-2.0
"""The steps that end a job: by itself, by force, and for good."""

from __future__ import annotations

import dataclasses
import datetime
from typing import Any

from sparkaas import exceptions
from sparkaas import model
from sparkaas import states
from sparkaas.db import leases
from sparkaas.edp import base
from sparkaas.service import env as service_env
from sparkaas.service import job_history
from sparkaas.service import job_keys
from sparkaas.service import job_output
from sparkaas.service import job_site
from sparkaas.service import plans

#: Exit codes of a program that ended because of SIGINT, SIGKILL or SIGTERM.
_BY_SIGNAL = frozenset({130, 137, 143})

_KILLED = model.Reason(code="CANCELLED", sentence="The job was cancelled.")
_LOST = model.Reason(
    code="DRIVER_LOST",
    sentence="The job's driver is gone and left no exit code.",
    hint="Its node was restarted or replaced, or ran out of memory. Launch it again.",
)
#: By then the end of a job is in its record.
_RECORDED = datetime.timedelta(seconds=1)
_INCOMPLETE = model.Reason(
    code="OUTPUT_INCOMPLETE",
    sentence="The end of the job's output could not be copied from its node.",
)


def ended(
    env: service_env.Env, report: base.Report, asked: bool = False
) -> dict[str, Any]:
    """The facts of a driver that has ended; ``asked``: after it was told to."""
    reason = report.reason
    return {
        "end_time": env.clock.now(),
        "checkpoint": {
            job_site.EXIT: {
                "code": report.exit_code,
                "asked": asked,
                "reason": None if reason is None else dataclasses.asdict(reason),
            }
        },
    }


def cancel(env: service_env.Env, job: model.Job) -> plans.Outcome:
    """End the driver: ask first, use force after ``cancel_seconds``. Done when there
    is none (any more)."""
    if job_site.EXIT in job.checkpoint or not job.checkpoint.get(job_site.SUBMITTING):
        return model.Done()
    site = _site(env, job)
    if site is None:
        return model.Done(ended(env, base.Report(running=False, lost=True)))
    try:
        return _cancel(env, job, site)
    except exceptions.Transient:
        if job_site.is_hopeless(env, job):
            return model.Done(ended(env, base.Report(running=False, lost=True)))
        raise


def collect(env: service_env.Env, job: model.Job) -> plans.Outcome:
    """Copy the rest of the output, tidy the node up, and say what became of the job.
    Only now is it at its end: who sees that, has all of the output."""
    complete = True
    site = _site(env, job)
    if site is not None:
        try:
            if not job_output.copy(env, job.id, site):
                return model.Wait(0, "The output is being copied.")
            if not job_history.copy(env, job, site):
                return model.Wait(0, "The event log is being copied.")
            _tidy(site)
        except exceptions.Transient:
            if not job_site.is_hopeless(env, job):
                raise
            complete = False
    elif job.checkpoint.get(job_site.SUBMITTING):
        complete = False
    _forget_secrets(env, job)
    _tell_cluster(env, job)
    return model.Done(verdict(job, env.clock.now(), complete))


def clean(env: service_env.Env, job: model.Job) -> plans.Outcome:
    """Forget everything of the job: on its node, in the store, its secrets."""
    site = _site(env, job)
    if site is not None:
        try:
            _tidy(site)
        except exceptions.Transient:
            if not job_site.is_hopeless(env, job):
                raise
    env.store.delete(f"jobs/{job.id}")
    _forget_secrets(env, job)
    return model.Done()


def drop_record(env: service_env.Env, job: model.Job) -> plans.Outcome:
    """Nothing else is left."""
    return plans.Gone()


def verdict(
    job: model.Job, now: datetime.datetime, complete: bool = True
) -> dict[str, Any]:
    """What became of a job whose driver, if it had one, has ended: a pure function.
    ``complete``: all of its output was copied."""
    exit = job.checkpoint.get(job_site.EXIT) or {}
    code: int | None = exit.get("code")
    outcome, reason = _outcome(job, exit)
    if reason is None and not complete:
        reason = _INCOMPLETE
    return {
        "outcome": outcome,
        "reason": reason,
        "return_code": None if code is None else str(code),
        # One that could not be launched began and ended at that moment.
        "start_time": job.start_time
        or (now if outcome is states.JobStatus.FAILED else None),
        "end_time": job.end_time or now,
    }


def _outcome(
    job: model.Job, exit: dict[str, Any]
) -> tuple[states.JobStatus, model.Reason | None]:
    code: int | None = exit.get("code")
    own = exit.get("reason")
    by_itself = code is not None and not exit.get("asked")
    by_signal = code is not None and (code < 0 or code in _BY_SIGNAL)
    if by_itself and code == 0:
        # Whatever was asked of it since: it had done its work.
        return states.JobStatus.SUCCEEDED, None
    if job.target is not states.JobTarget.FINISHED:
        if by_itself and not by_signal:
            return _failed(code, own)
        return states.JobStatus.KILLED, _KILLED
    if aborted := job.checkpoint.get(job_site.ABORT):
        fields = dict(aborted)
        return states.JobStatus(fields.pop("outcome")), model.Reason(**fields)
    if code is None:
        return states.JobStatus.DONEWITHERROR, model.Reason(**own) if own else _LOST
    return _failed(code, own)


def _failed(
    code: int | None, own: dict[str, str] | None
) -> tuple[states.JobStatus, model.Reason]:
    if own is not None:
        reason = model.Reason(**own)
    elif code is not None and (code < 0 or code in _BY_SIGNAL):
        signal = -code if code < 0 else code - 128
        reason = model.Reason(
            code="DRIVER_KILLED",
            sentence=f"The job's driver was ended by signal {signal}.",
            hint="Signal 9 without a cancel is most often the node out of memory.",
        )
    else:
        reason = model.Reason(
            code="DRIVER_FAILED",
            sentence=f"The job's driver ended with exit code {code}.",
            hint="Its log says why.",
        )
    return states.JobStatus.DONEWITHERROR, reason


def _cancel(env: service_env.Env, job: model.Job, site: job_site.Site) -> plans.Outcome:
    memory = plans.memo(job)
    asked_at: str | None = memory.get("asked_at")
    report = site.engine.poll(job, site.cluster, site.directory, site.remote)
    if not report.running:
        return model.Done(ended(env, report, asked=asked_at is not None))
    job_output.copy(env, job.id, site)
    now = env.clock.now()
    since = datetime.datetime.fromisoformat(asked_at) if asked_at else now
    force = (now - since).total_seconds() >= env.conf.edp.cancel_seconds
    if asked_at is None or force:
        site.engine.cancel(job, site.cluster, site.directory, site.remote, kill=force)
    why = "The driver is being killed." if force else "The driver was asked to end."
    facts = plans.remember(asked_at=since.isoformat())
    return model.Wait(env.conf.edp.poll_interval, why, facts)


def _site(env: service_env.Env, job: model.Job) -> job_site.Site | None:
    """As ``job_site.last_seen``; a node that need not be waited for is none."""
    try:
        return job_site.last_seen(env, job)
    except exceptions.Transient:
        if job_site.is_hopeless(env, job):
            return None
        raise


def _tidy(site: job_site.Site) -> None:
    """Remove the job's directory; it is named by an id that the service made."""
    argv = ("rm", "-rf", "--", site.directory)
    done = site.remote.run(argv, deadline=job_site.DEADLINE)
    if done.exit_code != 0:
        words = done.stderr.decode(errors="replace").strip()
        raise exceptions.Transient(f"The job's directory cannot be removed: {words}")


def _tell_cluster(env: service_env.Env, job: model.Job) -> None:
    """A transient cluster may go now: let it look as soon as this is recorded."""
    cluster = job_site.cluster_of(env, job)
    if cluster is not None and cluster.is_transient:
        soon = env.clock.now() + _RECORDED
        leases.wake(env.db, "cluster", cluster.id, soon)


def _forget_secrets(env: service_env.Env, job: model.Job) -> None:
    job_keys.take_back(env, job)
    if job.secret_ref is not None:
        env.secrets.delete(job.secret_ref)
