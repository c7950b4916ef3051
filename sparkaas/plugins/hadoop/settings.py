# SPDX-License-Identifier: Apache-2.0
"""The files that configure YARN, MapReduce and Spark. Pure: a record in, texts out."""

from __future__ import annotations

from sparkaas import manifest
from sparkaas import model
from sparkaas.edp import hadoop_xml
from sparkaas.edp import properties
from sparkaas.plugins.hadoop import layout
from sparkaas.plugins.hadoop import options
from sparkaas.plugins.hadoop import processes
from sparkaas.plugins.hadoop import sizing
from sparkaas.plugins.hdfs import layout as hdfs_layout
from sparkaas.plugins.hdfs import settings as hdfs

#: Found on each node by its own environment: its place is not the same everywhere.
_CLASS_PATH = f"$HADOOP_CONF_DIR,{hdfs_layout.JARS}"
#: What containers get from their node manager's environment. The paths of their own
#: directories are too long for the sockets that programs make below TMPDIR.
_INHERITED = "JAVA_HOME,HADOOP_CONF_DIR,SPARK_LOCAL_IP,PATH,LANG,TZ,TMPDIR"
#: More than any node has: a request is held to what nodes have anyway.
_NO_LIMIT = 1024 * 1024
#: Containers' logs stay in HDFS for this long.
_KEEP_LOGS = 7 * 24 * 3600

#: Jobs made for Hadoop 1 use its names, and may.
_LOGGING = "log4j.logger.org.apache.hadoop.conf.Configuration.deprecation=ERROR\n"

#: The error stream of a driver is the user's: only what matters goes there.
_SPARK_LOGGING = """\
rootLogger.level = warn
rootLogger.appenderRef.stderr.ref = stderr

appender.stderr.type = Console
appender.stderr.name = stderr
appender.stderr.target = SYSTEM_ERR
appender.stderr.layout.type = PatternLayout
appender.stderr.layout.pattern = %d{yyyy-MM-dd HH:mm:ss} %p %c{1}: %m%n%ex

# Spark runs as well without Hadoop's native library.
logger.native.name = org.apache.hadoop.util.NativeCodeLoader
logger.native.level = error

# An application asks for executors before it may, and again when it may.
logger.yarn.name = \\
  org.apache.spark.scheduler.cluster.YarnSchedulerBackend$YarnSchedulerEndpoint
logger.yarn.level = error
"""

_QUEUES = {
    "yarn.scheduler.capacity.root.queues": "default",
    "yarn.scheduler.capacity.root.default.capacity": "100",
    "yarn.scheduler.capacity.root.default.maximum-capacity": "100",
    # Half of the cluster may be drivers; YARN's tenth is less than one on a small one.
    "yarn.scheduler.capacity.maximum-am-resource-percent": "0.5",
}


def yarn(cluster: model.Cluster, group: model.NodeGroup, name: str) -> manifest.File:
    """``yarn-site.xml`` of one instance."""
    ours = _manager(cluster)
    if processes.NODE in processes.of(group):
        ours |= _node(cluster, group, name)
    users = options.given(options.YARN, cluster, group)
    return manifest.File(
        f"{layout.CONF}/yarn-site.xml", hadoop_xml.document({**ours, **users})
    )


def mapreduce(cluster: model.Cluster, group: model.NodeGroup) -> manifest.File:
    """``mapred-site.xml``."""
    task = sizing.task_memory(cluster)
    ours = {
        "mapreduce.framework.name": "yarn",
        "mapreduce.application.classpath": _CLASS_PATH,
        "mapreduce.map.memory.mb": str(task),
        "mapreduce.map.java.opts": _heap(task),
        "mapreduce.reduce.memory.mb": str(task),
        "mapreduce.reduce.java.opts": _heap(task),
        "yarn.app.mapreduce.am.resource.mb": str(sizing.LEAST_HEAP),
        "yarn.app.mapreduce.am.command-opts": _heap(sizing.LEAST_HEAP),
        # Any: node managers tell which, and nodes may share one machine.
        "mapreduce.shuffle.port": "0",
    }
    if hosts := processes.hosts(cluster, processes.HISTORY):
        at = manifest.address(hosts[0])
        ours |= {
            "mapreduce.jobhistory.address": f"{at}:{layout.HISTORY}",
            "mapreduce.jobhistory.admin.address": (
                f"{at}:{layout.HISTORY_ADMINISTRATION}"
            ),
            "mapreduce.jobhistory.webapp.address": f"{at}:{layout.HISTORY_UI}",
        }
    users = options.given(options.MAPREDUCE, cluster, group)
    return manifest.File(
        f"{layout.CONF}/mapred-site.xml", hadoop_xml.document({**ours, **users})
    )


def queues() -> manifest.File:
    """``capacity-scheduler.xml``: one queue for all."""
    return manifest.File(
        f"{layout.CONF}/capacity-scheduler.xml", hadoop_xml.document(_QUEUES)
    )


def logging() -> manifest.File:
    """What Hadoop's daemons and programs say."""
    return manifest.File(f"{layout.CONF}/log4j.properties", hdfs.LOGGING + _LOGGING)


def spark_logging() -> manifest.File:
    """What drivers and executors say."""
    return manifest.File(f"{layout.SPARK_CONF}/log4j2.properties", _SPARK_LOGGING)


def spark(cluster: model.Cluster, group: model.NodeGroup) -> manifest.File:
    """``spark-defaults.conf`` of the node that drivers start on."""
    size = sizing.executors(cluster)
    share = size.memory + sizing.OVERHEAD
    ours = {
        "spark.master": "yarn",
        # Every node has them: nothing is copied around.
        "spark.yarn.jars": f"local:{manifest.package('spark')}/jars/*",
        "spark.authenticate": "true",
        "spark.network.crypto.enabled": "true",
        "spark.ui.killEnabled": "false",
        "spark.port.maxRetries": "64",
        # A job's driver starts once.
        "spark.yarn.maxAppAttempts": "1",
        "spark.yarn.am.memory": "256m",
        "spark.yarn.am.memoryOverhead": "128m",
        "spark.driver.memory": f"{sizing.LEAST_HEAP}m",
        "spark.driver.memoryOverhead": f"{sizing.OVERHEAD}m",
        "spark.executor.memory": f"{size.memory}m",
        "spark.executor.memoryOverhead": f"{sizing.executor_overhead(share)}m",
        "spark.executor.cores": str(size.cores),
        # As many executors as there is work for; they go when it is done.
        "spark.dynamicAllocation.enabled": "true",
        # Executors hand their shuffle files over when they go.
        "spark.dynamicAllocation.shuffleTracking.enabled": "false",
        "spark.dynamicAllocation.minExecutors": "0",
        "spark.dynamicAllocation.initialExecutors": "1",
        "spark.decommission.enabled": "true",
        "spark.storage.decommission.enabled": "true",
        "spark.storage.decommission.rddBlocks.enabled": "true",
        "spark.storage.decommission.shuffleBlocks.enabled": "true",
    }
    users = options.given(options.SPARK, cluster, group)
    text = properties.render({**ours, **users})
    return manifest.File(f"{layout.SPARK_CONF}/spark-defaults.conf", text)


def _manager(cluster: model.Cluster) -> dict[str, str]:
    """What everyone must know of the resource manager, and what it goes by itself."""
    at = manifest.address(processes.manager(cluster))
    ours = {
        "yarn.resourcemanager.hostname": at,
        "yarn.resourcemanager.address": f"{at}:{layout.MANAGER}",
        "yarn.resourcemanager.scheduler.address": f"{at}:{layout.SCHEDULER}",
        "yarn.resourcemanager.resource-tracker.address": f"{at}:{layout.TRACKER}",
        "yarn.resourcemanager.admin.address": f"{at}:{layout.ADMINISTRATION}",
        "yarn.resourcemanager.webapp.address": f"{at}:{layout.MANAGER_UI}",
        "yarn.resourcemanager.nodes.exclude-path": layout.EXCLUDE,
        # One that comes back finds its applications, which go on meanwhile.
        "yarn.resourcemanager.recovery.enabled": "true",
        "yarn.resourcemanager.store.class": (
            "org.apache.hadoop.yarn.server.resourcemanager.recovery."
            "FileSystemRMStateStore"
        ),
        "yarn.resourcemanager.fs.state-store.uri": f"file://{layout.STATE}",
        "yarn.node-attribute.fs-store.root-dir": f"file://{layout.STATE}/attributes",
        "yarn.node-labels.fs-store.root-dir": f"file://{layout.STATE}/labels",
        "yarn.nm.liveness-monitor.expiry-interval-ms": "120000",
        "yarn.scheduler.minimum-allocation-mb": "128",
        "yarn.scheduler.maximum-allocation-mb": str(_NO_LIMIT),
        "yarn.scheduler.maximum-allocation-vcores": "1024",
        "yarn.application.classpath": _CLASS_PATH,
        "yarn.log-aggregation-enable": "true",
        "yarn.log-aggregation.retain-seconds": str(_KEEP_LOGS),
        "yarn.nodemanager.remote-app-log-dir": "/var/log/hadoop-yarn",
        "yarn.webapp.ui-actions.enabled": "false",
    }
    if hosts := processes.hosts(cluster, processes.HISTORY):
        address = f"{manifest.address(hosts[0])}:{layout.HISTORY_UI}"
        ours["yarn.log.server.url"] = f"http://{address}/jobhistory/logs"
    return ours


def _node(cluster: model.Cluster, group: model.NodeGroup, name: str) -> dict[str, str]:
    at = manifest.address(name)
    disks = layout.disks(group)
    return {
        "yarn.nodemanager.hostname": at,
        "yarn.nodemanager.address": f"{at}:{layout.NODE}",
        "yarn.nodemanager.localizer.address": f"{at}:{layout.LOCALIZER}",
        "yarn.nodemanager.webapp.address": f"{at}:{layout.NODE_UI}",
        "yarn.nodemanager.local-dirs": ",".join(f"{disk}/local" for disk in disks),
        "yarn.nodemanager.log-dirs": ",".join(f"{disk}/logs" for disk in disks),
        "yarn.nodemanager.user-home-dir": f"{layout.DATA}/home",
        "yarn.nodemanager.env-whitelist": _INHERITED,
        "yarn.nodemanager.aux-services": "mapreduce_shuffle",
        "yarn.nodemanager.resource.memory-mb": str(sizing.node_memory(cluster, group)),
        "yarn.nodemanager.resource.cpu-vcores": str(sizing.node_cores(cluster, group)),
        # Java reserves far more address space than it uses.
        "yarn.nodemanager.vmem-check-enabled": "false",
        # YARN's own limit, 90 percent, wastes a tenth of a large disk.
        "yarn.nodemanager.disk-health-checker."
        "max-disk-utilization-per-disk-percentage": "99",
    }


def _heap(container: int) -> str:
    return f"-Xmx{container * 3 // 4}m -XX:+UseSerialGC"
