# SPDX-License-Identifier: Apache-2.0
"""Plugins on the wire."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sparkaas.service import plugins


def show(offer: plugins.Offer) -> dict[str, Any]:
    """A plugin as lists have it."""
    return {
        "name": offer.plugin.name,
        "title": offer.plugin.title,
        "description": offer.plugin.description,
        "versions": list(offer.version_labels),
        "plugin_labels": _labels(offer.labels),
        "version_labels": {
            version: _labels(labels) for version, labels in offer.version_labels.items()
        },
    }


def show_version(offer: plugins.Offer, version: str) -> dict[str, Any]:
    """A plugin with what one of its versions offers."""
    plugin = offer.plugin
    return {
        **show(offer),
        "node_processes": {
            service: list(processes)
            for service, processes in plugin.node_processes(version).items()
        },
        "required_image_tags": list(
            next(
                offered.required_image_tags
                for offered in plugin.versions()
                if offered.name == version
            )
        ),
        "configs": [_config(option) for option in plugins.options(plugin, version)],
    }


def _labels(labels: Mapping[str, plugins.Label]) -> dict[str, Any]:
    return {
        name: {
            "status": label.status,
            "mutable": label.mutable,
            "description": label.description,
        }
        for name, label in labels.items()
    }


def _config(option: plugins.Option) -> dict[str, Any]:
    """Forms are built from it: a choice is a pair of value and label."""
    return {
        "name": option.name,
        "description": option.description,
        "config_type": option.type,
        "config_values": [[v, v] for v in option.values] or None,
        "default_value": option.default,
        "applicable_target": option.target,
        "scope": option.scope,
        "is_optional": option.optional,
        "priority": option.priority,
    }
