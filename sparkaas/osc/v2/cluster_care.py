# SPDX-License-Identifier: Apache-2.0
"""``cluster update | verify`` and ``cluster keypair update``."""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from collections.abc import Sequence
from typing import Any

from sparkaas.client import clusters
from sparkaas.osc import base
from sparkaas.osc import changing
from sparkaas.osc import columns
from sparkaas.osc.v2 import clusters as cluster_commands


def share(text: str) -> dict[str, str]:
    """An argument ``ID[,path=PATH][,access=rw|ro]``."""
    id, *settings = text.split(",")
    found = {"id": id}
    for key, value in map(base.key_value, settings):
        if key not in ("path", "access"):
            raise argparse.ArgumentTypeError(f"a share has no {key!r}")
        found["access_level" if key == "access" else key] = value
    return found


class UpdateCluster(changing.UpdateNoun):
    """Change what a cluster is called, who may use it, or its shares."""

    collection = "clusters"
    metavar = "CLUSTER"
    fields = cluster_commands.FIELDS

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        shares = parser.add_mutually_exclusive_group()
        shares.add_argument(
            "--share",
            action="append",
            type=share,
            dest="shares",
            metavar="ID[,path=PATH][,access=rw|ro]",
            help="a share to mount on the nodes (repeat; all that there are)",
        )
        shares.add_argument(
            "--no-shares",
            action="store_const",
            const=[],
            dest="shares",
            help="unmount all",
        )

    def changes(self, found: Any, parsed_args: argparse.Namespace) -> dict[str, Any]:
        return changing.given(parsed_args, "shares")


class VerifyCluster(base.ShowOne):
    """Check a cluster's health now, or show what the last check found."""

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser = super().get_parser(prog_name)
        parser.add_argument("name", metavar="CLUSTER", help="name or id")
        parser.add_argument(
            "--show", action="store_true", help="the last one; start none"
        )
        base.add_wait(parser, "it is done")
        return parser

    def take_action(
        self, parsed_args: argparse.Namespace
    ) -> tuple[Sequence[str], Iterable[Any]]:
        cluster = self.client.clusters.find(parsed_args.name)
        if parsed_args.show:
            cluster = self.client.clusters.get(cluster.id)
        elif parsed_args.wait:
            with self.console().status(f"cluster {cluster.name}: CHECKING") as update:
                cluster = self.client.verify_cluster(
                    cluster.id,
                    parsed_args.timeout,
                    lambda seen: update(f"cluster {seen.name}: {_status(seen)}"),
                )
        else:
            cluster = self.client.clusters.verify(cluster.id)
        return _shown(cluster)


def _status(cluster: clusters.Cluster) -> str:
    return cluster.verification.status if cluster.verification else "never checked"


def _shown(cluster: clusters.Cluster) -> tuple[Sequence[str], list[Any]]:
    found = cluster.verification or clusters.Verification()
    checks = [f"{one.status} {one.name}: {one.description}" for one in found.checks]
    rows = {
        "id": cluster.id,
        "name": cluster.name,
        "health": _status(cluster),
        "checks": checks,
        "checked_at": found.updated_at or found.created_at,
    }
    return list(rows), [columns.present(value) for value in rows.values()]


class UpdateClusterKeypair(base.ShowOne):
    """Put a cluster's key pair, as the cloud has it now, on its nodes."""

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser = super().get_parser(prog_name)
        parser.add_argument("name", metavar="CLUSTER", help="name or id")
        return parser

    def take_action(
        self, parsed_args: argparse.Namespace
    ) -> tuple[Sequence[str], Iterable[Any]]:
        cluster = self.client.clusters.find(parsed_args.name)
        changed = self.client.clusters.update_keypair(cluster.id)
        return base.shown(changed, cluster_commands.FIELDS)
