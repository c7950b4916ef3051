# SPDX-License-Identifier: Apache-2.0
"""Launching a job: everything that is checked before one is stored."""

from __future__ import annotations

import dataclasses
import uuid
from collections.abc import Mapping
from typing import Any

from sparkaas import context as contexts
from sparkaas import exceptions
from sparkaas import model
from sparkaas.db import clusters as db_clusters
from sparkaas.db import job_templates as db_job_templates
from sparkaas.db import jobs as db_jobs
from sparkaas.edp import arguments
from sparkaas.service import credentials
from sparkaas.service import env as environment
from sparkaas.service import job_binary_data
from sparkaas.service import job_interfaces
from sparkaas.service import job_keys
from sparkaas.service import job_sources
from sparkaas.service import job_templates
from sparkaas.service import plugins
from sparkaas.service import secret_configs


def create(
    env: environment.Env,
    context: contexts.RequestContext,
    body: Mapping[str, Any],
    idempotency_key: str | None = None,
) -> model.Job:
    """Check and store a job, and wake a conductor.

    A project's second launch with the same ``idempotency_key`` stores nothing and
    returns the first one's job.
    """
    if idempotency_key is not None:
        first = db_jobs.by_idempotency_key(env.db, context.project_id, idempotency_key)
        if first is not None:
            return first
    template = _template(env, context, body["job_template_id"])
    cluster = _cluster(env, context, body["cluster_id"])
    whole = job_interfaces.fill(
        template.interface, body.get("interface"), body.get("job_configs") or {}
    )
    _check_text(whole)
    job_keys.check(whole)
    _engine_check(env, context, template, cluster, whole)
    binaries = job_templates.binaries(env, [template]).values()
    for binary in binaries:
        job_binary_data.check_present(env, binary)
    now = env.clock.now()
    job = model.Job(
        id=str(uuid.uuid4()),
        project_id=context.project_id,
        user_id=context.user_id,
        name=template.name,
        job_template_id=template.id,
        type=template.type,
        cluster_id=cluster.id,
        input_id=body.get("input_id"),
        output_id=body.get("output_id"),
        job_configs=whole,
        idempotency_key=idempotency_key,
        is_public=bool(body.get("is_public")),
        is_protected=bool(body.get("is_protected")),
        next_run_at=now,
        created_at=now,
    )
    _check_data_sources(env, job, template)
    blanked, secrets = secret_configs.split(whole)
    sources = job_sources.needed(env, job, template)
    try:
        with (
            job_keys.lent(env, job, template, sources, binaries) as keys,
            credentials.kept(env, context.project_id, secrets | keys) as reference,
        ):
            stored = db_jobs.create(
                env.db,
                dataclasses.replace(job, job_configs=blanked, secret_ref=reference),
            )
    except exceptions.DuplicateEntry:
        # Another request with the same key was faster.
        if idempotency_key is None:
            raise
        first = db_jobs.by_idempotency_key(env.db, context.project_id, idempotency_key)
        if first is None:
            raise
        return first
    env.bell.ring("job", stored.id)
    return stored


def _template(
    env: environment.Env, context: contexts.RequestContext, id: str
) -> model.JobTemplate:
    try:
        return db_job_templates.get(env.db, id, context.project_id)
    except exceptions.NotFound as error:
        raise exceptions.InvalidReference(
            f"There is no job template '{id}'."
        ) from error


def _cluster(
    env: environment.Env, context: contexts.RequestContext, id: str
) -> model.Cluster:
    try:
        return db_clusters.get(env.db, id, context.project_id)
    except exceptions.NotFound as error:
        raise exceptions.InvalidReference(f"There is no cluster '{id}'.") from error


def _check_text(job_configs: Mapping[str, Any]) -> None:
    """No program can be given a NUL."""
    for part in ("configs", "params"):
        for name, value in job_configs[part].items():
            if "\0" in name or "\0" in str(value):
                raise exceptions.InvalidRequest(
                    f"A name or value in {part} contains a NUL character."
                )
    for value in job_configs["args"]:
        if not isinstance(value, str) or "\0" in value:
            raise exceptions.InvalidRequest(
                "Arguments must be text without NUL characters."
            )


def _engine_check(
    env: environment.Env,
    context: contexts.RequestContext,
    template: model.JobTemplate,
    cluster: model.Cluster,
    job_configs: Mapping[str, Any],
) -> None:
    """Whether the cluster's plugin runs such a job at all."""
    plugin = plugins.require_enabled(
        env, context, cluster.plugin_name, cluster.plugin_version
    )
    engine = plugin.job_engines.get(template.type)
    if engine is None:
        raise exceptions.InvalidReference(
            f"Cluster '{cluster.id}' does not run jobs of type '{template.type}'.",
            hint=f"Its plugin runs: {', '.join(sorted(plugin.job_engines))}.",
        )
    engine.validate(template, job_configs, cluster)


def _check_data_sources(
    env: environment.Env, job: model.Job, template: model.JobTemplate
) -> None:
    """Whether every data source is there that the job names.

    A value that only looks like an id, where the launch asked for all ids to be
    replaced, is none of them: it stays as it is.
    """
    configs = dict(job.job_configs["configs"])
    configs.pop(arguments.BY_UUID, None)
    certain = dataclasses.replace(
        job, job_configs={**job.job_configs, "configs": configs}
    )
    needs = arguments.needs(certain, template)
    for id in sorted(needs.ids):
        if job_sources.by_id(env, job.project_id, id) is None:
            raise exceptions.InvalidReference(f"There is no data source '{id}'.")
    for name in sorted(needs.names):
        if job_sources.by_name(env, job.project_id, name) is None:
            raise exceptions.InvalidReference(
                f"There is no data source named '{name}'."
            )
