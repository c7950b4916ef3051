# SPDX-License-Identifier: Apache-2.0
"""Whether a cluster can be, before anything of it is made."""

from __future__ import annotations

from sparkaas import exceptions
from sparkaas import model
from sparkaas.edp import properties
from sparkaas.plugins import base
from sparkaas.plugins.hadoop import options
from sparkaas.plugins.hadoop import processes
from sparkaas.plugins.hadoop import sizing
from sparkaas.plugins.hdfs import validation as hdfs

_EXACTLY_ONE = (processes.NAMENODE, processes.MANAGER)
_AT_LEAST_ONE = (processes.DATANODE, processes.NODE)
_HEAPS = (options.MANAGER_HEAP, options.NODE_HEAP, options.HISTORY_HEAP)


def check(cluster: model.Cluster) -> None:
    """Raise ``exceptions.InvalidRequest`` or a subclass for what cannot be."""
    _check_counts(cluster)
    hdfs.check(cluster)
    _check_options(cluster)
    for group in cluster.node_groups:
        _check_group(cluster, group)


def check_resize(cluster: model.Cluster, previous: model.Cluster) -> None:
    """Raise unless only groups of nodes that come and go change their number."""
    hdfs.check_resize(cluster, previous)
    processes.check_resize(
        cluster,
        previous,
        alone="node managers and datanodes",
        hint="Add a group of those instead.",
    )


def _check_counts(cluster: model.Cluster) -> None:
    for process in _EXACTLY_ONE:
        count = processes.count(cluster, process)
        if count != 1:
            raise exceptions.InvalidComponentCount(
                f"A Hadoop cluster has exactly 1 {process}, not {count}",
                hint=f"Exactly one node in all must have the process {process}.",
            )
    for process in _AT_LEAST_ONE:
        count = processes.count(cluster, process)
        if count < 1:
            raise exceptions.InvalidComponentCount(
                f"A Hadoop cluster has 1 or more {process}, not {count}",
                hint=f"Add a node group with the process {process}.",
            )
    count = processes.count(cluster, processes.HISTORY)
    if count > 1:
        raise exceptions.InvalidComponentCount(
            f"A Hadoop cluster has 0 or 1 {processes.HISTORY}, not {count}"
        )


def _check_options(cluster: model.Cluster) -> None:
    for group in (None, *cluster.node_groups):
        for option in _HEAPS:
            if not 64 <= _number(option, cluster, group) <= 65536:
                raise exceptions.InvalidRequest(
                    f"{option.name} must be 64 to 65536 (MB)"
                )
    seconds = options.DECOMMISSION_SECONDS
    if _number(seconds, cluster) < 0:
        raise exceptions.InvalidRequest(f"{seconds.name} must not be negative")


def _check_group(cluster: model.Cluster, group: model.NodeGroup) -> None:
    processes.check_group(group)
    if processes.NODE in processes.of(group):
        _check_size(cluster, group)
    for settings in (cluster.cluster_configs, group.node_configs):
        for target, values in settings.items():
            for name, value in values.items():
                if target == options.SPARK:
                    properties.check(name, value)
                else:
                    properties.check_value(name, value)


def _check_size(cluster: model.Cluster, group: model.NodeGroup) -> None:
    try:
        memory = sizing.node_memory(cluster, group)
        cores = sizing.node_cores(cluster, group)
    except ValueError as error:
        raise exceptions.InvalidRequest(
            f"Memory or cores of node group {group.name}: {error}",
            hint="Give memory as a number of MB, cores as a number.",
        ) from None
    if memory < sizing.LEAST or cores < 1:
        raise exceptions.InvalidRequest(
            f"Containers need at least 1 core and {sizing.LEAST} MB of a node; in node "
            f"group {group.name} there are {cores} and {memory} for them",
            hint="Take a flavor with more memory (2 GB for a nodemanager with a "
            f"datanode), or set {options.NODE_MEMORY.name}.",
        )


def _number(
    option: base.Option, cluster: model.Cluster, group: model.NodeGroup | None = None
) -> int:
    try:
        return options.number(option, cluster, group)
    except ValueError:
        found = options.value(option, cluster, group)
        raise exceptions.InvalidRequest(
            f"{option.name} must be a number, not {found!r}"
        ) from None
