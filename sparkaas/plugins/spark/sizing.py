# SPDX-License-Identifier: Apache-2.0
"""How much of a node Spark may use, from its flavor. Memory in MB."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Sequence

from sparkaas import model
from sparkaas.plugins.hdfs import options as hdfs
from sparkaas.plugins.spark import options
from sparkaas.plugins.spark import processes

#: Spark refuses an executor or a driver with less than 450 MB.
LEAST_HEAP = 512
#: A worker's own process, and the part of an executor that is not heap.
_NODE = 512
_DAEMONS = {
    processes.MASTER: 512,
    processes.HISTORY: 512,
    processes.CONNECT: 1024,
    processes.THRIFT: 1024,
    processes.NOTEBOOK: 512,
}
_HEAPS = {
    processes.NAMENODE: hdfs.NAMENODE_HEAP,
    processes.DATANODE: hdfs.DATANODE_HEAP,
}
_BESIDE_HEAP = 128
#: Beyond this a heap needs wider pointers and long collections.
_LARGEST_EXECUTOR = 32 * 1024
_LARGEST_DRIVER = 4096
_SMALLEST_FLAVOR = model.Flavor(id="", name="", vcpus=1, ram_mb=1024, disk_gb=0)

_MEMORY = re.compile(r"([1-9]\d{0,7})\s*([mg])b?", re.IGNORECASE)


@dataclasses.dataclass(frozen=True)
class Executors:
    """What applications ask of each executor; ``cores`` 0 means all of a worker's."""

    memory: int
    cores: int = 0


def parse_memory(text: str) -> int:
    """MB of a size such as ``1000m`` or ``2g``; raises ``ValueError`` for others."""
    match = _MEMORY.fullmatch(text.strip())
    if match is None:
        raise ValueError(f"{text!r} is no size such as 1000m or 2g")
    return int(match[1]) * (1024 if match[2].lower() == "g" else 1)


def flavor(group: model.NodeGroup) -> model.Flavor:
    """What a group's nodes have; the smallest that works when nobody told."""
    return group.flavor or _SMALLEST_FLAVOR


def worker_memory(cluster: model.Cluster, group: model.NodeGroup) -> int:
    """Memory that a worker offers."""
    asked = str(options.value(options.WORKER_MEMORY, cluster, group))
    if asked:
        return parse_memory(asked)
    ram = flavor(group).ram_mb
    free = ram - max(_NODE, ram // 8) - _daemons(cluster, group)
    if processes.MASTER in processes.of(group):
        free -= driver_memory(cluster, group)
    return max(LEAST_HEAP, free)


def worker_cores(cluster: model.Cluster, group: model.NodeGroup) -> int:
    """Cores that a worker offers."""
    asked = options.value(options.WORKER_CORES, cluster, group)
    return int(asked) if asked not in ("", "all") else flavor(group).vcpus


def driver_memory(cluster: model.Cluster, group: model.NodeGroup) -> int:
    """Heap of each driver: two fit beside the master and its companions."""
    ram = flavor(group).ram_mb
    taken = _daemons(cluster, group)
    shares = 2 if processes.WORKER not in processes.of(group) else 4
    return min(_LARGEST_DRIVER, max(LEAST_HEAP, (ram - taken) // shares))


def _daemons(cluster: model.Cluster, group: model.NodeGroup) -> int:
    """Memory of the processes on a node that are neither worker, executor nor
    driver."""
    names = processes.of(group)
    taken = sum(_DAEMONS.get(name, 0) for name in names)
    for name, heap in _HEAPS.items():
        if name in names:
            taken += hdfs.heap(heap, cluster, group) + _BESIDE_HEAP
    return taken


def executors(cluster: model.Cluster, groups: Sequence[model.NodeGroup]) -> Executors:
    """One executor that fits every worker, or several on large ones."""
    memory, cores = min(
        (worker_memory(cluster, group), worker_cores(cluster, group))
        for group in groups
    )
    several = -(-memory // _LARGEST_EXECUTOR)
    if several == 1 or cores < 2 * several:
        return Executors(memory)
    return Executors(memory // several, cores // several)
