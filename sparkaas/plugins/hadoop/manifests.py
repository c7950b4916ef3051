# SPDX-License-Identifier: Apache-2.0
"""What each node of a cluster must be. Pure: a record in, manifests out."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Mapping

from sparkaas import manifest
from sparkaas import model
from sparkaas.plugins.hadoop import layout
from sparkaas.plugins.hadoop import options
from sparkaas.plugins.hadoop import processes
from sparkaas.plugins.hadoop import releases
from sparkaas.plugins.hadoop import settings
from sparkaas.plugins.hdfs import manifests as hdfs

_YARN = "org.apache.hadoop.yarn.server"
_MAINS = {
    processes.MANAGER: f"{_YARN}.resourcemanager.ResourceManager",
    processes.NODE: f"{_YARN}.nodemanager.NodeManager",
    processes.HISTORY: "org.apache.hadoop.mapreduce.v2.hs.JobHistoryServer",
}


def describe(
    cluster: model.Cluster, version: releases.HadoopVersion
) -> Mapping[str, manifest.Manifest]:
    """The manifest of every wanted instance."""
    return {
        name: node(cluster, group, name, version)
        for name, group in model.wanted_instances(cluster).items()
    }


def node(
    cluster: model.Cluster,
    group: model.NodeGroup,
    name: str,
    version: releases.HadoopVersion,
) -> manifest.Manifest:
    """The manifest of one instance. It names no other instance than the managers of
    its cluster, so that nodes may come and go without a change to those that stay."""
    part = hdfs.node(cluster, group, name)
    files = {file.path: file for file in (*part.files, *_files(cluster, group, name))}
    return manifest.Manifest(
        files=tuple(files.values()),
        directories=(*part.directories, *_directories(group)),
        packages=(version.java, version.hadoop, version.spark),
        services=part.services
        + tuple(
            _SERVICES[process](cluster, group, name)
            for process in processes.of(group)
            if process in _SERVICES
        ),
    )


def ports(cluster: model.Cluster, group: model.NodeGroup, name: str) -> tuple[int, ...]:
    """The TCP ports that a node's services listen on."""
    return hdfs.ports(group) + tuple(
        port
        for process in processes.of(group)
        if process in _SERVICES
        for port in _SERVICES[process](cluster, group, name).ports
    )


def _files(
    cluster: model.Cluster, group: model.NodeGroup, name: str
) -> tuple[manifest.File, ...]:
    files = [
        settings.logging(),
        settings.yarn(cluster, group, name),
        settings.mapreduce(cluster, group),
    ]
    if processes.MANAGER in processes.of(group):
        files += [
            settings.queues(),
            settings.spark(cluster, group),
            settings.spark_logging(),
        ]
    return tuple(files)


def _directories(group: model.NodeGroup) -> list[manifest.Directory]:
    paths = [layout.DATA]
    names = processes.of(group)
    if processes.NODE in names:
        paths += [f"{layout.DATA}/home", *layout.disks(group)]
    if processes.MANAGER in names:
        paths.append(layout.STATE)
    return [manifest.Directory(path, 0o700) for path in paths]


def _manager(
    cluster: model.Cluster, group: model.NodeGroup, name: str
) -> manifest.Service:
    url = f"http://{manifest.address(name)}:{layout.MANAGER_UI}/ws/v1/cluster/info"
    return _service(
        processes.MANAGER,
        name,
        options.number(options.MANAGER_HEAP, cluster, group),
        manifest.Probe(url=url),
        (
            layout.MANAGER,
            layout.SCHEDULER,
            layout.TRACKER,
            layout.ADMINISTRATION,
            layout.MANAGER_UI,
        ),
    )


def _node(
    cluster: model.Cluster, group: model.NodeGroup, name: str
) -> manifest.Service:
    url = f"http://{manifest.address(name)}:{layout.NODE_UI}/ws/v1/node/info"
    return _service(
        processes.NODE,
        name,
        options.number(options.NODE_HEAP, cluster, group),
        manifest.Probe(url=url),
        (layout.NODE, layout.LOCALIZER, layout.NODE_UI),
    )


def _history(
    cluster: model.Cluster, group: model.NodeGroup, name: str
) -> manifest.Service:
    url = f"http://{manifest.address(name)}:{layout.HISTORY_UI}/ws/v1/history/info"
    return _service(
        processes.HISTORY,
        name,
        options.number(options.HISTORY_HEAP, cluster, group),
        manifest.Probe(url=url),
        (layout.HISTORY, layout.HISTORY_ADMINISTRATION, layout.HISTORY_UI),
    )


def _service(
    process: str,
    instance_name: str,
    heap: int,
    probe: manifest.Probe,
    ports: tuple[int, ...],
) -> manifest.Service:
    service = f"hadoop-{process}"
    return manifest.Service(
        name=service,
        argv=hdfs.java(_MAINS[process], heap=heap, service=service),
        environment=layout.environment(instance_name),
        directory=layout.DATA,
        probe=probe,
        ports=ports,
    )


_SERVICES: Mapping[
    str, Callable[[model.Cluster, model.NodeGroup, str], manifest.Service]
] = {
    processes.MANAGER: _manager,
    processes.NODE: _node,
    processes.HISTORY: _history,
}
