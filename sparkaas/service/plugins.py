# SPDX-License-Identifier: Apache-2.0
"""Plugins as a project sees them: what they offer, and the state of their labels."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from sparkaas import context as contexts
from sparkaas import exceptions
from sparkaas.db import plugin_labels as db
from sparkaas.plugins import base
from sparkaas.service import env as environment

#: For the floor above, which does not know plugins themselves.
Label = base.Label
Option = base.Option

#: Configurations that every plugin has.
GENERAL = (
    base.Option(
        name="Timeout for disk preparing",
        description="Seconds that a node's volumes have to be formatted and mounted.",
        type="int",
        default=300,
    ),
    base.Option(
        name="Enable NTP service",
        description="Keep the nodes' clocks in step.",
        type="bool",
        default=True,
    ),
    base.Option(
        name="URL of NTP server",
        description="The time server; empty for the distribution's own.",
    ),
    base.Option(
        name="Heat Wait Condition timeout",
        description="Seconds that a node has to report that it has booted.",
        type="int",
        default=3600,
    ),
    base.Option(
        name="Enable XFS",
        description="Format volumes with XFS rather than ext4.",
        type="bool",
        default=True,
    ),
)


def require(env: environment.Env, name: str, version: str) -> base.Plugin:
    """The plugin, which has that version. Raises ``exceptions.InvalidReference``."""
    if name not in env.plugins:
        raise exceptions.InvalidReference(
            f"There is no plugin {name}.",
            hint=f"There is {', '.join(sorted(env.plugins))}." if env.plugins else "",
        )
    plugin = env.plugins[name]
    versions = [offered.name for offered in plugin.versions()]
    if version not in versions:
        raise exceptions.InvalidReference(
            f"Plugin {name} has no version {version}.",
            hint=f"It has {', '.join(versions)}." if versions else "",
        )
    return plugin


def options(plugin: base.Plugin, version: str) -> tuple[base.Option, ...]:
    """The general options and the version's own, which win under the same name."""
    own = plugin.options(version)
    named = {(option.target, option.name) for option in own}
    return (
        *(o for o in GENERAL if (o.target, o.name) not in named),
        *own,
    )


@dataclasses.dataclass(frozen=True)
class Offer:
    """A plugin with the labels that a project sees."""

    plugin: base.Plugin
    labels: Mapping[str, base.Label]
    version_labels: Mapping[str, Mapping[str, base.Label]]


def list_(env: environment.Env, context: contexts.RequestContext) -> tuple[Offer, ...]:
    """Every plugin in the operator's order, hidden and disabled ones too."""
    stored = db.of_project(env.db, context.project_id)
    return tuple(
        _offer(plugin, stored.get(name, {})) for name, plugin in env.plugins.items()
    )


def get(env: environment.Env, context: contexts.RequestContext, name: str) -> Offer:
    """Raises ``exceptions.NotFound``."""
    if name not in env.plugins:
        raise exceptions.NotFound(f"There is no plugin {name}.")
    stored = db.of_project(env.db, context.project_id)
    return _offer(env.plugins[name], stored.get(name, {}))


def check_version(offer: Offer, version: str) -> None:
    """Raise ``exceptions.NotFound`` unless the plugin has the version."""
    if version not in offer.version_labels:
        raise exceptions.NotFound(
            f"Plugin {offer.plugin.name} has no version {version}.",
            hint=f"It has {', '.join(offer.version_labels) or 'none'}.",
        )


def update(
    env: environment.Env,
    context: contexts.RequestContext,
    name: str,
    body: Mapping[str, Any],
) -> Offer:
    """Set labels for the caller's project."""
    offer = get(env, context, name)
    changes: dict[tuple[str, str], bool] = {}
    asked = {"": body.get("plugin_labels", {}), **body.get("version_labels", {})}
    for version, labels in asked.items():
        if version and version not in offer.version_labels:
            raise exceptions.InvalidReference(
                f"Plugin {name} has no version {version}."
            )
        known = offer.version_labels[version] if version else offer.labels
        for label, given in labels.items():
            _check_mutable(known, label)
            changes[version, label] = given["status"]
    if changes:
        db.set_(env.db, context.project_id, name, changes)
    return get(env, context, name)


def require_enabled(
    env: environment.Env,
    context: contexts.RequestContext,
    name: str,
    version: str,
) -> base.Plugin:
    """As ``require``; also raises if the project must not use plugin or version."""
    plugin = require(env, name, version)
    stored = db.of_project(env.db, context.project_id)
    offer = _offer(plugin, stored.get(name, {}))
    for labels, what in (
        (offer.labels, name),
        (offer.version_labels[version], f"{name} {version}"),
    ):
        if "enabled" in labels and not labels["enabled"].status:
            raise exceptions.InvalidReference(
                f"Plugin {what} is disabled.",
                hint="An administrator can set its label enabled.",
            )
    return plugin


def _check_mutable(known: Mapping[str, base.Label], label: str) -> None:
    if label not in known:
        raise exceptions.InvalidReference(
            f"There is no label {label}.",
            hint=f"There is {', '.join(sorted(known))}." if known else "",
        )
    if not known[label].mutable:
        raise exceptions.InvalidRequest(f"Label {label} cannot be changed.")


def _offer(plugin: base.Plugin, stored: db.Labels) -> Offer:
    def now(version: str, labels: Mapping[str, base.Label]) -> dict[str, base.Label]:
        return {
            name: dataclasses.replace(
                label, status=stored.get((version, name), label.status)
            )
            if label.mutable
            else label
            for name, label in labels.items()
        }

    versions = {v.name: now(v.name, v.labels) for v in plugin.versions()}
    return Offer(plugin, now("", plugin.labels), versions)
