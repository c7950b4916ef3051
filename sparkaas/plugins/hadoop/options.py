# SPDX-License-Identifier: Apache-2.0
"""What users may configure, and what a cluster record says about it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sparkaas import manifest
from sparkaas import model
from sparkaas.edp import properties
from sparkaas.plugins import base
from sparkaas.plugins.hdfs import options as hdfs

YARN = "YARN"
MAPREDUCE = "MapReduce"
SPARK = "Spark"


def _option(
    target: str, name: str, type: str, default: Any, text: str, **more: Any
) -> base.Option:
    return base.Option(
        target=target, name=name, type=type, default=default, description=text, **more
    )


MANAGER_HEAP = _option(
    YARN, "ResourceManager Heap Size", "int", 384, "Heap of the resource manager in MB"
)
NODE_HEAP = _option(
    YARN, "NodeManager Heap Size", "int", 256, "Heap of the node managers in MB"
)
HISTORY_HEAP = _option(
    MAPREDUCE,
    "JobHistoryServer Heap Size",
    "int",
    256,
    "Heap of MapReduce's history server in MB",
)
NODE_MEMORY = _option(
    YARN,
    "yarn.nodemanager.resource.memory-mb",
    "string",
    "",
    "Memory in MB that containers may use on a node; empty: what the flavor has, less "
    "what the node needs itself",
    scope="node",
    priority=1,
)
NODE_CORES = _option(
    YARN,
    "yarn.nodemanager.resource.cpu-vcores",
    "string",
    "",
    "Cores that containers may use on a node; empty: all of the flavor's",
    scope="node",
    priority=1,
)
DECOMMISSION_SECONDS = _option(
    YARN,
    "NodeManager decommissioning timeout",
    "int",
    120,
    "Seconds that the containers of a node which is to go have to end",
)

ALL: tuple[base.Option, ...] = (
    MANAGER_HEAP,
    NODE_HEAP,
    HISTORY_HEAP,
    NODE_MEMORY,
    NODE_CORES,
    DECOMMISSION_SECONDS,
    *hdfs.ALL,
)

_PREFIXES: Mapping[str, tuple[str, ...]] = {
    YARN: ("yarn.",),
    MAPREDUCE: ("mapreduce.", "mapred.", "yarn.app.mapreduce."),
}

#: Set by the service: with other values daemons would not find each other, or the
#: service would not find what it looks for. Names, and beginnings that end in a dot.
_OURS = (
    "yarn.resourcemanager.hostname",
    "yarn.resourcemanager.address",
    "yarn.resourcemanager.bind-host",
    "yarn.resourcemanager.scheduler.address",
    "yarn.resourcemanager.resource-tracker.address",
    "yarn.resourcemanager.admin.address",
    "yarn.resourcemanager.webapp.",
    "yarn.resourcemanager.nodes.",
    "yarn.resourcemanager.ha.",
    "yarn.resourcemanager.fs.state-store.uri",
    "yarn.web-proxy.address",
    "yarn.nodemanager.hostname",
    "yarn.nodemanager.address",
    "yarn.nodemanager.bind-host",
    "yarn.nodemanager.localizer.address",
    "yarn.nodemanager.webapp.",
    "yarn.nodemanager.local-dirs",
    "yarn.nodemanager.log-dirs",
    "yarn.nodemanager.env-whitelist",
    "yarn.nodemanager.user-home-dir",
    "yarn.log-aggregation-enable",
    "yarn.log.server.url",
    "yarn.webapp.ui-actions.enabled",
    "mapreduce.framework.name",
    "mapreduce.jobhistory.address",
    "mapreduce.jobhistory.admin.address",
    "mapreduce.jobhistory.webapp.address",
    "mapreduce.shuffle.port",
    "mapreduce.job.tags",
)


def is_ours(name: str) -> bool:
    """Whether only the service may set it."""
    return any(
        name.startswith(ours) if ours.endswith(".") else name == ours for ours in _OURS
    )


def allows(target: str, name: str) -> bool:
    """Whether a setting that is no option is accepted."""
    if target == SPARK:
        return properties.is_name(name) and not properties.is_ours(name)
    if target == hdfs.TARGET:
        return hdfs.allows(target, name)
    return name.startswith(_PREFIXES.get(target, ())) and not is_ours(name)


def value(
    option: base.Option, cluster: model.Cluster, group: model.NodeGroup | None = None
) -> Any:
    """An option's value: the group's, else the cluster's, else the default."""
    return _settings(option.target, cluster, group).get(option.name, option.default)


def number(
    option: base.Option, cluster: model.Cluster, group: model.NodeGroup | None = None
) -> int:
    """An option's value as a number; raises ``ValueError`` when it is none."""
    return int(str(value(option, cluster, group)))


def given(
    target: str, cluster: model.Cluster, group: model.NodeGroup | None = None
) -> dict[str, str]:
    """The properties that a user set for that group's nodes, as manifests have them:
    a user's text is never a symbol."""
    plain = typed(target, cluster, group)
    return {name: manifest.literal(plain[name]) for name in plain}


def typed(
    target: str, cluster: model.Cluster, group: model.NodeGroup | None = None
) -> dict[str, str]:
    """The same as the user typed them."""
    options = {option.name for option in ALL}
    return {
        name: _text(setting)
        for name, setting in _settings(target, cluster, group).items()
        if name not in options and allows(target, name)
    }


def _text(setting: object) -> str:
    return str(setting).lower() if isinstance(setting, bool) else str(setting)


def _settings(
    target: str, cluster: model.Cluster, group: model.NodeGroup | None
) -> dict[str, Any]:
    merged = dict(cluster.cluster_configs.get(target, {}))
    if group is not None:
        merged.update(group.node_configs.get(target, {}))
    return merged
