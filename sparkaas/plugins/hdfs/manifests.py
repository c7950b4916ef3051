# SPDX-License-Identifier: Apache-2.0
"""What a node needs for HDFS: added by plugins to their manifests. Pure."""

from __future__ import annotations

import pathlib

from sparkaas import manifest
from sparkaas import model
from sparkaas.edp import temporary
from sparkaas.plugins.hdfs import layout
from sparkaas.plugins.hdfs import options
from sparkaas.plugins.hdfs import settings

_START = pathlib.Path(__file__).with_name("start.py")
_SERVER = "org.apache.hadoop.hdfs.server"
_SERVICES = (layout.NAMENODE, layout.DATANODE)


def node(
    cluster: model.Cluster, group: model.NodeGroup, name: str
) -> manifest.Manifest:
    """The part of one instance's manifest that is HDFS's: the clients' configuration
    everywhere, daemons where they are asked for. Empty without an HDFS. The plugin
    sees to the package ``java``."""
    if not layout.has(cluster):
        return manifest.Manifest()
    daemons = [word for word in _SERVICES if word in group.node_processes]
    files = [settings.core_site(cluster), settings.hdfs_site(cluster, group, name)]
    directories = [manifest.Directory(layout.HOME, 0o700)]
    if daemons:
        files.append(manifest.File(f"{layout.CONF}/log4j.properties", settings.LOGGING))
        files.append(manifest.File(f"{layout.CONF}/start.py", _START.read_text()))
    if layout.DATANODE in daemons:
        for disk in layout.disks(group):
            directories.append(manifest.Directory(disk.removesuffix("/data"), 0o700))
            directories.append(manifest.Directory(disk, 0o700))
    return manifest.Manifest(
        files=tuple(files),
        directories=tuple(dict.fromkeys(directories)),
        packages=(layout.PACKAGE,) if daemons else (),
        services=tuple(
            _namenode(cluster, group)
            if word == layout.NAMENODE
            else _datanode(cluster, group, name)
            for word in daemons
        ),
    )


def ports(group: model.NodeGroup) -> tuple[int, ...]:
    """The TCP ports that HDFS's services on a group's nodes listen on."""
    found: tuple[int, ...] = ()
    if layout.NAMENODE in group.node_processes:
        found += (layout.RPC_PORT, layout.WEB_PORT)
    if layout.DATANODE in group.node_processes:
        found += (layout.DATA_PORT, layout.DATA_WEB_PORT, layout.DATA_RPC_PORT)
    return found


def environment() -> dict[str, str]:
    """What a client of HDFS needs in its environment."""
    return {"HADOOP_CONF_DIR": layout.CONF}


def java(main: str, *arguments: str, heap: int, service: str = "") -> tuple[str, ...]:
    """The argv of one of Hadoop's programs, with ``heap`` MB: of a daemon, when it is
    that ``service`` of the node."""
    options_ = [f"-Xmx{heap}m", "-XX:+UseSerialGC", "-Djava.net.preferIPv4Stack=true"]
    if service:
        options_ += [
            "-XX:+ExitOnOutOfMemoryError",
            f"-Dlog4j.configuration=file:{layout.CONF}/log4j.properties",
            temporary.java(manifest.temporary(service)),
        ]
    program = f"{manifest.package('java')}/bin/java"
    return (program, *options_, "-cp", f"{layout.CONF}:{layout.JARS}", main, *arguments)


def _namenode(cluster: model.Cluster, group: model.NodeGroup) -> manifest.Service:
    return _service(
        layout.NAMENODE_SERVICE,
        (layout.NAMENODE, layout.NAMES, layout.EXCLUDE),
        java(
            f"{_SERVER}.namenode.NameNode",
            heap=options.heap(options.NAMENODE_HEAP, cluster, group),
            service=layout.NAMENODE_SERVICE,
        ),
        # It answers over HTTP before it has read what it keeps.
        probe=manifest.Probe(port=layout.RPC_PORT),
        ports=(layout.RPC_PORT, layout.WEB_PORT),
    )


def _datanode(
    cluster: model.Cluster, group: model.NodeGroup, name: str
) -> manifest.Service:
    address = manifest.address(name)
    head = layout.namenode(cluster)
    return _service(
        layout.DATANODE_SERVICE,
        (layout.DATANODE, address, manifest.address(head)),
        java(
            f"{_SERVER}.datanode.DataNode",
            heap=options.heap(options.DATANODE_HEAP, cluster, group),
            service=layout.DATANODE_SERVICE,
        ),
        probe=manifest.Probe(
            url=f"http://{address}:{layout.DATA_WEB_PORT}/jmx?qry=none:*"
        ),
        after=(layout.NAMENODE_SERVICE,) if head == name else (),
        ports=(layout.DATA_PORT, layout.DATA_WEB_PORT, layout.DATA_RPC_PORT),
    )


def _service(
    service: str,
    told: tuple[str, ...],
    program: tuple[str, ...],
    *,
    probe: manifest.Probe,
    ports: tuple[int, ...],
    after: tuple[str, ...] = (),
) -> manifest.Service:
    return manifest.Service(
        name=service,
        argv=("python3", "-I", f"{layout.CONF}/start.py", *told, "--", *program),
        environment={"JAVA_HOME": manifest.package("java")},
        directory=layout.HOME,
        probe=probe,
        after=after,
        ports=ports,
        stop_seconds=20,
    )
