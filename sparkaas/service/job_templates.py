# SPDX-License-Identifier: Apache-2.0
"""Job templates: what to run, of which binaries, with which interface."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any

from sparkaas import context as contexts
from sparkaas import exceptions
from sparkaas import model
from sparkaas.db import job_binaries as db_job_binaries
from sparkaas.db import job_templates as db_job_templates
from sparkaas.db import jobs as db_jobs
from sparkaas.service import access
from sparkaas.service import bodies
from sparkaas.service import env as environment
from sparkaas.service import job_interfaces

_NEED_MAINS = frozenset(
    {"Hive", "Pig", "PySpark", "Shell", "Spark", "SparkSQL", "Storm", "Storm.Pyleus"}
)
_NEED_LIBS = frozenset({"Java", "MapReduce"})

#: Job type -> what the name of its only main ends with.
_MAIN_SUFFIX: Mapping[str, str] = {"PySpark": ".py", "SparkSQL": ".sql"}


def create(
    env: environment.Env,
    context: contexts.RequestContext,
    body: Mapping[str, Any],
) -> model.JobTemplate:
    """Check and store a job template."""
    mains = tuple(body.get("mains") or ())
    libs = tuple(body.get("libs") or ())
    _check_needs(body["type"], mains, libs)
    found = _visible(env, context, mains + libs)
    _check_suffix(body["type"], [found[id] for id in mains])
    now = env.clock.now()
    interface = tuple(
        model.Argument(
            **bodies.values(model.Argument, given),
            id=str(uuid.uuid4()),
            order=order,
            created_at=now,
        )
        for order, given in enumerate(body.get("interface") or ())
    )
    job_interfaces.check(body["type"], interface)
    return db_job_templates.create(
        env.db,
        model.JobTemplate(
            **{
                **bodies.values(model.JobTemplate, body),
                "mains": mains,
                "libs": libs,
                "interface": interface,
            },
            id=str(uuid.uuid4()),
            project_id=context.project_id,
            created_at=now,
        ),
    )


def _check_needs(type_: str, mains: Sequence[str], libs: Sequence[str]) -> None:
    if set(mains) & set(libs):
        raise exceptions.InvalidRequest(
            "A job binary cannot be in both 'mains' and 'libs'."
        )
    if type_ in _NEED_MAINS and not mains:
        raise exceptions.InvalidRequest(f"A {type_} job needs a job binary in 'mains'.")
    if type_ in _NEED_LIBS:
        if mains:
            raise exceptions.InvalidRequest(f"A {type_} job takes no 'mains'.")
        if not libs:
            raise exceptions.InvalidRequest(
                f"A {type_} job needs a job binary in 'libs'."
            )


def _check_suffix(type_: str, mains: Sequence[model.JobBinary]) -> None:
    suffix = _MAIN_SUFFIX.get(type_)
    if suffix is None:
        return
    if len(mains) != 1 or not mains[0].name.endswith(suffix):
        raise exceptions.InvalidRequest(
            f"A {type_} job needs exactly one job binary in 'mains', whose name ends "
            f"with {suffix}.",
            hint="Further files go into 'libs'.",
        )


def _visible(
    env: environment.Env, context: contexts.RequestContext, ids: Collection[str]
) -> Mapping[str, model.JobBinary]:
    found = db_job_binaries.by_ids(env.db, ids, context.project_id)
    for id in ids:
        if id not in found:
            raise exceptions.MissingValue(f"There is no job binary '{id}'.")
    return found


def binaries(
    env: environment.Env, templates: Iterable[model.JobTemplate]
) -> Mapping[str, model.JobBinary]:
    """The job binaries of ``templates`` by id, in one query."""
    ids = {id for template in templates for id in template.mains + template.libs}
    return db_job_binaries.by_ids(env.db, ids)


def list_(
    env: environment.Env,
    context: contexts.RequestContext,
    query: model.Query,
) -> model.Page[model.JobTemplate]:
    """A page of the job templates that the caller can see."""
    return db_job_templates.page(env.db, context.project_id, query)


def get(
    env: environment.Env, context: contexts.RequestContext, id: str
) -> model.JobTemplate:
    """Raise ``exceptions.NotFound`` unless the caller can see it."""
    return db_job_templates.get(env.db, id, context.project_id)


def update(
    env: environment.Env,
    context: contexts.RequestContext,
    id: str,
    body: Mapping[str, Any],
) -> model.JobTemplate:
    """Change name, description and who may see or change it."""
    stored = get(env, context, id)
    changes = bodies.values(model.JobTemplate, body)
    access.check_update(context, stored, changes)
    return db_job_templates.update(env.db, id, updated_at=env.clock.now(), **changes)


def delete(env: environment.Env, context: contexts.RequestContext, id: str) -> None:
    """Forget it; refused while any job refers to it."""
    stored = get(env, context, id)
    access.check_delete(context, stored)
    if db_jobs.using_template(env.db, id):
        raise exceptions.DeletionFailed(
            f"Job template '{id}' is used by a job.",
            hint="Delete its jobs first and wait until they are gone.",
        )
    db_job_templates.delete(env.db, id)
