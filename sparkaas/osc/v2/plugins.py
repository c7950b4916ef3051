# SPDX-License-Identifier: Apache-2.0
"""``plugin list | show | set`` and ``flavor list``."""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any

from sparkaas.client import errors
from sparkaas.client import plugins
from sparkaas.osc import base
from sparkaas.osc import columns

FIELDS = (
    "name",
    "title",
    "description",
    "versions",
    "enabled",
    "plugin_labels",
    "version_labels",
)
#: What a version has besides.
DETAILS = ("node_processes", "required_image_tags")


class Labels(columns.Pairs):
    """Labels: for a person one a line, of a version's with the version."""

    def human_readable(self) -> str:
        return "\n".join(_labels(self._value))


def _labels(found: Mapping[str, Any], prefix: str = "") -> Iterator[str]:
    for name, one in found.items():
        if "status" not in one:
            yield from _labels(one, f"{prefix}{name}: ")
            continue
        fixed = "" if one.get("mutable") else " (fixed)"
        yield f"{prefix}{name}={str(one['status']).lower()}{fixed}"


def shown(
    plugin: plugins.Plugin, more: Sequence[str] = ()
) -> tuple[list[str], list[Any]]:
    """What ShowOne wants of a plugin."""
    names, values = base.shown(plugin, [*FIELDS, *more])
    return [*names], [
        Labels(getattr(plugin, name)) if name.endswith("_labels") else value
        for name, value in zip(names, values, strict=True)
    ]


class ListPlugin(base.ListNoun):
    """List plugins."""

    collection = "plugins"
    table = (
        ("Name", "name"),
        ("Title", "title"),
        ("Versions", "versions"),
        ("Enabled", "enabled"),
    )


class ShowPlugin(base.ShowOne):
    """Show a plugin, or one of its versions with processes and options."""

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser = super().get_parser(prog_name)
        parser.add_argument("name", metavar="PLUGIN")
        parser.add_argument("--plugin-version", metavar="VERSION")
        return parser

    def take_action(
        self, parsed_args: argparse.Namespace
    ) -> tuple[Sequence[str], Iterable[Any]]:
        if not parsed_args.plugin_version:
            return shown(self.client.plugins.get(parsed_args.name))
        plugin = self.client.plugins.get_version(
            parsed_args.name, parsed_args.plugin_version
        )
        if parsed_args.formatter != "table":
            return shown(plugin, [*DETAILS, "configs"])
        # Long texts are not for a table: what --conf takes, an option a line.
        names, values = shown(plugin, DETAILS)
        options = columns.present([_option(one) for one in plugin.configs])
        return [*names, "options"], [*values, options]


def _option(config: Mapping[str, Any]) -> str:
    """An option of a plugin's as ``--conf`` takes it, with its default."""
    default = config["default_value"]
    value = str(default).lower() if isinstance(default, bool) else default
    said = f"{config['applicable_target']}:{config['name']}={value}"
    return f"{said} (of nodes)" if config.get("scope") == "node" else said


def label(text: str) -> tuple[str, bool]:
    """An argument ``NAME=true`` or ``NAME=false``."""
    name, value = base.key_value(text)
    if value.lower() not in ("true", "false"):
        raise argparse.ArgumentTypeError(f"{text!r} is not of the form NAME=true|false")
    return name, value.lower() == "true"


class SetPlugin(base.ShowOne):
    """Set labels of a plugin, or of one of its versions, for the project."""

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser = super().get_parser(prog_name)
        parser.add_argument("name", metavar="PLUGIN")
        parser.add_argument(
            "--plugin-version", metavar="VERSION", help="only of this version"
        )
        parser.add_argument(
            "--label",
            action="append",
            type=label,
            default=[],
            dest="labels",
            metavar="NAME=true|false",
            help="such as hidden=true; plugin show tells them (repeat)",
        )
        switch = parser.add_mutually_exclusive_group()
        for option, value in (("--enable", True), ("--disable", False)):
            switch.add_argument(
                option,
                dest="enabled",
                action="store_const",
                const=value,
                help=f"the label enabled={str(value).lower()}: whether clusters may be "
                "made with it",
            )
        return parser

    def take_action(
        self, parsed_args: argparse.Namespace
    ) -> tuple[Sequence[str], Iterable[Any]]:
        labels = dict(parsed_args.labels)
        if parsed_args.enabled is not None:
            labels["enabled"] = parsed_args.enabled
        if not labels:
            raise errors.UsageError("Nothing to set: give --label or --enable.")
        changed = self.client.plugins.set_labels(
            parsed_args.name, labels, parsed_args.plugin_version
        )
        return shown(changed)


class ListFlavor(base.ListNoun):
    """List flavors."""

    collection = "flavors"
    table = (
        ("ID", "id"),
        ("Name", "name"),
        ("VCPUs", "vcpus"),
        ("RAM (MB)", "ram_mb"),
        ("Disk (GB)", "disk_gb"),
    )


class ListQuota(base.ListNoun):
    """Show how many clusters and nodes the project may have (-1: any), and has."""

    collection = "quotas"
    table = (("Resource", "resource"), ("Limit", "limit"), ("In use", "in_use"))
