# SPDX-License-Identifier: Apache-2.0
"""Whether a cluster can be, before anything of it is made."""

from __future__ import annotations

from sparkaas import exceptions
from sparkaas import model
from sparkaas.edp import properties
from sparkaas.plugins.hdfs import layout
from sparkaas.plugins.hdfs import validation as hdfs
from sparkaas.plugins.spark import options
from sparkaas.plugins.spark import processes
from sparkaas.plugins.spark import sizing

_FEWEST_PORT = 1024
_LARGEST_PORT = 65535
_AT_MOST_ONE = (
    processes.HISTORY,
    processes.CONNECT,
    processes.THRIFT,
    processes.NOTEBOOK,
)


def check(cluster: model.Cluster) -> None:
    """Raise ``exceptions.InvalidRequest`` or a subclass for what cannot be."""
    _check_counts(cluster)
    _check_places(cluster)
    _check_options(cluster)
    hdfs.check(cluster)
    for group in cluster.node_groups:
        _check_group(cluster, group)


def check_resize(cluster: model.Cluster, previous: model.Cluster) -> None:
    """Raise unless only groups of workers come, go or change their number."""
    hdfs.check_resize(cluster, previous)
    processes.check_resize(
        cluster, previous, alone="workers", hint="Add a group of workers instead."
    )


def _check_counts(cluster: model.Cluster) -> None:
    masters = processes.count(cluster, processes.MASTER)
    if masters != 1:
        raise exceptions.InvalidComponentCount(
            f"A Spark cluster has exactly 1 {processes.MASTER}, not {masters}",
            hint="Exactly one node in all must have the process master.",
        )
    workers = processes.count(cluster, processes.WORKER)
    if workers < 1:
        raise exceptions.InvalidComponentCount(
            f"A Spark cluster has 1 or more {processes.WORKER}, not {workers}",
            hint="Add a node group with the process slave.",
        )
    for process in _AT_MOST_ONE:
        count = processes.count(cluster, process)
        if count > 1:
            raise exceptions.InvalidComponentCount(
                f"A Spark cluster has 0 or 1 {process}, not {count}"
            )


def _check_places(cluster: model.Cluster) -> None:
    for group in processes.groups(cluster, processes.HISTORY):
        if processes.MASTER not in processes.of(group) and group.count:
            raise exceptions.RequiredServiceMissing(
                f"{processes.HISTORY} needs {processes.MASTER} on the same node, for "
                "drivers write their event logs there",
                hint=f"Put both processes into one node group, not {group.name}.",
            )
    open_ = options.flag(options.THRIFT_OPEN, cluster)
    if processes.count(cluster, processes.THRIFT) and not open_:
        raise exceptions.InvalidRequest(
            "The Thrift server has no authentication of its own: everyone who reaches "
            "its port could run code on the cluster",
            hint=f"Use {processes.CONNECT}, which asks for a token, or set the option "
            f"{options.THRIFT_OPEN.name!r} to true, for the cluster and not for a node "
            "group.",
        )


def _check_options(cluster: model.Cluster) -> None:
    seen: dict[int, str] = {}
    if layout.has(cluster):
        seen = dict.fromkeys(layout.PORTS, "a port of HDFS")
    for option in options.PORTS:
        port = _number(option.name, options.value(option, cluster))
        if not _FEWEST_PORT <= port <= _LARGEST_PORT:
            raise exceptions.InvalidRequest(
                f"{option.name} must be {_FEWEST_PORT} to {_LARGEST_PORT}, not {port}"
            )
        if port in seen:
            raise exceptions.InvalidRequest(
                f"{option.name} and {seen[port]} are both {port}"
            )
        seen[port] = option.name
    _number(options.KEEP_SECONDS.name, options.value(options.KEEP_SECONDS, cluster))
    seconds = options.DECOMMISSION_SECONDS
    if _number(seconds.name, options.value(seconds, cluster)) < 0:
        raise exceptions.InvalidRequest(f"{seconds.name} must not be negative")
    memory = options.DAEMON_MEMORY
    if not 64 <= _number(memory.name, options.value(memory, cluster)) <= 65536:
        raise exceptions.InvalidRequest(f"{memory.name} must be 64 to 65536 (MB)")


def _check_group(cluster: model.Cluster, group: model.NodeGroup) -> None:
    processes.check_group(group)
    try:
        memory = sizing.worker_memory(cluster, group)
        cores = sizing.worker_cores(cluster, group)
    except ValueError as error:
        raise exceptions.InvalidRequest(
            f"Worker memory or cores of node group {group.name}: {error}",
            hint="Give memory as 1000m or 2g, cores as a number.",
        ) from None
    if memory < sizing.LEAST_HEAP or cores < 1:
        raise exceptions.InvalidRequest(
            f"A worker needs at least 1 core and {sizing.LEAST_HEAP} MB; node group "
            f"{group.name} gives {cores} and {memory}"
        )
    for settings in (cluster.cluster_configs, group.node_configs):
        for name, value in settings.get(options.TARGET, {}).items():
            if name.startswith("spark."):
                properties.check(name, value)
            else:
                properties.check_value(name, value)


def _number(name: str, value: object) -> int:
    try:
        return int(str(value))
    except ValueError:
        raise exceptions.InvalidRequest(
            f"{name} must be a number, not {value!r}"
        ) from None
