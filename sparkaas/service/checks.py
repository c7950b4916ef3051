# SPDX-License-Identifier: Apache-2.0
"""Do the names that a request uses exist? Each check raises with the reason."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Mapping
from typing import Any

from sparkaas import exceptions
from sparkaas import model
from sparkaas.plugins import base
from sparkaas.service import env as environment
from sparkaas.service import plugins


def processes(plugin: base.Plugin, version: str, asked: Iterable[str]) -> None:
    """Raise ``exceptions.InvalidReference`` unless the version has them all."""
    known = {
        process
        for service in plugin.node_processes(version).values()
        for process in service
    }
    unknown = [
        process for process in asked if process not in {*known, *plugin.synonyms}
    ]
    if unknown:
        raise exceptions.InvalidReference(
            f"Plugin {plugin.name} {version} has no process {', '.join(unknown)}.",
            hint=f"It has {', '.join(sorted(known))}.",
        )


def configs(plugin: base.Plugin, version: str, asked: model.Configs) -> None:
    """Raise ``exceptions.InvalidReference`` for a configuration that is not known."""
    if not asked:
        return
    known = {
        (option.target, option.name) for option in plugins.options(plugin, version)
    }
    targets = {target for target, _ in known}
    for target, given in asked.items():
        for name in given:
            if (target, name) in known or plugin.allows(version, target, name):
                continue
            if target not in targets:
                raise exceptions.InvalidReference(
                    f"Plugin {plugin.name} {version} has no configuration target "
                    f"{target}.",
                    hint=f"It has {', '.join(sorted(targets))}.",
                )
            raise exceptions.InvalidReference(
                f"Plugin {plugin.name} {version} has no configuration {name} for "
                f"{target} that can be set.",
                hint="GET /v2/plugins/NAME/VERSION (plugin show --plugin-version) "
                "lists the options; Spark takes most spark.* properties besides.",
            )


def image(
    env: environment.Env, plugin: base.Plugin, version: str, image_id: str | None
) -> None:
    """Raise ``exceptions.InvalidReference`` unless the image is registered and has
    every tag that the version requires."""
    if image_id is None:
        return
    try:
        found = env.catalog.image(image_id)
    except exceptions.NotFound as error:
        raise exceptions.InvalidReference(
            f"Image {image_id} does not exist."
        ) from error
    if not found.username:
        raise exceptions.InvalidReference(
            f"Image {image_id} is not registered.",
            hint="Register it with the name of its user first.",
        )
    required = next(
        offered.required_image_tags
        for offered in plugin.versions()
        if offered.name == version
    )
    missing = [tag for tag in required if tag not in found.tags]
    if missing:
        raise exceptions.InvalidReference(
            f"Image {image_id} lacks the tags {', '.join(missing)} that plugin "
            f"{plugin.name} {version} requires.",
            hint="Tag the image, or take another.",
        )


def shares(env: environment.Env, asked: Iterable[Mapping[str, Any]] | None) -> None:
    """Raise unless each share exists and no two have the same path."""
    paths = [share.get("path") or f"/mnt/{share['id']}" for share in asked or ()]
    if len(set(paths)) != len(paths):
        raise exceptions.InvalidRequest("Two shares have the same path.")
    for share in asked or ():
        env.catalog.require("share", share["id"])


def node_settings(
    env: environment.Env,
    plugin: base.Plugin,
    version: str,
    settings: model.NodeSettings,
) -> model.Flavor:
    """Everything that one node group or its template names; return its flavor.

    Raises ``exceptions.InvalidReference``, ``exceptions.MissingValue`` (flavor) or
    ``exceptions.InvalidRequest``.
    """
    processes(plugin, version, settings.node_processes)
    configs(plugin, version, settings.node_configs)
    image(env, plugin, version, settings.image_id)
    flavor = env.catalog.flavor(settings.flavor_id)
    if settings.volumes_per_node and not settings.volumes_size:
        raise exceptions.InvalidRequest(
            f"{settings.name}: volumes_per_node needs a volumes_size."
        )
    named = [
        ("availability_zone", settings.availability_zone),
        ("volume_availability_zone", settings.volumes_availability_zone),
        ("volume_type", settings.volume_type),
        ("volume_availability_zone", settings.boot_volume_availability_zone),
        ("volume_type", settings.boot_volume_type),
        ("floating_ip_pool", settings.floating_ip_pool),
        *(("security_group", group) for group in settings.security_groups or ()),
    ]
    for kind, name in named:
        if name:
            env.catalog.require(kind, name)
    shares(env, settings.shares)
    return flavor


def version_with_plugin(old_plugin: str, changes: Mapping[str, Any]) -> None:
    """A change of plugin names the version as well."""
    if (
        changes.get("plugin_name", old_plugin) != old_plugin
        and "plugin_version" not in changes
    ):
        raise exceptions.InvalidReference(
            "A change of plugin_name needs plugin_version in the same request."
        )
