# SPDX-License-Identifier: Apache-2.0
"""Hadoop's configuration files for HDFS. Pure: a record in, texts out."""

from __future__ import annotations

from collections.abc import Mapping

from sparkaas import manifest
from sparkaas import model
from sparkaas.edp import hadoop_xml
from sparkaas.plugins.hdfs import layout
from sparkaas.plugins.hdfs import options

#: The daemons' streams are their logs.
LOGGING = """\
log4j.rootLogger=INFO, console
log4j.appender.console=org.apache.log4j.ConsoleAppender
log4j.appender.console.target=System.err
log4j.appender.console.layout=org.apache.log4j.PatternLayout
log4j.appender.console.layout.ConversionPattern=%d{ISO8601} %p %c{1}: %m%n
log4j.logger.BlockStateChange=WARN
log4j.logger.http.requests=WARN
log4j.logger.org.apache.hadoop.hdfs.StateChange=WARN
log4j.logger.org.apache.hadoop.hdfs.server.datanode.DataNode.clienttrace=WARN
log4j.logger.org.apache.hadoop.util.NativeCodeLoader=ERROR
"""

#: What one who did not ask otherwise gets; a user's settings win.
_DEFAULTS = {
    # Clients and datanodes reach a datanode at the address that it says is its own:
    # what the namenode sees may be another's.
    "dfs.client.use.datanode.hostname": "true",
    "dfs.datanode.use.datanode.hostname": "true",
    # Nobody has to run a name server for addresses.
    "dfs.namenode.datanode.registration.ip-hostname-check": "false",
    # A datanode counts as dead after 2 minutes and 30 seconds, not after 10 minutes.
    "dfs.namenode.heartbeat.recheck-interval": "60000",
    "dfs.namenode.avoid.read.stale.datanode": "true",
    "dfs.namenode.avoid.write.stale.datanode": "true",
    "dfs.namenode.safemode.extension": "5000",
    # A datanode that is to go is looked at often and emptied quickly.
    "dfs.namenode.decommission.interval": "2",
    "dfs.namenode.replication.work.multiplier.per.iteration": "10",
    "dfs.namenode.replication.max-streams": "8",
    "dfs.namenode.replication.max-streams-hard-limit": "16",
    # A writer goes on with the datanodes that are left, as on any small cluster.
    "dfs.client.block.write.replace-datanode-on-failure.best-effort": "true",
    # The node's own processes need some of the disk, too.
    "dfs.datanode.du.reserved.pct": "5",
    # Hadoop's own, 1 GB beyond that, would leave small volumes without a block, and the
    # namenode does not know of it.
    "dfs.datanode.round-robin-volume-choosing-policy.additional-available-space": "0",
    "dfs.webhdfs.rest-csrf.enabled": "true",
}


def core_site(cluster: model.Cluster) -> manifest.File:
    """``core-site.xml``: what daemons and clients go by."""
    values = _literal(options.core(cluster)) | {
        "fs.defaultFS": layout.url(cluster),
        "hadoop.tmp.dir": layout.SCRATCH,
    }
    return manifest.File(f"{layout.CONF}/core-site.xml", hadoop_xml.document(values))


def hdfs_site(
    cluster: model.Cluster, group: model.NodeGroup, name: str
) -> manifest.File:
    """``hdfs-site.xml``. It names no other instance than the namenode, and does not
    depend on the number of datanodes: these come and go."""
    head = manifest.address(layout.namenode(cluster))
    values = {
        "dfs.replication": str(options.asked_replication(cluster) or options.REPLICAS),
        **_DEFAULTS,
        **_literal(options.hdfs(cluster, group)),
        "dfs.namenode.rpc-address": f"{head}:{layout.RPC_PORT}",
        "dfs.namenode.http-address": f"{head}:{layout.WEB_PORT}",
    }
    if layout.NAMENODE in group.node_processes:
        values["dfs.namenode.name.dir"] = f"file://{layout.NAMES}"
        values["dfs.hosts.exclude"] = layout.EXCLUDE
    if layout.DATANODE in group.node_processes:
        own = manifest.address(name)
        values["dfs.datanode.hostname"] = own
        values["dfs.datanode.address"] = f"{own}:{layout.DATA_PORT}"
        values["dfs.datanode.http.address"] = f"{own}:{layout.DATA_WEB_PORT}"
        values["dfs.datanode.ipc.address"] = f"{own}:{layout.DATA_RPC_PORT}"
        values["dfs.datanode.data.dir"] = ",".join(
            f"file://{disk}" for disk in layout.disks(group)
        )
    return manifest.File(f"{layout.CONF}/hdfs-site.xml", hadoop_xml.document(values))


def _literal(users: Mapping[str, str]) -> dict[str, str]:
    return {manifest.literal(k): manifest.literal(v) for k, v in users.items()}
