# SPDX-License-Identifier: Apache-2.0
"""What users may configure of HDFS, and what a cluster record says about it."""

from __future__ import annotations

from typing import Any

from sparkaas import exceptions
from sparkaas import model
from sparkaas.edp import properties
from sparkaas.plugins import base

TARGET = "HDFS"

#: What is asked of HDFS for those who did not ask; of fewer datanodes each gets one.
REPLICAS = 3
_REPLICATION = "dfs.replication"

NAMENODE_HEAP = base.Option(
    name="Name Node Heap Size",
    type="int",
    default=512,
    description="Heap of the namenode in MB; a million files and blocks need 1000",
    target=TARGET,
)
DATANODE_HEAP = base.Option(
    name="Data Node Heap Size",
    type="int",
    default=256,
    description="Heap of each datanode in MB",
    target=TARGET,
)
REPLICATION = base.Option(
    name=_REPLICATION,
    type="string",
    default="",
    description="Replicas of each block. Empty: as many as there are datanodes, at "
    "most 3",
    target=TARGET,
    priority=1,
)

ALL = (NAMENODE_HEAP, DATANODE_HEAP, REPLICATION)

_CORE = ("hadoop.", "fs.", "io.", "ipc.", "net.", "ha.")
_OWN = "dfs."

#: What the service sets: with other values a daemon would not be found, or would look
#: for its data in another place.
OURS = frozenset(
    {
        "fs.defaultFS",
        "fs.default.name",
        "hadoop.tmp.dir",
        "dfs.namenode.rpc-address",
        "dfs.namenode.http-address",
        "dfs.namenode.name.dir",
        "dfs.name.dir",
        "dfs.hosts",
        "dfs.hosts.exclude",
        "dfs.datanode.address",
        "dfs.datanode.http.address",
        "dfs.datanode.ipc.address",
        "dfs.datanode.hostname",
        "dfs.datanode.data.dir",
        "dfs.data.dir",
    }
)


def allows(target: str, name: str) -> bool:
    """Whether a setting that is no option is accepted."""
    return target == TARGET and name.startswith((*_CORE, _OWN)) and name not in OURS


def heap(
    option: base.Option, cluster: model.Cluster, group: model.NodeGroup | None = None
) -> int:
    """MB of a daemon's heap."""
    return int(_settings(cluster, group).get(option.name) or option.default)


def asked_replication(cluster: model.Cluster) -> int:
    """What the user asked for; 0: nothing. Raises ``ValueError`` for no number."""
    return int(_settings(cluster, None).get(_REPLICATION) or 0)


def core(cluster: model.Cluster) -> dict[str, str]:
    """The user's settings for ``core-site.xml``."""
    return _named(_settings(cluster, None), _CORE)


def hdfs(cluster: model.Cluster, group: model.NodeGroup) -> dict[str, str]:
    """The user's settings for ``hdfs-site.xml`` on that group's nodes."""
    return _named(_settings(cluster, group), (_OWN,))


def check(cluster: model.Cluster) -> None:
    """Raise ``exceptions.InvalidRequest`` for values that cannot be."""
    nodes = (group.node_configs for group in cluster.node_groups)
    for configs in (cluster.cluster_configs, *nodes):
        for name, value in configs.get(TARGET, {}).items():
            properties.check_value(name, value)
            if name in (NAMENODE_HEAP.name, DATANODE_HEAP.name):
                _check_number(name, value, 128, 1 << 20)
            if name == _REPLICATION and value != "":
                _check_number(name, value, 1, 512)


def _check_number(name: str, value: object, least: int, most: int) -> None:
    text = str(value)
    if not text.isdecimal() or not least <= int(text) <= most:
        raise exceptions.InvalidRequest(
            f"{name} must be a number, {least} to {most}, not {value!r}"
        )


def _named(settings: dict[str, Any], prefixes: tuple[str, ...]) -> dict[str, str]:
    return {
        name: str(value).lower() if isinstance(value, bool) else str(value)
        for name, value in settings.items()
        if name.startswith(prefixes) and name not in OURS and name != _REPLICATION
    }


def _settings(cluster: model.Cluster, group: model.NodeGroup | None) -> dict[str, Any]:
    merged = dict(cluster.cluster_configs.get(TARGET, {}))
    if group is not None:
        merged.update(group.node_configs.get(TARGET, {}))
    return merged
