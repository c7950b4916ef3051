# SPDX-License-Identifier: Apache-2.0
"""Cluster templates: what may be stored and changed."""

from __future__ import annotations

import dataclasses
import uuid
from collections.abc import Mapping
from typing import Any

from sparkaas import context as contexts
from sparkaas import exceptions
from sparkaas import model
from sparkaas.db import cluster_templates as db
from sparkaas.db import clusters as db_clusters
from sparkaas.service import access
from sparkaas.service import bodies
from sparkaas.service import checks
from sparkaas.service import env as environment
from sparkaas.service import node_groups
from sparkaas.service import plugins


def create(
    env: environment.Env, context: contexts.RequestContext, body: Mapping[str, Any]
) -> model.ClusterTemplate:
    """Store a template. Raises ``exceptions.InvalidRequest`` or a subclass."""
    template = model.ClusterTemplate(
        id=str(uuid.uuid4()),
        project_id=context.project_id,
        **_values(env, context, body["plugin_name"], body["plugin_version"], body),
    )
    _check(env, template)
    return db.create(env.db, template)


def list_(
    env: environment.Env, context: contexts.RequestContext, query: model.Query
) -> model.Page[model.ClusterTemplate]:
    """The project's templates and public ones."""
    return db.page(env.db, context.project_id, query)


def get(
    env: environment.Env, context: contexts.RequestContext, id: str
) -> model.ClusterTemplate:
    """Raises ``exceptions.NotFound``."""
    return db.get(env.db, id, context.project_id)


def update(
    env: environment.Env,
    context: contexts.RequestContext,
    id: str,
    body: Mapping[str, Any],
) -> model.ClusterTemplate:
    """Change a template that has no clusters."""
    old = get(env, context, id)
    checks.version_with_plugin(old.plugin_name, body)
    changes = _values(
        env,
        context,
        body.get("plugin_name", old.plugin_name),
        body.get("plugin_version", old.plugin_version),
        body,
    )
    access.check_update(context, old, changes)
    if db_clusters.using_template(env.db, id):
        raise exceptions.UpdateFailed(f"Cluster template {id} has clusters.")
    _check(env, dataclasses.replace(old, **changes))
    return db.update(env.db, id, **changes)


def delete(env: environment.Env, context: contexts.RequestContext, id: str) -> None:
    """Forget a template that has no clusters."""
    access.check_delete(context, get(env, context, id))
    if db_clusters.using_template(env.db, id):
        raise exceptions.InvalidReference(f"Cluster template {id} has clusters.")
    db.delete(env.db, id)


def _values(
    env: environment.Env,
    context: contexts.RequestContext,
    plugin_name: str,
    plugin_version: str,
    body: Mapping[str, Any],
) -> dict[str, Any]:
    values = bodies.values(model.ClusterTemplate, body)
    if "node_groups" in values:
        values["node_groups"] = node_groups.make(
            env, context, plugin_name, plugin_version, body["node_groups"] or ()
        )
    return values


def _check(env: environment.Env, template: model.ClusterTemplate) -> None:
    name, version = template.plugin_name, template.plugin_version
    plugin = plugins.require(env, name, version)
    checks.image(env, plugin, version, template.default_image_id)
    checks.configs(plugin, version, template.cluster_configs)
    # Groups that stay although the plugin changed do not fit any more.
    node_groups.check_templates(env, name, version, template.node_groups)
    node_groups.checked(env, plugin, version, template.node_groups)
    checks.processes(plugin, version, template.anti_affinity)
    if template.neutron_management_network is not None:
        env.catalog.require("network", template.neutron_management_network)
    checks.shares(env, template.shares)
