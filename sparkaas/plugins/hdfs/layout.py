# SPDX-License-Identifier: Apache-2.0
"""HDFS's processes: where they are wanted, where their files lie, their ports."""

from __future__ import annotations

from sparkaas import manifest
from sparkaas import model
from sparkaas.plugins import processes

NAMENODE = "namenode"
DATANODE = "datanode"
_KNOWN = processes.Known({"HDFS": (NAMENODE, DATANODE)})
count = _KNOWN.count
hosts = _KNOWN.hosts
#: Names of the services that the processes are.
NAMENODE_SERVICE = "hdfs-namenode"
DATANODE_SERVICE = "hdfs-datanode"

RPC_PORT = 8020
WEB_PORT = 9870
DATA_PORT = 9866
DATA_WEB_PORT = 9864
DATA_RPC_PORT = 9867
PORTS = (RPC_PORT, WEB_PORT, DATA_PORT, DATA_WEB_PORT, DATA_RPC_PORT)

CONF = f"{manifest.ROOT}/etc/hadoop"
HOME = f"{manifest.ROOT}/var/lib/hdfs"
NAMES = f"{HOME}/name"
SCRATCH = f"{HOME}/scratch"
#: Which datanodes are to go; not part of the manifest, for it changes while all run.
EXCLUDE = f"{HOME}/exclude"

#: The Hadoop whose client is in pyspark.
PACKAGE = manifest.Package("hadoop", "3.5.0")
JARS = f"{manifest.package(PACKAGE.name)}/lib/*"


def has(cluster: model.Cluster) -> bool:
    """Whether the cluster has an HDFS of its own."""
    return any(NAMENODE in group.node_processes for group in cluster.node_groups)


def namenode(cluster: model.Cluster) -> str:
    """The name of the instance with the namenode."""
    return hosts(cluster, NAMENODE)[0]


def url(cluster: model.Cluster) -> str:
    """``hdfs://`` and the symbol of the namenode's address."""
    return f"hdfs://{manifest.address(namenode(cluster))}:{RPC_PORT}"


def disks(group: model.NodeGroup) -> list[str]:
    """Directories for blocks: one on each volume, else the node's own disk."""
    if not group.volumes_per_node:
        return [f"{HOME}/data"]
    return [
        f"{manifest.ROOT}{group.volume_mount_prefix}{number}/hdfs/data"
        for number in range(1, group.volumes_per_node + 1)
    ]
