# SPDX-License-Identifier: Apache-2.0
"""Plugins as a project sees them: what they offer, and the state of their labels."""

from __future__ import annotations

from sparkaas import exceptions
from sparkaas.db import plugin_labels
from sparkaas.plugins import base
from sparkaas.service import env as environment

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


def known(env: environment.Env, name: str) -> base.Plugin:
    """Raises ``exceptions.InvalidReference``."""
    try:
        return env.plugins[name]
    except KeyError:
        raise exceptions.InvalidReference(
            f"There is no plugin {name}.",
            hint=f"There is {', '.join(sorted(env.plugins))}." if env.plugins else "",
        ) from None


def options(plugin: base.Plugin, version: str) -> tuple[base.Option, ...]:
    """The general options and the version's own, which win under the same name."""
    own = plugin.options(version)
    named = {(option.target, option.name) for option in own}
    return (
        *(o for o in GENERAL if (o.target, o.name) not in named),
        *own,
    )


def require_enabled(
    env: environment.Env, project_id: str, name: str, version: str
) -> base.Plugin:
    """The plugin; raises ``exceptions.InvalidReference`` unless the project may use
    it in that version."""
    plugin = known(env, name)
    stored = plugin_labels.of_project(env.db, project_id).get(name, {})
    found = next((v for v in plugin.versions() if v.name == version), None)
    if found is None:
        raise exceptions.InvalidReference(f"Plugin {name} has no version {version}.")
    for of, labels in (("", plugin.labels), (version, found.labels)):
        label = labels.get("enabled")
        if label is not None and not stored.get((of, "enabled"), label.status):
            raise exceptions.InvalidReference(
                f"Plugin {name} {of} is disabled.".replace("  ", " ")
            )
    return plugin
