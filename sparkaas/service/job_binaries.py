# SPDX-License-Identifier: Apache-2.0
"""Job binaries: programs and libraries that jobs are made of.

The bytes lie where the URL says; those of ``internal-db`` the service keeps
itself (see ``job_binary_data``). ``extra`` lives in the secret store.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from sparkaas import context as contexts
from sparkaas import exceptions
from sparkaas import model
from sparkaas.db import job_binaries as db_job_binaries
from sparkaas.db import job_binary_internals as db_internals
from sparkaas.db import job_templates as db_job_templates
from sparkaas.db import jobs as db_jobs
from sparkaas.service import access
from sparkaas.service import bodies
from sparkaas.service import credentials
from sparkaas.service import env as environment
from sparkaas.service import job_binary_data
from sparkaas.service import locations


def create(
    env: environment.Env,
    context: contexts.RequestContext,
    body: Mapping[str, Any],
) -> model.JobBinary:
    """Check and store a job binary. Without a URL the service makes room for its
    bytes, which a later upload brings."""
    extra = body.get("extra")
    url = body.get("url")
    if url is None:
        internal = db_internals.create(
            env.db, _room(env, context, name=str(uuid.uuid4()))
        )
        url = f"internal-db://{internal.id}"
    else:
        internal = None
        _check(env, context, url, extra)
    try:
        with credentials.kept(env, context.project_id, extra) as reference:
            return db_job_binaries.create(
                env.db,
                model.JobBinary(
                    **{**bodies.values(model.JobBinary, body), "url": url},
                    id=str(uuid.uuid4()),
                    project_id=context.project_id,
                    secret_ref=reference,
                    created_at=env.clock.now(),
                ),
            )
    except exceptions.SparkaasError:
        if internal is not None:
            db_internals.delete(env.db, internal.id)
        raise


def _room(
    env: environment.Env, context: contexts.RequestContext, name: str
) -> model.JobBinaryInternal:
    """A record for bytes to come; its name is its id, so that it collides with
    nothing that a user named."""
    return model.JobBinaryInternal(
        id=name,
        project_id=context.project_id,
        name=name,
        created_at=env.clock.now(),
    )


def _check(
    env: environment.Env,
    context: contexts.RequestContext,
    url: str,
    extra: Mapping[str, Any] | None,
) -> None:
    locations.check_job_binary(url, extra, lends=env.objects is not None)
    internal = locations.internal_id(url)
    if internal is None:
        return
    try:
        db_internals.get(env.db, internal, context.project_id)
    except exceptions.NotFound as error:
        raise exceptions.InvalidReference(
            f"There is no job binary internal '{internal}'."
        ) from error


def list_(
    env: environment.Env,
    context: contexts.RequestContext,
    query: model.Query,
) -> model.Page[model.JobBinary]:
    """A page of the job binaries that the caller can see."""
    return db_job_binaries.page(env.db, context.project_id, query)


def get(
    env: environment.Env, context: contexts.RequestContext, id: str
) -> model.JobBinary:
    """Raise ``exceptions.NotFound`` unless the caller can see it."""
    return db_job_binaries.get(env.db, id, context.project_id)


def update(
    env: environment.Env,
    context: contexts.RequestContext,
    id: str,
    body: Mapping[str, Any],
) -> model.JobBinary:
    """Change what ``body`` names; what comes out must be valid as a whole."""
    stored = get(env, context, id)
    changes = bodies.values(model.JobBinary, body)
    extra = body.get("extra")
    access.check_update(
        context, stored, {**changes, **credentials.change(body, "extra")}
    )
    if db_jobs.pending_with_binary(env.db, id):
        raise exceptions.UpdateFailed(
            f"Job binary '{id}' is used by a job that has not started.",
            hint="Wait for the job to start, or cancel it.",
        )
    url = body.get("url", stored.url)
    if url != stored.url and "internal-db" in (_scheme(url), _scheme(stored.url)):
        raise exceptions.UpdateFailed(
            "The URL of a job binary that the service keeps cannot be changed.",
            hint="Create another job binary.",
        )
    if {"url", "extra"} & set(body):
        if extra is None:
            _check(env, context, url, credentials.current(env, stored.secret_ref))
        else:
            _check(env, context, url, extra)
    changes["updated_at"] = env.clock.now()
    if extra is None:
        return db_job_binaries.update(env.db, id, **changes)
    with credentials.kept(env, stored.project_id, extra) as reference:
        changed = db_job_binaries.update(env.db, id, secret_ref=reference, **changes)
    credentials.forget(env, stored.secret_ref)
    return changed


def _scheme(url: str) -> str:
    return url.partition("://")[0]


def delete(env: environment.Env, context: contexts.RequestContext, id: str) -> None:
    """Forget it, its credentials and its bytes; refused while a template uses it."""
    stored = get(env, context, id)
    access.check_delete(context, stored)
    if db_job_templates.using_binary(env.db, id):
        raise exceptions.DeletionFailed(
            f"Job binary '{id}' is used by a job template.",
            hint="Delete the job templates that use it first.",
        )
    db_job_binaries.delete(env.db, id)
    credentials.forget(env, stored.secret_ref)
    job_binary_data.drop(env, stored)
