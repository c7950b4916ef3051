# SPDX-License-Identifier: Apache-2.0
"""Node groups: made from what a request says, checked, and kept up to date."""

from __future__ import annotations

import dataclasses
import uuid
from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any

from sparkaas import context as contexts
from sparkaas import exceptions
from sparkaas import model
from sparkaas.db import node_group_templates as db
from sparkaas.plugins import base
from sparkaas.service import bodies
from sparkaas.service import checks
from sparkaas.service import configs
from sparkaas.service import env as environment

#: The fields that a group takes from its template.
SETTINGS = tuple(
    field.name
    for field in dataclasses.fields(model.NodeSettings)
    if field.name != "name"
)


def make(
    env: environment.Env,
    context: contexts.RequestContext,
    plugin_name: str,
    plugin_version: str,
    asked: Sequence[Mapping[str, Any]],
) -> tuple[model.NodeGroup, ...]:
    """The groups that a request's ``node_groups`` describe; templates' values are
    copied. Raises ``exceptions.InvalidReference``."""
    templates = _templates(env, context, asked)
    for template in templates.values():
        _check_plugin(template, plugin_name, plugin_version)
    groups = [
        _group(body, templates.get(body.get("node_group_template_id", "")))
        for body in asked
    ]
    check_names(groups)
    return tuple(groups)


def check_templates(
    env: environment.Env,
    plugin_name: str,
    plugin_version: str,
    groups: Sequence[model.NodeGroup],
) -> None:
    """Raise ``exceptions.InvalidReference`` if a group was made of a template for
    another plugin or version."""
    ids = {g.node_group_template_id for g in groups if g.node_group_template_id}
    for template in db.by_ids(env.db, ids).values() if ids else ():
        _check_plugin(template, plugin_name, plugin_version)


def _check_plugin(
    template: model.NodeGroupTemplate, plugin_name: str, plugin_version: str
) -> None:
    has = (template.plugin_name, template.plugin_version)
    if has != (plugin_name, plugin_version):
        raise exceptions.InvalidReference(
            f"Node group template {template.id} is for plugin {' '.join(has)}."
        )


def check_names(groups: Sequence[model.NodeGroup]) -> None:
    """Raise ``exceptions.InvalidReference`` if two have the same name; case does
    not tell host names apart."""
    names = [group.name.lower() for group in groups]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise exceptions.InvalidReference(
            f"Node group names must be unique: {', '.join(twice)}."
        )


def checked(
    env: environment.Env,
    plugin: base.Plugin,
    version: str,
    groups: Sequence[model.NodeGroup],
) -> tuple[model.NodeGroup, ...]:
    """The groups with their flavors, after everything that they name was looked up;
    see ``checks.node_settings``."""
    return tuple(
        dataclasses.replace(
            group, flavor=checks.node_settings(env, plugin, version, group)
        )
        for group in groups
    )


def followed(
    group: model.NodeGroup, old: model.NodeGroupTemplate, new: model.NodeGroupTemplate
) -> model.NodeGroup:
    """``group`` after its template changed from ``old`` to ``new``.

    What the group overrides stays, and so do its name and count.
    """
    if group.node_group_template_id != new.id:
        return group
    changes = {
        name: getattr(new, name)
        for name in SETTINGS
        if getattr(group, name) == getattr(old, name)
    }
    changes["node_configs"] = configs.followed(
        group.node_configs, old.node_configs, new.node_configs
    )
    return dataclasses.replace(group, **changes)


def _templates(
    env: environment.Env,
    context: contexts.RequestContext,
    asked: Sequence[Mapping[str, Any]],
) -> Mapping[str, model.NodeGroupTemplate]:
    key = "node_group_template_id"
    ids = {body[key] for body in asked if key in body}
    found = db.by_ids(env.db, ids, context.project_id) if ids else {}
    for id in sorted(ids - found.keys()):
        raise exceptions.InvalidReference(f"There is no node group template {id}.")
    return found


def _group(
    body: Mapping[str, Any], template: model.NodeGroupTemplate | None
) -> model.NodeGroup:
    # Null does not override: it says that nothing is asked for.
    given = {key: value for key, value in body.items() if value is not None}
    values = bodies.values(model.NodeGroup, given)
    if template is not None:
        values = {name: getattr(template, name) for name in SETTINGS} | values
        values["node_configs"] = configs.merged(
            template.node_configs, given.get("node_configs", {})
        )
    return model.NodeGroup(id=str(uuid.uuid4()), **values)
