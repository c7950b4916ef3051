# SPDX-License-Identifier: Apache-2.0
"""``plugin list | show`` and ``flavor list``."""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from collections.abc import Sequence
from typing import Any

from sparkaas.osc import base


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
        fields = ["name", "title", "description", "versions", "enabled"]
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
