# SPDX-License-Identifier: Apache-2.0
"""What users may configure, and what a cluster record says about it."""

from __future__ import annotations

from typing import Any

from sparkaas import model
from sparkaas.edp import properties
from sparkaas.plugins import base
from sparkaas.plugins.hdfs import options as hdfs

TARGET = "Spark"


def _cluster(name: str, type: str, default: Any, text: str, priority: int = 2) -> Any:
    return base.Option(
        name=name,
        type=type,
        default=default,
        description=text,
        target=TARGET,
        priority=priority,
    )


def _node(name: str, type: str, default: Any, text: str, priority: int = 2) -> Any:
    return base.Option(
        name=name,
        type=type,
        default=default,
        description=text,
        target=TARGET,
        scope="node",
        priority=priority,
    )


MASTER_PORT = _cluster("Master port", "int", 7077, "Port of the Spark master")
MASTER_UI = _cluster(
    "Master webui port", "int", 8080, "Port of the master's web UI", priority=1
)
WORKER_PORT = _cluster("Worker port", "int", 7078, "Port of the Spark workers")
WORKER_UI = _cluster(
    "Worker webui port", "int", 8081, "Port of the workers' web UI", priority=1
)
HISTORY_UI = _cluster(
    "History server port", "int", 18080, "Port of the history server's web UI"
)
CONNECT_PORT = _cluster(
    "Connect server port", "int", 15002, "Port of the Spark Connect server"
)
THRIFT_PORT = _cluster(
    "Thrift server port", "int", 10000, "Port of the Thrift JDBC/ODBC server"
)
NOTEBOOK_PORT = _cluster("Notebook port", "int", 8888, "Port of JupyterLab")
THRIFT_OPEN = _cluster(
    "Thrift server without authentication",
    "bool",
    False,
    "Agree that everyone who reaches the Thrift server's port can run SQL, and "
    "through it code: the server has no authentication of its own",
)
CLASS_PATH = _cluster(
    "Executor extra classpath",
    "string",
    "",
    "Value of spark.executor.extraClassPath: jars that the node image has",
)
KEEP_SECONDS = _cluster(
    "Maximum cleanup seconds",
    "int",
    1209600,
    "Files of finished applications are removed from the workers after this time; "
    "0 keeps them",
)
DECOMMISSION_SECONDS = _cluster(
    "Worker decommissioning timeout",
    "int",
    120,
    "Seconds that a worker which is to go has to end its tasks and to hand over "
    "its data",
)
DAEMON_MEMORY = _cluster(
    "Daemon memory", "int", 256, "Heap of the master, worker and history server in MB"
)
WORKER_CORES = _node(
    "Worker cores",
    "string",
    "",
    "Cores that applications may use on a worker; empty: all of the flavor's",
)
WORKER_MEMORY = _node(
    "Worker memory",
    "string",
    "",
    "Memory that applications may use on a worker, such as 1000m or 2g; empty: what "
    "the flavor has, less what the node needs itself",
    priority=1,
)

ALL: tuple[base.Option, ...] = (
    MASTER_PORT,
    MASTER_UI,
    WORKER_PORT,
    WORKER_UI,
    HISTORY_UI,
    CONNECT_PORT,
    THRIFT_PORT,
    NOTEBOOK_PORT,
    THRIFT_OPEN,
    CLASS_PATH,
    KEEP_SECONDS,
    DECOMMISSION_SECONDS,
    DAEMON_MEMORY,
    WORKER_CORES,
    WORKER_MEMORY,
    *hdfs.ALL,
)

PORTS = (
    MASTER_PORT,
    MASTER_UI,
    WORKER_PORT,
    WORKER_UI,
    HISTORY_UI,
    CONNECT_PORT,
    THRIFT_PORT,
    NOTEBOOK_PORT,
)

#: Options of Sahara's Spark plugin that existing templates carry and that mean
#: nothing here: a job's files go when it ends, and the image says where Spark is.
RETIRED = frozenset(
    {"Minimum cleanup seconds", "Minimum cleanup megabytes", "Spark home"}
)


def allows(target: str, name: str) -> bool:
    """Whether a setting that is no option is accepted."""
    if target == hdfs.TARGET:
        return hdfs.allows(target, name)
    if target != TARGET:
        return False
    if name in RETIRED:
        return True
    return properties.is_name(name) and not properties.is_ours(name)


def value(
    option: base.Option, cluster: model.Cluster, group: model.NodeGroup | None = None
) -> Any:
    """An option's value: the group's, else the cluster's, else the default."""
    return _settings(cluster, group).get(option.name, option.default)


def number(
    option: base.Option, cluster: model.Cluster, group: model.NodeGroup | None = None
) -> int:
    """An option's value as a number; raises ``ValueError`` when it is none."""
    return int(value(option, cluster, group))


def flag(option: base.Option, cluster: model.Cluster) -> bool:
    """An option's value as a boolean."""
    return str(value(option, cluster)).lower() == "true"


def spark_properties(
    cluster: model.Cluster, group: model.NodeGroup | None = None
) -> dict[str, str]:
    """The ``spark.*`` properties that a user set for that group's nodes."""
    return {
        name: str(setting).lower() if isinstance(setting, bool) else str(setting)
        for name, setting in _settings(cluster, group).items()
        if name.startswith("spark.")
    }


def _settings(cluster: model.Cluster, group: model.NodeGroup | None) -> dict[str, Any]:
    merged = dict(cluster.cluster_configs.get(TARGET, {}))
    if group is not None:
        merged.update(group.node_configs.get(TARGET, {}))
    return merged
