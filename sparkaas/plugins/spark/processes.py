# SPDX-License-Identifier: Apache-2.0
"""The processes of a Spark cluster, and where they are wanted."""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Mapping

from sparkaas import model
from sparkaas.plugins.hdfs import layout as hdfs

MASTER = "master"
WORKER = "slave"
HISTORY = "history-server"
CONNECT = "connect-server"
THRIFT = "thrift-server"
NOTEBOOK = "notebook"
NAMENODE = hdfs.NAMENODE
DATANODE = hdfs.DATANODE

#: Service -> its processes, as clients see it.
SERVICES: Mapping[str, tuple[str, ...]] = {
    "Spark": (MASTER, WORKER, HISTORY, CONNECT, THRIFT, NOTEBOOK),
    "HDFS": (NAMENODE, DATANODE),
}
_ORDER = tuple(name for names in SERVICES.values() for name in names)

#: What a group may have whose nodes come and go.
SCALABLE = frozenset({WORKER, DATANODE})

#: Other names that users may write -> the name used here. ``slave`` is what existing
#: templates say.
SYNONYMS: Mapping[str, str] = {"worker": WORKER}


def of(group: model.NodeSettings) -> tuple[str, ...]:
    """A group's processes by the names used here, in the order above."""
    names = {SYNONYMS.get(name, name) for name in group.node_processes}
    known = tuple(name for name in _ORDER if name in names)
    return known + tuple(sorted(names - set(known)))


def count(cluster: model.Cluster, process: str) -> int:
    """How many instances with that process are wanted."""
    return sum(group.count for group in cluster.node_groups if process in of(group))


def groups(cluster: model.Cluster, process: str) -> Iterator[model.NodeGroup]:
    """The groups that have that process."""
    return (group for group in cluster.node_groups if process in of(group))


def hosts(cluster: model.Cluster, process: str) -> list[str]:
    """The names of the wanted instances with that process."""
    return [
        model.instance_name(cluster, group, index)
        for group in groups(cluster, process)
        for index in group.indices
    ]


def master(cluster: model.Cluster) -> str:
    """The name of the instance with the master."""
    return hosts(cluster, MASTER)[0]
