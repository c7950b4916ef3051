# SPDX-License-Identifier: Apache-2.0
"""What each node of a cluster must be. Pure: a record in, manifests out."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Mapping

from sparkaas import manifest
from sparkaas import model
from sparkaas.edp import temporary
from sparkaas.plugins.hdfs import manifests as hdfs
from sparkaas.plugins.spark import layout
from sparkaas.plugins.spark import notebook
from sparkaas.plugins.spark import options
from sparkaas.plugins.spark import processes
from sparkaas.plugins.spark import releases
from sparkaas.plugins.spark import settings
from sparkaas.plugins.spark import sizing

_CLASS = f"{manifest.package('spark')}/bin/spark-class"
_DEPLOY = "org.apache.spark.deploy"
_SETTINGS = ("--properties-file", f"{layout.CONF}/spark-defaults.conf")
#: They do little: what they compile is not worth a second compiler's time at the start.
_QUICK_START = {
    "SPARK_MASTER_OPTS": "-XX:TieredStopAtLevel=1",
    "SPARK_WORKER_OPTS": "-XX:TieredStopAtLevel=1",
}


def describe(
    cluster: model.Cluster, version: releases.SparkVersion
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
    version: releases.SparkVersion,
) -> manifest.Manifest:
    """The manifest of one instance. It names no other instance than the master, so
    that nodes may come and go without a change to those that stay."""
    names = processes.of(group)
    files = [
        settings.defaults(cluster, group),
        manifest.File(layout.LOGGING, settings.LOGGING),
    ]
    if processes.WORKER in names:
        files.append(settings.executors(group))
    if processes.CONNECT in names:
        files.append(settings.connect(cluster, group))
    if processes.THRIFT in names:
        files.append(settings.thrift(cluster, group))
    packages = [version.java, version.spark]
    if processes.NOTEBOOK in names:
        files += notebook.files(cluster, group, name)
        packages.append(notebook.PACKAGE)
    stored = hdfs.node(cluster, group, name)
    return manifest.Manifest(
        files=(*files, *stored.files),
        directories=(*_directories(group), *stored.directories),
        packages=(*packages, *stored.packages),
        services=(
            *stored.services,
            *(
                _SERVICES[process](cluster, group, name)
                for process in names
                if process in _SERVICES
            ),
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


def _directories(group: model.NodeGroup) -> list[manifest.Directory]:
    paths = [layout.DATA]
    names = processes.of(group)
    for disk in layout.disks(group):
        paths += [disk, f"{disk}/local"]
    if processes.WORKER in names:
        paths.append(layout.executors(group))
    if processes.MASTER in names:
        paths.append(layout.RECOVERY)
    if processes.HISTORY in names:
        paths.append(layout.EVENTS)
    if processes.NOTEBOOK in names:
        paths += notebook.DIRECTORIES
    return [manifest.Directory(path, 0o700) for path in dict.fromkeys(paths)]


def _daemon(
    cluster: model.Cluster, group: model.NodeGroup, name: str, service: str
) -> dict[str, str]:
    memory = options.number(options.DAEMON_MEMORY, cluster)
    java = (
        "-XX:+UseSerialGC",
        "-XX:+ExitOnOutOfMemoryError",
        f"-Dlog4j2.configurationFile=file:{layout.LOGGING}",
        layout.CLASS_ARCHIVE,
        temporary.java(manifest.temporary(service)),
    )
    return layout.environment(cluster, group, name) | {
        "SPARK_DAEMON_MEMORY": f"{memory}m",
        "SPARK_DAEMON_JAVA_OPTS": " ".join(java),
        # Spark would put it before its jars, and an archive of classes holds only
        # for a class path that begins with them. So what would be found in it is
        # named, here and by ``_SETTINGS``.
        "SPARK_CONF_DIR": f"{layout.CONF}/none",
    }


def _master(
    cluster: model.Cluster, group: model.NodeGroup, name: str
) -> manifest.Service:
    address = manifest.address(name)
    port = options.number(options.MASTER_PORT, cluster)
    ui = options.number(options.MASTER_UI, cluster)
    return manifest.Service(
        name=layout.MASTER,
        argv=(
            _CLASS,
            f"{_DEPLOY}.master.Master",
            *("--host", address),
            *("--port", str(port)),
            *("--webui-port", str(ui)),
            *_SETTINGS,
        ),
        environment=_daemon(cluster, group, name, layout.MASTER) | _QUICK_START,
        directory=layout.DATA,
        probe=manifest.Probe(url=f"http://{address}:{ui}/json/"),
        ports=(port, ui),
    )


def _worker(
    cluster: model.Cluster, group: model.NodeGroup, name: str
) -> manifest.Service:
    address = manifest.address(name)
    port = options.number(options.WORKER_PORT, cluster)
    ui = options.number(options.WORKER_UI, cluster)
    return manifest.Service(
        name=layout.WORKER,
        argv=(
            _CLASS,
            f"{_DEPLOY}.worker.Worker",
            *("--host", address),
            *("--port", str(port)),
            *("--webui-port", str(ui)),
            *("--cores", str(sizing.worker_cores(cluster, group))),
            *("--memory", f"{sizing.worker_memory(cluster, group)}M"),
            *("--work-dir", layout.executors(group)),
            *_SETTINGS,
            layout.master_url(cluster),
        ),
        environment=_daemon(cluster, group, name, layout.WORKER) | _QUICK_START,
        directory=layout.DATA,
        probe=manifest.Probe(url=f"http://{address}:{ui}/json/"),
        after=_after(group, processes.MASTER),
        # A worker that asks before there is a master asks again 5 to 15 seconds later
        # (Spark's Worker, INITIAL_REGISTRATION_RETRY_INTERVAL_SECONDS).
        awaits=(layout.master_endpoint(cluster),),
        ports=(port, ui),
    )


def _history(
    cluster: model.Cluster, group: model.NodeGroup, name: str
) -> manifest.Service:
    port = options.number(options.HISTORY_UI, cluster)
    url = f"http://{manifest.address(name)}:{port}/api/v1/applications"
    return manifest.Service(
        name=layout.HISTORY,
        argv=(_CLASS, f"{_DEPLOY}.history.HistoryServer", *_SETTINGS),
        environment=_daemon(cluster, group, name, layout.HISTORY),
        directory=layout.DATA,
        probe=manifest.Probe(url=url),
        ports=(port,),
    )


def _connect(
    cluster: model.Cluster, group: model.NodeGroup, name: str
) -> manifest.Service:
    port = options.number(options.CONNECT_PORT, cluster)
    return manifest.Service(
        name=layout.CONNECT,
        argv=(
            *_application("org.apache.spark.sql.connect.service.SparkConnectServer"),
            *("--properties-file", f"{layout.CONF}/connect.properties"),
            "--load-spark-defaults",
            "spark-internal",
        ),
        environment=layout.environment(cluster, group, name)
        | temporary.submits(manifest.temporary(layout.CONNECT)),
        directory=layout.DATA,
        probe=manifest.Probe(port=port),
        after=_after(group, processes.MASTER),
        ports=(port,),
    )


def _thrift(
    cluster: model.Cluster, group: model.NodeGroup, name: str
) -> manifest.Service:
    port = options.number(options.THRIFT_PORT, cluster)
    return manifest.Service(
        name=layout.THRIFT,
        argv=(
            *_application("org.apache.spark.sql.hive.thriftserver.HiveThriftServer2"),
            *("--properties-file", f"{layout.CONF}/thrift.properties"),
            "--load-spark-defaults",
            "spark-internal",
            *("--hiveconf", f"hive.server2.thrift.bind.host={manifest.address(name)}"),
            *("--hiveconf", f"hive.server2.thrift.port={port}"),
        ),
        environment=layout.environment(cluster, group, name)
        | temporary.submits(manifest.temporary(layout.THRIFT)),
        directory=layout.DATA,
        probe=manifest.Probe(port=port),
        after=_after(group, processes.MASTER),
        ports=(port,),
    )


def _application(main_class: str) -> tuple[str, ...]:
    return (_CLASS, f"{_DEPLOY}.SparkSubmit", "--class", main_class)


def _after(group: model.NodeGroup, process: str) -> tuple[str, ...]:
    return (f"spark-{process}",) if process in processes.of(group) else ()


_SERVICES: Mapping[
    str, Callable[[model.Cluster, model.NodeGroup, str], manifest.Service]
] = {
    processes.MASTER: _master,
    processes.WORKER: _worker,
    processes.HISTORY: _history,
    processes.CONNECT: _connect,
    processes.THRIFT: _thrift,
    processes.NOTEBOOK: notebook.service,
}
