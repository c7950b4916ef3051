# SPDX-License-Identifier: Apache-2.0
"""Which steps a job needs, as a pure function of its record."""

from __future__ import annotations

import datetime
from typing import Any

from oslo_config import cfg

from sparkaas import model
from sparkaas import states
from sparkaas.service import job_endings
from sparkaas.service import job_site
from sparkaas.service import job_steps
from sparkaas.service import plans

_Step = plans.Step[model.Job]
_Plan = plans.Plan[model.Job]


def _pending(conf: cfg.ConfigOpts) -> float:
    seconds: float = conf.edp.pending_deadline + conf.edp.stage_deadline
    return seconds


def _short(conf: cfg.ConfigOpts) -> float:
    seconds: float = conf.edp.stage_deadline
    return seconds


def _ending(conf: cfg.ConfigOpts) -> float:
    seconds: float = conf.edp.cancel_seconds + conf.edp.stage_deadline
    return seconds


_COLLECT = _Step("collect", job_endings.collect, deadline=_short)

RUN: _Plan = plans.Plan(
    "run",
    (
        _Step("stage", job_steps.stage, deadline=_pending),
        _Step("submit", job_steps.submit, deadline=_short),
        # A job may take as long as it likes.
        _Step("watch", job_steps.watch),
        _COLLECT,
    ),
)

KILL: _Plan = plans.Plan(
    "kill", (_Step("cancel", job_endings.cancel, deadline=_ending), _COLLECT)
)

#: Nobody cancelled it, but it cannot go on.
ABORT: _Plan = plans.Plan(
    "abort", (_Step("stop", job_endings.cancel, deadline=_ending), _COLLECT)
)

#: The same, when there never was a driver.
DISCARD: _Plan = plans.Plan(
    "discard", (_Step("discard", job_endings.collect, deadline=_short),)
)

DELETE: _Plan = plans.Plan(
    "delete",
    (
        _Step("cancel", job_endings.cancel, deadline=_ending),
        _Step("clean", job_endings.clean, deadline=_short),
        _Step("drop_record", job_endings.drop_record, deadline=_short),
    ),
)

REST: _Plan = plans.Plan("rest")


def plan_for(job: model.Job) -> _Plan:
    """The job's plan. What has come to an end changes no more; a deletion that was
    given up on waits for a new one."""
    if job.target is states.JobTarget.DELETED:
        settled = job.generation == job.observed_generation
        return REST if settled else DELETE
    if job.outcome is not None:
        return REST
    if job.target is states.JobTarget.KILLED:
        return KILL
    if job_site.ABORT in job.checkpoint:
        launched = job.checkpoint.get(job_site.SUBMITTING)
        return ABORT if launched else DISCARD
    return RUN


def finished(job: model.Job, plan: _Plan, now: datetime.datetime) -> dict[str, Any]:
    """What was asked of it has been done, once it has an outcome."""
    if job.outcome is None:
        return {}
    return {"observed_generation": job.generation}


def given_up(
    job: model.Job,
    plan: _Plan,
    step: _Step,
    reason: model.Reason,
    now: datetime.datetime,
) -> dict[str, Any]:
    """A job that cannot be run is ended in order; one that cannot be ended in order
    ends here. A deletion that fails says so and waits for the next."""
    if plan is DELETE:
        return {"observed_generation": job.generation, "reason": reason}
    if plan is RUN and step is not _COLLECT:
        outcome = (
            states.JobStatus.DONEWITHERROR
            if step.name == "watch"
            else states.JobStatus.FAILED
        )
        checkpoint = {**job.checkpoint, **job_site.abort(outcome, reason)}
        return {"checkpoint": checkpoint}
    facts = job_endings.verdict(job, now, complete=False)
    facts["reason"] = reason
    return {**facts, "observed_generation": job.generation}


def delay(job: model.Job, conf: cfg.ConfigOpts) -> float:
    """No plan of a job is idle."""
    return 0.0


KIND: plans.Kind[model.Job] = plans.Kind(
    name="job",
    plan_for=plan_for,
    finished=finished,
    given_up=given_up,
    delay=delay,
    status=states.job_status,
    lasting=job_site.LASTING,
)
