# SPDX-License-Identifier: Apache-2.0
"""Where everything of a node is: the only place that knows its directory's inside."""

from __future__ import annotations

import dataclasses
import pathlib
import re

from sparkaas import exceptions
from sparkaas.infra.local.supervisor import files

_CLUSTER = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,63}")
_NAME = re.compile(r"[a-z0-9][a-z0-9.-]{0,254}")


@dataclasses.dataclass(frozen=True)
class Node:
    """One node's directory, ``<state path>/nodes/<cluster id>/<instance name>``."""

    cluster_id: str
    name: str
    path: pathlib.Path

    @property
    def root(self) -> pathlib.Path:
        """What a manifest calls ``ROOT``: its files, and nothing of ours."""
        return self.path / "root"

    @property
    def home(self) -> pathlib.Path:
        """HOME of services and jobs; by it their processes are known."""
        return self.path / "home"

    @property
    def jobs(self) -> pathlib.Path:
        """Jobs' private directories."""
        return self.path / "jobs"

    @property
    def logs(self) -> pathlib.Path:
        return self.path / files.LOGS

    @property
    def services(self) -> pathlib.Path:
        return self.path / files.SERVICES

    @property
    def state(self) -> pathlib.Path:
        return self.path / files.STATE

    @property
    def process(self) -> pathlib.Path:
        return self.path / files.PROCESS

    @property
    def written(self) -> pathlib.Path:
        """The list of files that manifests put below ``root``."""
        return self.path / "written.json"

    @property
    def leaving(self) -> pathlib.Path:
        """There since the node was told to go."""
        return self.path / "leaving"


class Layout:
    """All nodes' directories below one state path."""

    def __init__(self, state_path: pathlib.Path) -> None:
        self.nodes = state_path / "nodes"
        self.packages = state_path / "packages"
        self.catalog = state_path / "catalog.json"
        #: Address claims: beside the clusters, whose ids never begin with a dot.
        self.addresses = self.nodes / ".addresses.json"

    def cluster(self, cluster_id: str) -> pathlib.Path:
        """Raises ``exceptions.Permanent`` for an id that could be another path."""
        if not _CLUSTER.fullmatch(cluster_id):
            raise exceptions.Permanent(f"{cluster_id!r} is no id of a cluster.")
        return self.nodes / cluster_id

    def node(self, cluster_id: str, name: str) -> Node:
        """Raises ``exceptions.Permanent`` for names that could be another path."""
        if not _NAME.fullmatch(name):
            raise exceptions.Permanent(f"{name!r} is no name of an instance.")
        return Node(cluster_id, name, self.cluster(cluster_id) / name)

    def of_cluster(self, cluster_id: str) -> tuple[Node, ...]:
        """The nodes that have a directory."""
        return tuple(
            Node(cluster_id, path.name, path)
            for path in _directories(self.cluster(cluster_id))
        )

    def clusters(self) -> tuple[str, ...]:
        """The ids of the clusters that have a directory."""
        return tuple(path.name for path in _directories(self.nodes))


def _directories(path: pathlib.Path) -> list[pathlib.Path]:
    try:
        return sorted(entry for entry in path.iterdir() if entry.is_dir())
    except FileNotFoundError:
        return []
