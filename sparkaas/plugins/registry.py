# SPDX-License-Identifier: Apache-2.0
"""Finds the plugins that are installed, by entry points."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Mapping
from typing import Any

import stevedore
from oslo_config import cfg
from oslo_log import log

from sparkaas import exceptions
from sparkaas.plugins import base

NAMESPACE = "sparkaas.plugins"

LOG = log.getLogger(__name__)


def load(conf: cfg.ConfigOpts) -> Mapping[str, base.Plugin]:
    """The plugins of [service] plugins that are installed, by name.

    One that is missing or cannot be loaded is logged with its error and left out:
    the clusters of the others must not suffer. Raises ``exceptions.SparkaasError``
    when two plugins have one name, for then nobody can tell which is meant.
    """
    manager: Iterable[Any] = stevedore.NamedExtensionManager(
        NAMESPACE,
        conf.service.plugins,
        name_order=True,
        on_load_failure_callback=_could_not_load,
        on_missing_entrypoints_callback=_are_missing,
    )
    return build(((found.name, found.plugin) for found in manager), conf)


def build(
    factories: Iterable[tuple[str, Any]], conf: cfg.ConfigOpts
) -> Mapping[str, base.Plugin]:
    """The plugins that ``factories`` (entry point name, class) make from ``conf``."""
    plugins: dict[str, base.Plugin] = {}
    for entry, factory in factories:
        try:
            plugin = factory(conf)
        except Exception as error:  # noqa: BLE001 - whatever a plugin may raise
            LOG.exception("The plugin %s does not work: %s", entry, error)
            continue
        if plugin.name in plugins:
            raise exceptions.SparkaasError(
                f"Two plugins are named {plugin.name}; uninstall one of them"
            )
        plugins[plugin.name] = plugin
    return plugins


def _could_not_load(_manager: object, entry: Any, error: BaseException) -> None:
    LOG.error("The plugin %s cannot be loaded: %r", entry.name, error)


def _are_missing(names: Iterable[str]) -> None:
    LOG.error(
        "[service] plugins names what is not installed: %s", ", ".join(sorted(names))
    )
