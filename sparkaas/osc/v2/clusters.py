# SPDX-License-Identifier: Apache-2.0
"""``cluster create | list | show | resize | delete``."""

from __future__ import annotations

import argparse
import dataclasses
import secrets
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Sequence
from typing import Any

from sparkaas.client import clusters
from sparkaas.client import errors
from sparkaas.client import sizing
from sparkaas.osc import base

FIELDS = (
    "id",
    "name",
    "status",
    "reason",
    "step",
    "waiting_for",
    "plugin_name",
    "plugin_version",
    "node_groups",
    "cluster_template_id",
    "default_image_id",
    "neutron_management_network",
    "user_keypair_id",
    "cluster_configs",
    "info",
    "shares",
    "is_public",
    "is_protected",
    "description",
    "created_at",
    "updated_at",
)

#: What a group of workers runs, in old and new words.
_WORKER = frozenset({"slave", "worker"})
_MASTER = frozenset({"master", "namenode"})


def describe(cluster: clusters.Cluster) -> str:
    """A cluster's state in one line."""
    text = f"cluster {cluster.name}: {cluster.status}"
    return f"{text} ({cluster.waiting_for})" if cluster.waiting_for else text


def report(update: Callable[[str], None]) -> Callable[[clusters.Cluster], None]:
    """A waiter's ``on_look`` that keeps a status up to date."""
    return lambda cluster: update(describe(cluster))


def add_making(parser: argparse.ArgumentParser | argparse._ArgumentGroup) -> None:
    """The options that say what a new cluster is made of."""
    parser.add_argument(
        "--workers",
        type=base.whole_number,
        metavar="N",
        help=f"how many workers (default: {sizing.DEFAULT_WORKERS})",
    )
    parser.add_argument("--flavor", help="name or id (default: a middling one)")
    parser.add_argument("--image", help="name or id (default: the first that fits)")
    parser.add_argument("--plugin", help="default: spark")
    parser.add_argument("--plugin-version", help="default: the plugin's first")
    parser.add_argument("--network", metavar="ID", help="the nodes' network, by id")
    parser.add_argument("--keypair", metavar="NAME", help="for logging in to nodes")


def plan(command: base.Command, parsed_args: argparse.Namespace) -> sizing.ClusterPlan:
    """What ``add_making``'s options ask for, with the gaps filled."""
    return sizing.plan_cluster(
        command.client,
        workers=parsed_args.workers,
        flavor=parsed_args.flavor,
        image=parsed_args.image,
        plugin=parsed_args.plugin,
        plugin_version=parsed_args.plugin_version,
    )


def make(
    command: base.Command,
    parsed_args: argparse.Namespace,
    name: str,
    fields: dict[str, Any],
) -> clusters.Cluster:
    """Ask for a cluster; once, also when the connection breaks meanwhile."""
    return command.client.clusters.create(
        name=name,
        neutron_management_network=parsed_args.network,
        user_keypair_id=parsed_args.keypair,
        idempotency_key=secrets.token_hex(16),
        **fields,
    )


class CreateCluster(base.ShowOne):
    """Create a cluster, from a template or of one master and some workers."""

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser = super().get_parser(prog_name)
        parser.add_argument("name", metavar="NAME")
        parser.add_argument(
            "--template", help="cluster template, by name or id; then no --workers"
        )
        add_making(parser)
        parser.add_argument(
            "--with",
            action="append",
            default=[],
            dest="beside",
            metavar="PROCESS",
            help="a further process of the master, such as connect-server (repeat)",
        )
        parser.add_argument(
            "--conf",
            action="append",
            type=base.key_value,
            default=[],
            metavar="KEY=VALUE",
            help="an option of the cluster, such as spark.executor.memory=1g; "
            "TARGET:KEY=VALUE for another target than Spark (repeat)",
        )
        base.add_acl(parser)
        base.add_wait(parser, "it is Active")
        return parser

    def take_action(
        self, parsed_args: argparse.Namespace
    ) -> tuple[Sequence[str], Iterable[Any]]:
        fields = self._fields(parsed_args)
        fields.update(base.acl(parsed_args))
        if parsed_args.conf:
            fields["cluster_configs"] = base.target_configs(parsed_args.conf)
        cluster = make(self, parsed_args, parsed_args.name, fields)
        if parsed_args.wait:
            with self.console().status(describe(cluster)) as update:
                cluster = self.client.wait_for_cluster(
                    cluster.id, parsed_args.timeout, report(update)
                )
        return base.shown(cluster, FIELDS)

    def _fields(self, parsed_args: argparse.Namespace) -> dict[str, Any]:
        if not parsed_args.template:
            beside = tuple(parsed_args.beside)
            return dataclasses.replace(plan(self, parsed_args), beside=beside).fields()
        for option in ("workers", "flavor", "plugin", "plugin_version", "beside"):
            if getattr(parsed_args, option):
                said = "with" if option == "beside" else option.replace("_", "-")
                raise errors.UsageError(
                    f"--{said} does not go with --template.",
                    hint="The template says it; change its size with: cluster resize",
                )
        template = self.client.cluster_templates.find(parsed_args.template)
        image = parsed_args.image and self.client.images.find(parsed_args.image).id
        return {
            "plugin_name": template.plugin_name,
            "plugin_version": template.plugin_version,
            "cluster_template_id": template.id,
            "default_image_id": image,
        }


class ListCluster(base.ListNoun):
    """List clusters."""

    of_projects = True
    collection = "clusters"
    table = (
        ("ID", "id"),
        ("Name", "name"),
        ("Status", "status"),
        ("Plugin", "plugin_name"),
        ("Version", "plugin_version"),
        ("Node Groups", "node_groups"),
    )


class ShowCluster(base.ShowNoun):
    """Show a cluster."""

    collection = "clusters"
    metavar = "CLUSTER"
    fields = FIELDS


class ResizeCluster(base.ShowOne):
    """Give a cluster another number of workers, or any group another count."""

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser = super().get_parser(prog_name)
        parser.add_argument("name", metavar="CLUSTER", help="name or id")
        parser.add_argument(
            "--workers", type=base.whole_number, metavar="N", help="the new total"
        )
        parser.add_argument(
            "--group",
            action="append",
            type=base.name_count,
            default=[],
            metavar="NAME:COUNT",
            help="a node group and its new total (repeat)",
        )
        base.add_wait(parser, "it is Active again")
        return parser

    def take_action(
        self, parsed_args: argparse.Namespace
    ) -> tuple[Sequence[str], Iterable[Any]]:
        counts = dict(parsed_args.group)
        if not counts and parsed_args.workers is None:
            raise errors.UsageError("Nothing to change: give --workers or --group.")
        cluster = self.client.clusters.find(parsed_args.name)
        if parsed_args.workers is not None:
            counts[_worker_group(cluster)] = parsed_args.workers
        cluster = self.client.clusters.resize(cluster.id, counts)
        if parsed_args.wait:
            with self.console().status(describe(cluster)) as update:
                cluster = self.client.wait_for_cluster(
                    cluster.id, parsed_args.timeout, report(update)
                )
        return base.shown(cluster, FIELDS)


def _worker_group(cluster: clusters.Cluster) -> str:
    """The name of the only node group that is workers and nothing else."""
    names = [
        group.name
        for group in cluster.node_groups
        if _WORKER & set(group.node_processes)
        and not _MASTER & set(group.node_processes)
    ]
    if len(names) != 1:
        what = "several groups of workers" if names else "no group of workers only"
        raise errors.UsageError(
            f"Cluster {cluster.name} has {what}.",
            hint="Say which with --group NAME:COUNT.",
        )
    return names[0]


class DeleteCluster(base.DeleteNoun):
    """Delete clusters with all that they have."""

    collection = "clusters"
    metavar = "CLUSTER"

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser = super().get_parser(prog_name)
        parser.add_argument(
            "--force",
            action="store_true",
            help="do not wait for the infrastructure's answer",
        )
        base.add_wait(parser, "they are gone")
        return parser

    def remove(self, found: Any, parsed_args: argparse.Namespace) -> None:
        if parsed_args.force:
            self.client.clusters.force_delete(found.id)
        else:
            self.client.clusters.delete(found.id)

    def take_action(self, parsed_args: argparse.Namespace) -> None:
        if not parsed_args.wait:
            super().take_action(parsed_args)
            return
        # Found before they begin to vanish, waited for by id.
        ids = [self.client.clusters.find(name).id for name in parsed_args.names]
        super().take_action(argparse.Namespace(**{**vars(parsed_args), "names": ids}))
        for name, id in zip(parsed_args.names, ids, strict=True):
            with self.console().status(f"cluster {name}: Deleting") as update:
                self.client.wait_for_cluster_gone(
                    id, parsed_args.timeout, report(update)
                )
