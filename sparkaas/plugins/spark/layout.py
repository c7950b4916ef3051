# SPDX-License-Identifier: Apache-2.0
"""Where things lie on a node, and where they are reached."""

from __future__ import annotations

from sparkaas import manifest
from sparkaas import model
from sparkaas.plugins.spark import options
from sparkaas.plugins.spark import processes

CONF = f"{manifest.ROOT}/etc/spark"
DATA = f"{manifest.ROOT}/var/lib/spark"
EVENTS = f"{DATA}/events"
RECOVERY = f"{DATA}/recovery"

#: Names of the cluster's secrets, not the secrets.
AUTH_SECRET = "spark-auth"  # noqa: S105
CONNECT_TOKEN = "connect-token"  # noqa: S105


def disks(group: model.NodeGroup) -> list[str]:
    """Directories for work and shuffle files: one on each volume, else the root's."""
    if not group.volumes_per_node:
        return [DATA]
    return [
        f"{manifest.ROOT}{group.volume_mount_prefix}{number}/spark"
        for number in range(1, group.volumes_per_node + 1)
    ]


def master_url(cluster: model.Cluster) -> str:
    """``spark://`` and the symbol of the master's address."""
    port = options.number(options.MASTER_PORT, cluster)
    return f"spark://{manifest.address(processes.master(cluster))}:{port}"


def master_json(cluster: model.Cluster) -> str:
    """Where the master says all it knows, with the symbol of its address."""
    port = options.number(options.MASTER_UI, cluster)
    return f"http://{manifest.address(processes.master(cluster))}:{port}/json/"


def history(cluster: model.Cluster) -> str:
    """Where the cluster's history server looks for event logs; empty without one."""
    return EVENTS if processes.count(cluster, processes.HISTORY) else ""


def environment(group: model.NodeGroup, instance_name: str) -> dict[str, str]:
    """What every Spark process on that instance of the group needs."""
    return {
        "JAVA_HOME": manifest.package("java"),
        "SPARK_HOME": manifest.package("spark"),
        "SPARK_CONF_DIR": CONF,
        "SPARK_LOCAL_IP": manifest.address(instance_name),
        "SPARK_LOCAL_DIRS": ",".join(f"{disk}/local" for disk in disks(group)),
    }
