# SPDX-License-Identifier: Apache-2.0
"""Default templates: what an operator puts into a project for everyone to start from.

They are templates like any other, under the same checks, flagged ``is_default`` and
protected. Who loads them twice has them once.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any

from sparkaas import context as contexts
from sparkaas import exceptions
from sparkaas import model
from sparkaas.service import cluster_templates
from sparkaas.service import env as environment
from sparkaas.service import node_group_templates

_PLACEHOLDER = re.compile(r"\{([A-Za-z0-9_.-]+)\}")
_FLAGS = {"is_default": True, "is_protected": True}

Template = model.NodeGroupTemplate | model.ClusterTemplate


@dataclasses.dataclass(frozen=True)
class Source:
    """One template as it is written. ``place`` names it for a person; node groups of a
    cluster template name node group templates as ``{their-name}``."""

    place: str
    body: Mapping[str, Any]

    @property
    def is_cluster(self) -> bool:
        """Whether it is of a cluster, not of a node group."""
        return "node_processes" not in self.body

    @property
    def name(self) -> str:
        """The template's name."""
        return str(self.body.get("name", ""))


@dataclasses.dataclass(frozen=True)
class Loaded:
    """What became of one template: ``created``, ``updated`` or ``kept``."""

    what: str
    template: Template


def filled(value: Any, known: Mapping[str, str]) -> Any:
    """``value`` with each text that is one placeholder as what it stands for. Pure.
    Raises ``exceptions.InvalidRequest`` naming one that nothing is known of."""
    if isinstance(value, Mapping):
        return {key: filled(each, known) for key, each in value.items()}
    if isinstance(value, list):
        return [filled(each, known) for each in value]
    found = _PLACEHOLDER.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        return value
    if found[1] not in known:
        raise exceptions.InvalidRequest(
            f"Nothing stands for {value}.", hint=f"Give --value {found[1]}=..."
        )
    return known[found[1]]


def load(
    env: environment.Env,
    context: contexts.RequestContext,
    node_groups: Sequence[Source],
    clusters: Sequence[Source],
    *,
    update: bool,
) -> list[Loaded]:
    """Put all of them into the caller's project: when one fails, those that this run
    created go again, while what it updated stays as written.

    The ids that cluster templates need are those of the node group templates that
    are loaded with them. With ``update`` those that are there become as written.
    Raises ``exceptions.InvalidRequest`` or a subclass that names the place.
    """
    done: list[Loaded] = []
    try:
        ids: dict[str, str] = {}
        for source in node_groups:
            loaded = _load(env, context, node_group_templates, source, {}, update)
            done.append(loaded)
            ids[source.name] = loaded.template.id
        for source in clusters:
            done.append(_load(env, context, cluster_templates, source, ids, update))
    except BaseException:
        for loaded in reversed(done):
            if loaded.what == "created":
                _remove(env, context, loaded.template)
        raise
    return done


def all_of(
    env: environment.Env, context: contexts.RequestContext
) -> tuple[Template, ...]:
    """The default templates of the caller's project, those of node groups first."""
    query = model.Query(filters={"is_default": "true"}, sort_by="name")
    found: tuple[Template, ...] = (
        *node_group_templates.list_(env, context, query).items,
        *cluster_templates.list_(env, context, query).items,
    )
    return tuple(each for each in found if each.project_id == context.project_id)


def delete(env: environment.Env, context: contexts.RequestContext, name: str) -> None:
    """Delete the default template of that name or id. Raises ``exceptions.NotFound``,
    or ``InvalidReference`` for one in use."""
    for template in reversed(all_of(env, context)):
        if name in (template.name, template.id):
            _remove(env, context, template)
            return
    raise exceptions.NotFound(f"The project has no default template {name}.")


def _load(
    env: environment.Env,
    context: contexts.RequestContext,
    noun: Any,
    source: Source,
    ids: Mapping[str, str],
    update: bool,
) -> Loaded:
    try:
        body = {**filled(source.body, ids), **_FLAGS}
        there = _named(env, context, noun, source.name)
        if there is None:
            return Loaded("created", noun.create(env, context, body))
        if not there.is_default:
            raise exceptions.NameAlreadyExists(
                f"The project has a template {source.name} that is not a default one."
            )
        if not update:
            return Loaded("kept", there)
        # What is protected changes together with the end of its protection.
        changed = noun.update(env, context, there.id, {**body, "is_protected": False})
        changed = noun.update(env, context, changed.id, {"is_protected": True})
        return Loaded("updated", changed)
    except exceptions.SparkaasError as error:
        raise type(error)(
            f"{source.place}: {error.message}", code=error.code, hint=error.hint
        ) from error


def _named(
    env: environment.Env, context: contexts.RequestContext, noun: Any, name: str
) -> Any:
    # The filter finds parts of names too.
    page = noun.list_(env, context, model.Query(filters={"name": name}))
    return next(
        (
            each
            for each in page.items
            if each.name == name and each.project_id == context.project_id
        ),
        None,
    )


def _remove(
    env: environment.Env, context: contexts.RequestContext, template: Template
) -> None:
    noun: Any = node_group_templates
    if isinstance(template, model.ClusterTemplate):
        noun = cluster_templates
    noun.update(env, context, template.id, {"is_protected": False})
    try:
        noun.delete(env, context, template.id)
    except exceptions.SparkaasError:
        noun.update(env, context, template.id, {"is_protected": True})
        raise
