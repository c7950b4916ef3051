# SPDX-License-Identifier: Apache-2.0
"""Where things lie on a node, and where they are reached."""

from __future__ import annotations

from sparkaas import manifest
from sparkaas import model
from sparkaas.plugins.hdfs import layout as hdfs_layout
from sparkaas.plugins.hdfs import manifests as hdfs
from sparkaas.plugins.spark import options
from sparkaas.plugins.spark import processes

CONF = f"{manifest.ROOT}/etc/spark"
LOGGING = f"{CONF}/log4j2.properties"
DATA = f"{manifest.ROOT}/var/lib/spark"
EVENTS = f"{DATA}/events"
RECOVERY = f"{DATA}/recovery"

#: For what a JVM starts. Where the image has an archive of Spark's classes (see
#: elements/sparkaas) it reads that instead of finding, checking and linking thousands
#: of classes; one that is missing, or is another Java's, is passed over in silence.
CLASS_ARCHIVE = " ".join(
    (
        f"-XX:SharedArchiveFile={manifest.package('spark')}/classes.jsa",
        "-Xlog:cds=off",
        "-Xlog:cds+dynamic=off",
    )
)

#: Names of services on a node.
MASTER = "spark-master"
WORKER = "spark-worker"
HISTORY = "spark-history-server"
CONNECT = "spark-connect-server"
THRIFT = "spark-thrift-server"
NOTEBOOK = "spark-notebook"

#: Names of the cluster's secrets, not the secrets.
AUTH_SECRET = "spark-auth"  # noqa: S105
CONNECT_TOKEN = "connect-token"  # noqa: S105
NOTEBOOK_TOKEN = "notebook-token"  # noqa: S105


def disks(group: model.NodeGroup) -> list[str]:
    """Directories for work and shuffle files: one on each volume, else the root's."""
    if not group.volumes_per_node:
        return [DATA]
    return [
        f"{manifest.ROOT}{group.volume_mount_prefix}{number}/spark"
        for number in range(1, group.volumes_per_node + 1)
    ]


def executors(group: model.NodeGroup) -> str:
    """The directory of a worker's executors, each two below it."""
    return f"{disks(group)[0]}/work"


def master_endpoint(cluster: model.Cluster) -> str:
    """The symbol of the master's address, a colon and its port."""
    port = options.number(options.MASTER_PORT, cluster)
    return f"{manifest.address(processes.master(cluster))}:{port}"


def master_url(cluster: model.Cluster) -> str:
    """Where applications and workers find the master."""
    return f"spark://{master_endpoint(cluster)}"


def master_json(cluster: model.Cluster) -> str:
    """Where the master says all it knows, with the symbol of its address."""
    port = options.number(options.MASTER_UI, cluster)
    return f"http://{manifest.address(processes.master(cluster))}:{port}/json/"


def history(cluster: model.Cluster) -> str:
    """Where the cluster's history server looks for event logs; empty without one."""
    return EVENTS if processes.count(cluster, processes.HISTORY) else ""


def environment(
    cluster: model.Cluster, group: model.NodeGroup, instance_name: str
) -> dict[str, str]:
    """What every Spark process on that instance of the group needs."""
    found = {
        "JAVA_HOME": manifest.package("java"),
        "SPARK_HOME": manifest.package("spark"),
        "SPARK_CONF_DIR": CONF,
        "SPARK_LOCAL_IP": manifest.address(instance_name),
        "SPARK_LOCAL_DIRS": ",".join(f"{disk}/local" for disk in disks(group)),
    }
    return found | (hdfs.environment() if hdfs_layout.has(cluster) else {})
