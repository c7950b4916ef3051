# SPDX-License-Identifier: Apache-2.0
"""Jobs: look at them, cancel them, delete them (``job_launch`` makes them)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sparkaas import context as contexts
from sparkaas import exceptions
from sparkaas import model
from sparkaas import states
from sparkaas.db import jobs as db_jobs
from sparkaas.service import access
from sparkaas.service import bodies
from sparkaas.service import env as environment
from sparkaas.service import job_launch

create = job_launch.create

_ACCESS = ("is_public", "is_protected")


def list_(
    env: environment.Env,
    context: contexts.RequestContext,
    query: model.Query,
) -> model.Page[model.Job]:
    """A page of the jobs that the caller can see."""
    return db_jobs.page(env.db, context.project_id, query)


def get(
    env: environment.Env,
    context: contexts.RequestContext,
    id: str,
    *,
    refresh: bool = False,
) -> model.Job:
    """Raise ``exceptions.NotFound`` unless the caller can see it.

    With ``refresh`` a conductor is asked to look; the answer does not wait for it.
    """
    job = db_jobs.get(env.db, id, context.project_id)
    if refresh:
        env.bell.ring("job", id)
    return job


def update(
    env: environment.Env,
    context: contexts.RequestContext,
    id: str,
    body: Mapping[str, Any],
) -> model.Job:
    """Change who may see or change a job, or ask for it to be cancelled."""
    job = db_jobs.get(env.db, id, context.project_id)
    wanted = (body.get("info") or {}).get("status")
    changes = bodies.values(model.Job, {k: body[k] for k in _ACCESS if k in body})
    asked = {"target": wanted} if wanted is not None else {}
    access.check_update(context, job, {**changes, **asked})
    if wanted == "suspend":
        raise exceptions.SuspendingFailed(
            f"Job '{id}' cannot be suspended: Spark has no way to.",
            hint="Cancel it and launch it again.",
        )
    if changes:
        job = db_jobs.update(env.db, id, updated_at=env.clock.now(), **changes)
    return _cancel(env, job) if wanted == "cancel" else job


def cancel(
    env: environment.Env, context: contexts.RequestContext, id: str
) -> model.Job:
    """Ask for a job to be stopped; one that has ended is returned as it is."""
    return update(env, context, id, {"info": {"status": "cancel"}})


def _cancel(env: environment.Env, job: model.Job) -> model.Job:
    if job.outcome is not None or job.target is not states.JobTarget.FINISHED:
        return job
    job = db_jobs.set_intent(
        env.db, job.id, env.clock.now(), target=states.JobTarget.KILLED
    )
    env.bell.ring("job", job.id)
    return job


def delete(env: environment.Env, context: contexts.RequestContext, id: str) -> None:
    """Ask for a job to be stopped if it runs, and forgotten with its output."""
    job = db_jobs.get(env.db, id, context.project_id)
    access.check_delete(context, job)
    if job.target is not states.JobTarget.DELETED:
        db_jobs.set_intent(env.db, id, env.clock.now(), target=states.JobTarget.DELETED)
    env.bell.ring("job", id)
