# SPDX-License-Identifier: Apache-2.0
"""The processes of a Hadoop cluster, and where they are wanted."""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Mapping

from sparkaas import model
from sparkaas.plugins.hdfs import layout as hdfs

NAMENODE = hdfs.NAMENODE
DATANODE = hdfs.DATANODE
MANAGER = "resourcemanager"
NODE = "nodemanager"
HISTORY = "historyserver"

#: Service -> its processes, by the names that clients of Sahara's vanilla plugin know.
SERVICES: Mapping[str, tuple[str, ...]] = {
    "HDFS": (NAMENODE, DATANODE),
    "YARN": (MANAGER, NODE),
    "MapReduce": (HISTORY,),
    "Spark": (),
}
_ORDER = tuple(name for names in SERVICES.values() for name in names)

#: What a group may have whose nodes come and go.
SCALABLE = frozenset({NODE, DATANODE})


def of(group: model.NodeSettings) -> tuple[str, ...]:
    """A group's processes in the order above."""
    names = set(group.node_processes)
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
        for group in cluster.node_groups
        if process in of(group)
        for index in group.indices
    ]


def manager(cluster: model.Cluster) -> str:
    """The name of the instance with the resource manager."""
    return hosts(cluster, MANAGER)[0]
