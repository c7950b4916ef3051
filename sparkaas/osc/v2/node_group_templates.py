# SPDX-License-Identifier: Apache-2.0
"""``node group template create | list | show | delete``."""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from collections.abc import Sequence
from typing import Any

from sparkaas.client import sizing
from sparkaas.osc import base

FIELDS = (
    "id",
    "name",
    "plugin_name",
    "plugin_version",
    "node_processes",
    "flavor_id",
    "image_id",
    "node_configs",
    "volumes_per_node",
    "volumes_size",
    "floating_ip_pool",
    "security_groups",
    "auto_security_group",
    "availability_zone",
    "use_autoconfig",
    "is_public",
    "is_protected",
    "is_default",
    "description",
    "created_at",
    "updated_at",
)


class CreateNodeGroupTemplate(base.ShowOne):
    """Create a node group template."""

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser = super().get_parser(prog_name)
        parser.add_argument("name", metavar="NAME")
        parser.add_argument(
            "--process",
            action="append",
            required=True,
            dest="processes",
            metavar="PROCESS",
            help="a process of the node, such as master or slave (repeat)",
        )
        parser.add_argument("--flavor", help="name or id (default: a middling one)")
        parser.add_argument("--image", help="name or id")
        parser.add_argument("--plugin", help="default: spark")
        parser.add_argument("--plugin-version", help="default: the plugin's first")
        parser.add_argument(
            "--conf",
            action="append",
            type=base.key_value,
            default=[],
            metavar="KEY=VALUE",
            help="an option of the node; TARGET:KEY=VALUE for another target than "
            "Spark (repeat)",
        )
        parser.add_argument("--volumes", type=int, metavar="N", help="volumes per node")
        parser.add_argument(
            "--volume-size", type=base.whole_number, metavar="GB", help="of each volume"
        )
        parser.add_argument("--floating-ip-pool", metavar="NETWORK")
        parser.add_argument(
            "--security-group", action="append", dest="security_groups", metavar="NAME"
        )
        parser.add_argument("--auto-security-group", action="store_true")
        parser.add_argument("--availability-zone", metavar="ZONE")
        base.add_acl(parser)
        return parser

    def take_action(
        self, parsed_args: argparse.Namespace
    ) -> tuple[Sequence[str], Iterable[Any]]:
        plugin = sizing.pick_plugin(self.client, parsed_args.plugin)
        image = parsed_args.image and self.client.images.find(parsed_args.image).id
        made = self.client.node_group_templates.create(
            name=parsed_args.name,
            plugin_name=plugin.name,
            plugin_version=parsed_args.plugin_version or sizing.pick_version(plugin),
            flavor_id=sizing.pick_flavor(self.client, parsed_args.flavor)[0],
            node_processes=parsed_args.processes,
            image_id=image,
            node_configs=base.target_configs(parsed_args.conf) or None,
            volumes_per_node=parsed_args.volumes,
            volumes_size=parsed_args.volume_size,
            floating_ip_pool=parsed_args.floating_ip_pool,
            security_groups=parsed_args.security_groups,
            auto_security_group=parsed_args.auto_security_group or None,
            availability_zone=parsed_args.availability_zone,
            **base.acl(parsed_args),
        )
        return base.shown(made, FIELDS)


class ListNodeGroupTemplate(base.ListNoun):
    """List node group templates."""

    collection = "node_group_templates"
    table = (
        ("ID", "id"),
        ("Name", "name"),
        ("Plugin", "plugin_name"),
        ("Version", "plugin_version"),
        ("Processes", "node_processes"),
        ("Flavor", "flavor_id"),
    )


class ShowNodeGroupTemplate(base.ShowNoun):
    """Show a node group template."""

    collection = "node_group_templates"
    metavar = "TEMPLATE"
    fields = FIELDS


class DeleteNodeGroupTemplate(base.DeleteNoun):
    """Delete node group templates."""

    collection = "node_group_templates"
    metavar = "TEMPLATE"
