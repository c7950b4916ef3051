# SPDX-License-Identifier: Apache-2.0
"""Data sources: where jobs read and write.

Credentials live in the secret store; the record has only a reference to them.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from sparkaas import context as contexts
from sparkaas import exceptions
from sparkaas import model
from sparkaas.db import data_sources as db_data_sources
from sparkaas.db import jobs as db_jobs
from sparkaas.service import access
from sparkaas.service import bodies
from sparkaas.service import credentials
from sparkaas.service import env as environment
from sparkaas.service import locations


def create(
    env: environment.Env, context: contexts.RequestContext, body: Mapping[str, Any]
) -> model.DataSource:
    """Check and store a data source, its credentials apart."""
    given = body.get("credentials")
    locations.check_data_source(
        body["type"], body["url"], given, lends=env.objects is not None
    )
    with credentials.kept(env, context.project_id, given) as reference:
        return db_data_sources.create(
            env.db,
            model.DataSource(
                **bodies.values(model.DataSource, body),
                id=str(uuid.uuid4()),
                project_id=context.project_id,
                secret_ref=reference,
                created_at=env.clock.now(),
            ),
        )


def list_(
    env: environment.Env, context: contexts.RequestContext, query: model.Query
) -> model.Page[model.DataSource]:
    """A page of the data sources that the caller can see."""
    return db_data_sources.page(env.db, context.project_id, query)


def get(
    env: environment.Env, context: contexts.RequestContext, id: str
) -> model.DataSource:
    """Raise ``exceptions.NotFound`` unless the caller can see it."""
    return db_data_sources.get(env.db, id, context.project_id)


def update(
    env: environment.Env,
    context: contexts.RequestContext,
    id: str,
    body: Mapping[str, Any],
) -> model.DataSource:
    """Change what ``body`` names; what comes out must be valid as a whole."""
    stored = get(env, context, id)
    changes = bodies.values(model.DataSource, body)
    given = body.get("credentials")
    access.check_update(
        context, stored, {**changes, **credentials.change(body, "credentials")}
    )
    if db_jobs.using_data_source(env.db, stored, pending=True):
        raise exceptions.UpdateFailed(
            f"Data source '{id}' is used by a job that has not started.",
            hint="Wait for the job to start, or cancel it.",
        )
    if {"type", "url", "credentials"} & set(body):
        locations.check_data_source(
            body.get("type", stored.type),
            body.get("url", stored.url),
            credentials.current(env, stored.secret_ref) if given is None else given,
            lends=env.objects is not None,
        )
    changes["updated_at"] = env.clock.now()
    if given is None:
        return db_data_sources.update(env.db, id, **changes)
    with credentials.kept(env, stored.project_id, given) as reference:
        changed = db_data_sources.update(env.db, id, secret_ref=reference, **changes)
    credentials.forget(env, stored.secret_ref)
    return changed


def delete(env: environment.Env, context: contexts.RequestContext, id: str) -> None:
    """Forget it and its credentials; refused while any job refers to it."""
    stored = get(env, context, id)
    access.check_delete(context, stored)
    if db_jobs.using_data_source(env.db, stored):
        raise exceptions.DeletionFailed(
            f"Data source '{id}' is used by a job.",
            hint="Delete the jobs that use it first.",
        )
    db_data_sources.delete(env.db, id)
    credentials.forget(env, stored.secret_ref)
