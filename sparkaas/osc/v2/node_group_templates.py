# SPDX-License-Identifier: Apache-2.0
"""``node group template create | list | show | update | export | import | delete``."""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from collections.abc import Sequence
from typing import Any

from sparkaas.client import sizing
from sparkaas.osc import base
from sparkaas.osc import changing

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


def add_volumes(parser: argparse.ArgumentParser) -> None:
    """The options that say what disks a node has beside its own."""
    parser.add_argument(
        "--volumes",
        type=int,
        dest="volumes_per_node",
        metavar="N",
        help="volumes per node",
    )
    parser.add_argument(
        "--volume-size",
        type=base.whole_number,
        dest="volumes_size",
        metavar="GB",
        help="of each volume",
    )


def add_network(parser: argparse.ArgumentParser) -> None:
    """The options that say from where a node can be reached."""
    parser.add_argument("--floating-ip-pool", metavar="NETWORK")
    parser.add_argument(
        *("--security-group", "--security-groups"),
        action="extend",
        nargs="+",
        dest="security_groups",
        metavar="NAME",
        help="by name or id (several, or repeat)",
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
        add_volumes(parser)
        add_network(parser)
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
            volumes_per_node=parsed_args.volumes_per_node,
            volumes_size=parsed_args.volumes_size,
            floating_ip_pool=parsed_args.floating_ip_pool,
            security_groups=parsed_args.security_groups,
            auto_security_group=parsed_args.auto_security_group or None,
            availability_zone=parsed_args.availability_zone,
            **base.acl(parsed_args),
        )
        return base.shown(made, FIELDS)


class ListNodeGroupTemplate(base.ListNoun):
    """List node group templates."""

    of_projects = True
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


class UpdateNodeGroupTemplate(changing.UpdateNoun):
    """Change a node group template, and the cluster templates that use it."""

    collection = "node_group_templates"
    metavar = "TEMPLATE"
    fields = FIELDS

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument(
            "--process",
            action="append",
            dest="node_processes",
            metavar="PROCESS",
            help="a process of the node (repeat; all that there are)",
        )
        parser.add_argument("--flavor", help="name or id")
        parser.add_argument("--image", help="name or id; '' for none")
        parser.add_argument("--plugin", dest="plugin_name")
        parser.add_argument("--plugin-version", metavar="VERSION")
        changing.add_conf(parser)
        add_volumes(parser)
        add_network(parser)
        changing.add_switch(
            parser, "auto-security-group", "auto_security_group", "make one for it"
        )
        parser.add_argument(
            "--availability-zone", metavar="ZONE", help="'' for the cloud's choice"
        )
        changing.add_switch(
            parser, "autoconfig", "use_autoconfig", "unset options fit the flavor"
        )

    def changes(self, found: Any, parsed_args: argparse.Namespace) -> dict[str, Any]:
        changes = {
            **changing.given(
                parsed_args,
                "node_processes",
                "plugin_name",
                "plugin_version",
                "volumes_per_node",
                "volumes_size",
                "security_groups",
                "auto_security_group",
                "use_autoconfig",
            ),
            **changing.clearable(parsed_args, "floating_ip_pool", "availability_zone"),
        }
        # One does not go without the other: a version is a plugin's.
        if "plugin_name" in changes or "plugin_version" in changes:
            changes.setdefault("plugin_name", found.plugin_name)
            changes.setdefault("plugin_version", found.plugin_version)
        if parsed_args.flavor is not None:
            changes["flavor_id"] = sizing.pick_flavor(self.client, parsed_args.flavor)[
                0
            ]
        if parsed_args.image is not None:
            image = parsed_args.image and self.client.images.find(parsed_args.image).id
            changes["image_id"] = image or None
        configs = changing.changed_conf(found.node_configs, parsed_args)
        return changes if configs is None else {**changes, "node_configs": configs}


class ExportNodeGroupTemplate(changing.ExportNoun):
    """Write a node group template for use at another site, as JSON."""

    collection = "node_group_templates"


class ImportNodeGroupTemplate(changing.ImportNoun):
    """Create a node group template from an exported one."""

    collection = "node_group_templates"
    fields = FIELDS
    required = {"flavor_id": "--flavor"}

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--flavor", help="name or id")
        add_network(parser)

    def values(self, parsed_args: argparse.Namespace) -> dict[str, Any]:
        flavor = parsed_args.flavor
        return {
            "flavor_id": flavor and sizing.pick_flavor(self.client, flavor)[0],
            "image_id": self.image(parsed_args),
            "floating_ip_pool": parsed_args.floating_ip_pool,
            "security_groups": parsed_args.security_groups,
        }


class DeleteNodeGroupTemplate(base.DeleteNoun):
    """Delete node group templates."""

    collection = "node_group_templates"
    metavar = "TEMPLATE"
