# SPDX-License-Identifier: Apache-2.0
"""``plugin list | show | set`` and ``flavor list``."""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from collections.abc import Sequence
from typing import Any

from sparkaas.client import errors
from sparkaas.osc import base

FIELDS = (
    "name",
    "title",
    "description",
    "versions",
    "enabled",
    "plugin_labels",
    "version_labels",
)


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
        fields = [*FIELDS]
        if not parsed_args.plugin_version:
            return base.shown(self.client.plugins.get(parsed_args.name), fields)
        plugin = self.client.plugins.get_version(
            parsed_args.name, parsed_args.plugin_version
        )
        fields += ["node_processes", "required_image_tags", "configs"]
        if parsed_args.formatter == "table":
            # Hundreds of options with long texts are not for a table.
            fields.remove("configs")
        return base.shown(plugin, fields)


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
        return base.shown(changed, FIELDS)


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
