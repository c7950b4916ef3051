# SPDX-License-Identifier: Apache-2.0
"""How much of a node containers may use, from its flavor. Memory in MB."""

from __future__ import annotations

import dataclasses

from sparkaas import model
from sparkaas.plugins.hadoop import options
from sparkaas.plugins.hadoop import processes

#: Room for one Spark executor and what starts it; less is of no use.
LEAST = 1152
#: Of a container that is not heap: Python's workers, the JVM's own.
OVERHEAD = 256
LEAST_HEAP = 512
#: A node's own needs and its node manager.
_NODE = 512
_DAEMONS = {
    processes.NAMENODE: 512,
    processes.DATANODE: 256,
    processes.MANAGER: 512,
    processes.HISTORY: 384,
}
_LARGEST_EXECUTOR = 32 * 1024
_LARGEST_DRIVER = 4096
_LARGEST_TASK = 1024
_SMALLEST_FLAVOR = model.Flavor(id="", name="", vcpus=1, ram_mb=2048, disk_gb=0)


@dataclasses.dataclass(frozen=True)
class Executors:
    """What Spark's applications ask of each executor: heap and cores."""

    memory: int
    cores: int


def flavor(group: model.NodeGroup) -> model.Flavor:
    """What a group's nodes have; the smallest that works when nobody told."""
    return group.flavor or _SMALLEST_FLAVOR


def node_memory(cluster: model.Cluster, group: model.NodeGroup) -> int:
    """Memory that a node manager gives to containers. Raises ``ValueError`` for a
    setting that is no number."""
    asked = str(options.value(options.NODE_MEMORY, cluster, group))
    if asked:
        return int(asked)
    ram = flavor(group).ram_mb
    free = ram - max(_NODE, ram // 8) - _daemons(group)
    if processes.MANAGER in processes.of(group):
        free -= driver_memory(group)
    return free


def node_cores(cluster: model.Cluster, group: model.NodeGroup) -> int:
    """Cores that a node manager gives to containers; as ``node_memory``."""
    asked = str(options.value(options.NODE_CORES, cluster, group))
    return int(asked) if asked else flavor(group).vcpus


def driver_memory(group: model.NodeGroup) -> int:
    """Heap of each driver that runs beside the resource manager: two fit."""
    ram = flavor(group).ram_mb
    shares = 4 if processes.NODE in processes.of(group) else 2
    return min(_LARGEST_DRIVER, max(LEAST_HEAP, (ram - _daemons(group)) // shares))


def executors(cluster: model.Cluster) -> Executors:
    """At least two fit on each node, or one and what starts it on a small one."""
    memory, cores = min(
        (node_memory(cluster, group), node_cores(cluster, group))
        for group in processes.groups(cluster, processes.NODE)
    )
    several = max(2, -(-memory // _LARGEST_EXECUTOR))
    share = max(LEAST_HEAP + OVERHEAD, memory // several)
    return Executors(share - executor_overhead(share), max(1, cores // several))


def executor_overhead(container: int) -> int:
    """What of an executor's container is not heap."""
    return max(OVERHEAD, container // 10)


def task_memory(cluster: model.Cluster) -> int:
    """The container of a MapReduce task: four fit on a node that has the room."""
    least = min(
        node_memory(cluster, group)
        for group in processes.groups(cluster, processes.NODE)
    )
    return min(_LARGEST_TASK, max(LEAST_HEAP, least // 4))


def _daemons(group: model.NodeGroup) -> int:
    return sum(_DAEMONS.get(name, 0) for name in processes.of(group))
