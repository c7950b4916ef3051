# SPDX-License-Identifier: Apache-2.0
"""``cluster template create | list | show | delete``."""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from collections.abc import Sequence
from typing import Any

from sparkaas.client import errors
from sparkaas.osc import base

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


class CreateClusterTemplate(base.ShowOne):
    """Create a cluster template out of node group templates."""

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser = super().get_parser(prog_name)
        parser.add_argument("name", metavar="NAME")
        parser.add_argument(
            "--group",
            action="append",
            type=base.name_count,
            required=True,
            dest="groups",
            metavar="TEMPLATE:COUNT",
            help="a node group template, by name or id, and how many nodes (repeat)",
        )
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
        groups = [
            (self.client.node_group_templates.find(name), count)
            for name, count in parsed_args.groups
        ]
        kinds = {(one.plugin_name, one.plugin_version) for one, _ in groups}
        if len(kinds) > 1:
            raise errors.UsageError(
                "The node group templates are of different plugins or versions.",
                hint="node group template list shows them.",
            )
        ((plugin_name, plugin_version),) = kinds
        image = parsed_args.image and self.client.images.find(parsed_args.image).id
        made = self.client.cluster_templates.create(
            name=parsed_args.name,
            plugin_name=plugin_name,
            plugin_version=plugin_version,
            node_groups=[
                {
                    "name": template.name,
                    "node_group_template_id": template.id,
                    "count": count,
                }
                for template, count in groups
            ],
            default_image_id=image,
            neutron_management_network=parsed_args.network,
            cluster_configs=base.target_configs(parsed_args.conf) or None,
            anti_affinity=parsed_args.anti_affinity,
            **base.acl(parsed_args),
        )
        return base.shown(made, FIELDS)


class ListClusterTemplate(base.ListNoun):
    """List cluster templates."""

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


class DeleteClusterTemplate(base.DeleteNoun):
    """Delete cluster templates."""

    collection = "cluster_templates"
    metavar = "TEMPLATE"
