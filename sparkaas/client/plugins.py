# SPDX-License-Identifier: Apache-2.0
"""Plugins: which software a cluster can have, in which versions."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from sparkaas.client import resource


@dataclasses.dataclass(frozen=True, kw_only=True)
class Plugin(resource.Record):
    """A plugin; the last three fields only with a version."""

    name: str = ""
    title: str = ""
    description: str = ""
    versions: tuple[str, ...] = resource.strings()
    plugin_labels: Mapping[str, Any] = resource.mapping()
    version_labels: Mapping[str, Any] = resource.mapping()
    node_processes: Mapping[str, Any] = resource.mapping()
    required_image_tags: tuple[str, ...] = resource.strings()
    configs: tuple[Mapping[str, Any], ...] = resource.field(tuple, ())

    @property
    def enabled(self) -> bool:
        """Whether clusters may be made with it."""
        return bool(self.plugin_labels.get("enabled", {}).get("status", True))

    def version_enabled(self, version: str) -> bool:
        """Whether clusters may be made with that version."""
        labels = self.version_labels.get(version, {})
        return bool(labels.get("enabled", {}).get("status", True))


class Plugins(resource.Collection[Plugin]):
    """The verbs on plugins, which are addressed by name."""

    path = "/plugins"
    key = "plugin"
    keys = "plugins"
    noun = "plugin"
    filters_by_name = False
    record = Plugin

    def set_labels(
        self, name: str, labels: Mapping[str, bool], version: str | None = None
    ) -> Plugin:
        """Set labels of the plugin, or of one of its versions, for one's project."""
        states = {label: {"status": status} for label, status in labels.items()}
        if version is None:
            return self.update(name, plugin_labels=states)
        return self.update(name, version_labels={version: states})

    def get_version(self, name: str, version: str) -> Plugin:
        """A plugin with the details of one version."""
        answer = self._transport.request("GET", self._at(name, version))
        return self._load(answer.json()[self.key])
