# SPDX-License-Identifier: Apache-2.0
"""Where things lie on a node, and where they are reached."""

from __future__ import annotations

from sparkaas import manifest
from sparkaas import model
from sparkaas.plugins.hadoop import processes
from sparkaas.plugins.hdfs import layout as hdfs

#: Hadoop's own configuration, and that of Spark's drivers.
CONF = hdfs.CONF
SPARK_CONF = f"{manifest.ROOT}/etc/spark"
DATA = f"{manifest.ROOT}/var/lib/hadoop"
#: What the resource manager must remember when it comes back.
STATE = f"{DATA}/resourcemanager"
#: Node managers of the addresses in it are told to go. Not part of the manifest, for it
#: changes while all run.
EXCLUDE = f"{STATE}/exclude"

# The ports that Hadoop's own documentation has.
MANAGER = 8032
SCHEDULER = 8030
TRACKER = 8031
ADMINISTRATION = 8033
MANAGER_UI = 8088
NODE = 8041
LOCALIZER = 8040
NODE_UI = 8042
HISTORY = 10020
HISTORY_ADMINISTRATION = 10033
HISTORY_UI = 19888


def disks(group: model.NodeGroup) -> list[str]:
    """Directories for containers' files: one on each volume, else the root's."""
    if not group.volumes_per_node:
        return [f"{DATA}/yarn"]
    return [
        f"{manifest.ROOT}{group.volume_mount_prefix}{number}/yarn"
        for number in range(1, group.volumes_per_node + 1)
    ]


def manager_url(cluster: model.Cluster) -> str:
    """The resource manager's web address, with the symbol of its node."""
    return f"http://{manifest.address(processes.manager(cluster))}:{MANAGER_UI}"


def environment(instance_name: str) -> dict[str, str]:
    """What every process on that instance needs, containers' too."""
    return {
        "JAVA_HOME": manifest.package("java"),
        "HADOOP_CONF_DIR": CONF,
        "SPARK_HOME": manifest.package("spark"),
        "SPARK_LOCAL_IP": manifest.address(instance_name),
    }
