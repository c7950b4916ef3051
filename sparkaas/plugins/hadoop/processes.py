# SPDX-License-Identifier: Apache-2.0
"""The processes of a Hadoop cluster, and where they are wanted."""

from __future__ import annotations

from collections.abc import Mapping

from sparkaas import model
from sparkaas.plugins import processes
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
#: What a group may have whose nodes come and go.
SCALABLE = frozenset({NODE, DATANODE})

_KNOWN = processes.Known(SERVICES, SCALABLE)
of = _KNOWN.of
count = _KNOWN.count
groups = _KNOWN.groups
hosts = _KNOWN.hosts
check_group = _KNOWN.check_group
check_resize = _KNOWN.check_resize


def manager(cluster: model.Cluster) -> str:
    """The name of the instance with the resource manager."""
    return hosts(cluster, MANAGER)[0]
