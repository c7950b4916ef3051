# SPDX-License-Identifier: Apache-2.0
"""``cluster template create | list | show | update | export | import | delete``."""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from collections.abc import Sequence
from typing import Any

from sparkaas.client import errors
from sparkaas.osc import base
from sparkaas.osc import changing

FIELDS = (
    "id",
    "name",
    "plugin_name",
    "plugin_version",
    "node_groups",
    "default_image_id",
    "neutron_management_network",
    "cluster_configs",
    "anti_affinity",
    "use_autoconfig",
    "domain_name",
    "is_public",
    "is_protected",
    "is_default",
    "description",
    "created_at",
    "updated_at",
)


def find_groups(
    command: base.Command, wanted: Sequence[tuple[str, int]]
) -> tuple[list[dict[str, Any]], tuple[str, str]]:
    """Node groups of ``TEMPLATE:COUNT``, and the plugin and version of them all."""
    found = [
        (command.client.node_group_templates.find(name), count)
        for name, count in wanted
    ]
    kinds = {(one.plugin_name, one.plugin_version) for one, _ in found}
    if len(kinds) > 1:
        raise errors.UsageError(
            "The node group templates are of different plugins or versions.",
            hint="node group template list shows them.",
        )
    groups = [
        {"name": one.name, "node_group_template_id": one.id, "count": count}
        for one, count in found
    ]
    return groups, kinds.pop()


def add_groups(parser: argparse.ArgumentParser, required: bool) -> None:
    """The option that says what nodes there are."""
    parser.add_argument(
        "--group",
        action="append",
        type=base.name_count,
        required=required,
        dest="groups",
        metavar="TEMPLATE:COUNT",
        help="a node group template, by name or id, and how many nodes (repeat)",
    )


class CreateClusterTemplate(base.ShowOne):
    """Create a cluster template out of node group templates."""

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser = super().get_parser(prog_name)
        parser.add_argument("name", metavar="NAME")
        add_groups(parser, required=True)
        parser.add_argument("--image", help="name or id")
        parser.add_argument("--network", metavar="ID", help="the nodes' network, by id")
        parser.add_argument(
            "--conf",
            action="append",
            type=base.key_value,
            default=[],
            metavar="KEY=VALUE",
            help="an option of the cluster; TARGET:KEY=VALUE for another target than "
            "Spark (repeat)",
        )
        parser.add_argument(
            "--anti-affinity",
            action="append",
            metavar="PROCESS",
            help="its nodes go to different hosts (repeat)",
        )
        base.add_acl(parser)
        return parser

    def take_action(
        self, parsed_args: argparse.Namespace
    ) -> tuple[Sequence[str], Iterable[Any]]:
        groups, (plugin_name, plugin_version) = find_groups(self, parsed_args.groups)
        image = parsed_args.image and self.client.images.find(parsed_args.image).id
        made = self.client.cluster_templates.create(
            name=parsed_args.name,
            plugin_name=plugin_name,
            plugin_version=plugin_version,
            node_groups=groups,
            default_image_id=image,
            neutron_management_network=parsed_args.network,
            cluster_configs=base.target_configs(parsed_args.conf) or None,
            anti_affinity=parsed_args.anti_affinity,
            **base.acl(parsed_args),
        )
        return base.shown(made, FIELDS)


class ListClusterTemplate(base.ListNoun):
    """List cluster templates."""

    of_projects = True
    collection = "cluster_templates"
    table = (
        ("ID", "id"),
        ("Name", "name"),
        ("Plugin", "plugin_name"),
        ("Version", "plugin_version"),
        ("Node Groups", "node_groups"),
    )


class ShowClusterTemplate(base.ShowNoun):
    """Show a cluster template."""

    collection = "cluster_templates"
    metavar = "TEMPLATE"
    fields = FIELDS


class UpdateClusterTemplate(changing.UpdateNoun):
    """Change a cluster template that no cluster uses."""

    collection = "cluster_templates"
    metavar = "TEMPLATE"
    fields = FIELDS

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        add_groups(parser, required=False)
        parser.add_argument("--image", help="name or id; '' for none")
        parser.add_argument(
            "--network", metavar="ID", help="the nodes' network, by id; '' for none"
        )
        changing.add_conf(parser)
        parser.add_argument(
            "--anti-affinity",
            action="append",
            metavar="PROCESS",
            help="its nodes go to different hosts (repeat; all that there are)",
        )
        changing.add_switch(
            parser, "autoconfig", "use_autoconfig", "unset options fit the flavor"
        )

    def changes(self, found: Any, parsed_args: argparse.Namespace) -> dict[str, Any]:
        changes = changing.given(parsed_args, "anti_affinity", "use_autoconfig")
        if parsed_args.groups:
            groups, (name, version) = find_groups(self, parsed_args.groups)
            changes |= {
                "node_groups": groups,
                "plugin_name": name,
                "plugin_version": version,
            }
        if parsed_args.image is not None:
            image = parsed_args.image and self.client.images.find(parsed_args.image).id
            changes["default_image_id"] = image or None
        if parsed_args.network is not None:
            changes["neutron_management_network"] = parsed_args.network or None
        configs = changing.changed_conf(found.cluster_configs, parsed_args)
        return changes if configs is None else {**changes, "cluster_configs": configs}


class ExportClusterTemplate(changing.ExportNoun):
    """Write a cluster template for use at another site, as JSON."""

    collection = "cluster_templates"


class ImportClusterTemplate(changing.ImportNoun):
    """Create a cluster template from an exported one."""

    collection = "cluster_templates"
    fields = FIELDS
    required = {"node_groups": "--group"}

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        add_groups(parser, required=False)

    def values(self, parsed_args: argparse.Namespace) -> dict[str, Any]:
        found: dict[str, Any] = {"default_image_id": self.image(parsed_args)}
        if parsed_args.groups:
            found["node_groups"], _ = find_groups(self, parsed_args.groups)
        return found


class DeleteClusterTemplate(base.DeleteNoun):
    """Delete cluster templates."""

    collection = "cluster_templates"
    metavar = "TEMPLATE"
