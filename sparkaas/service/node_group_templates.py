# SPDX-License-Identifier: Apache-2.0
"""Node group templates: what may be stored and changed."""

from __future__ import annotations

import dataclasses
import uuid
from collections.abc import Mapping
from typing import Any

from sparkaas import context as contexts
from sparkaas import exceptions
from sparkaas import model
from sparkaas.db import cluster_templates as db_cluster_templates
from sparkaas.db import clusters as db_clusters
from sparkaas.db import node_group_templates as db
from sparkaas.service import access
from sparkaas.service import bodies
from sparkaas.service import checks
from sparkaas.service import env as environment
from sparkaas.service import node_groups
from sparkaas.service import plugins


def create(
    env: environment.Env, context: contexts.RequestContext, body: Mapping[str, Any]
) -> model.NodeGroupTemplate:
    """Store a template. Raises ``exceptions.InvalidRequest`` or a subclass."""
    template = model.NodeGroupTemplate(
        id=str(uuid.uuid4()),
        project_id=context.project_id,
        **bodies.values(model.NodeGroupTemplate, body),
    )
    _check(env, template)
    return db.create(env.db, template)


def list_(
    env: environment.Env, context: contexts.RequestContext, query: model.Query
) -> model.Page[model.NodeGroupTemplate]:
    """The project's templates and public ones."""
    return db.page(env.db, context.project_id, query)


def get(
    env: environment.Env, context: contexts.RequestContext, id: str
) -> model.NodeGroupTemplate:
    """Raises ``exceptions.NotFound``."""
    return db.get(env.db, id, context.project_id)


def update(
    env: environment.Env,
    context: contexts.RequestContext,
    id: str,
    body: Mapping[str, Any],
) -> model.NodeGroupTemplate:
    """Change a template, and with it the cluster templates that use it."""
    old = get(env, context, id)
    changes = bodies.values(model.NodeGroupTemplate, body)
    access.check_update(context, old, changes)
    checks.version_with_plugin(old.plugin_name, changes)
    new = dataclasses.replace(old, **changes)
    users = db_cluster_templates.of_node_group_template(env.db, id)
    for user in users:
        if db_clusters.using_template(env.db, user.id):
            raise exceptions.UpdateFailed(
                f"Node group template {id} is used by a cluster template that has "
                "clusters."
            )
        if (user.plugin_name, user.plugin_version) != (
            new.plugin_name,
            new.plugin_version,
        ):
            raise exceptions.InvalidReference(
                f"Node group template {id} is used by a cluster template of plugin "
                f"{user.plugin_name} {user.plugin_version}."
            )
    if {*changes} & {*node_groups.SETTINGS, "plugin_name", "plugin_version"}:
        _check(env, new)
    updated = db.update(env.db, id, **changes)
    for user in users:
        groups = tuple(node_groups.followed(g, old, updated) for g in user.node_groups)
        if groups != user.node_groups:
            db_cluster_templates.update(env.db, user.id, node_groups=groups)
    return updated


def delete(env: environment.Env, context: contexts.RequestContext, id: str) -> None:
    """Forget a template that nothing uses."""
    template = get(env, context, id)
    access.check_delete(context, template)
    if db_cluster_templates.using_node_group_template(env.db, id):
        raise exceptions.InvalidReference(
            f"Node group template {id} is used by a cluster template."
        )
    if db_clusters.using_node_group_template(env.db, id):
        raise exceptions.InvalidReference(
            f"Node group template {id} is used by a cluster."
        )
    db.delete(env.db, id)


def _check(env: environment.Env, template: model.NodeGroupTemplate) -> None:
    plugin = plugins.require(env, template.plugin_name, template.plugin_version)
    checks.node_settings(env, plugin, template.plugin_version, template)
