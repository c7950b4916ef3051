# SPDX-License-Identifier: Apache-2.0
"""The data sources that a job's settings refer to, as its project sees them."""

from __future__ import annotations

from sparkaas import exceptions
from sparkaas import model
from sparkaas.db import data_sources as db_data_sources
from sparkaas.edp import arguments
from sparkaas.service import env as environment


def by_id(env: environment.Env, project_id: str, id: str) -> model.DataSource | None:
    """The data source, if the project can see it."""
    try:
        return db_data_sources.get(env.db, id, project_id)
    except exceptions.NotFound:
        return None


def by_name(
    env: environment.Env, project_id: str, name: str
) -> model.DataSource | None:
    """The project's own data source of that name, else a public one.

    Raises ``exceptions.InvalidReference`` when several others' have the name.
    """
    query = model.Query(filters={"name": name})
    found = [
        source
        for source in db_data_sources.page(env.db, project_id, query).items
        if source.name == name
    ]
    own = [source for source in found if source.project_id == project_id]
    if not own and len(found) > 1:
        raise exceptions.InvalidReference(
            f"Several public data sources are named '{name}'.",
            hint="Refer to it by its id.",
        )
    return next(iter(own or found), None)


def needed(
    env: environment.Env, job: model.Job, template: model.JobTemplate
) -> tuple[model.DataSource, ...]:
    """Those of the data sources that ``job`` refers to which exist."""
    needs = arguments.needs(job, template)
    found = [by_id(env, job.project_id, id) for id in sorted(needs.ids)]
    found += [by_name(env, job.project_id, name) for name in sorted(needs.names)]
    return tuple({source.id: source for source in found if source}.values())
