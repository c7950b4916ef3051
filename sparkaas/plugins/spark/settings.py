# SPDX-License-Identifier: Apache-2.0
"""The configuration files of a node. Pure: a record in, texts out."""

from __future__ import annotations

from collections.abc import Mapping

from sparkaas import manifest
from sparkaas import model
from sparkaas.edp import properties
from sparkaas.edp import temporary
from sparkaas.plugins.spark import layout
from sparkaas.plugins.spark import options
from sparkaas.plugins.spark import processes
from sparkaas.plugins.spark import sizing

#: The error stream of a driver is the user's: only what matters goes there. The
#: daemons' own logs say what they do.
LOGGING = """\
rootLogger.level = warn
rootLogger.appenderRef.stderr.ref = stderr

appender.stderr.type = Console
appender.stderr.name = stderr
appender.stderr.target = SYSTEM_ERR
appender.stderr.layout.type = PatternLayout
appender.stderr.layout.pattern = %d{yyyy-MM-dd HH:mm:ss} %p %c{1}: %m%n%ex

logger.master.name = org.apache.spark.deploy.master
logger.master.level = info
logger.worker.name = org.apache.spark.deploy.worker
logger.worker.level = info
logger.history.name = org.apache.spark.deploy.history.HistoryServer
logger.history.level = info

# Spark runs as well without Hadoop's native library.
logger.native.name = org.apache.hadoop.util.NativeCodeLoader
logger.native.level = error
"""

#: Without these anyone on the network could run code on the cluster.
_SECURITY = {
    "spark.authenticate": "true",
    "spark.network.crypto.enabled": "true",
    "spark.master.rest.enabled": "false",
    "spark.master.ui.decommission.allow.mode": "DENY",
    "spark.ui.killEnabled": "false",
}

_DECOMMISSION = {
    "spark.decommission.enabled": "true",
    "spark.storage.decommission.enabled": "true",
    "spark.storage.decommission.rddBlocks.enabled": "true",
    "spark.storage.decommission.shuffleBlocks.enabled": "true",
    # How often it is looked whether all is handed over; an executor ends after that.
    "spark.storage.decommission.replicationReattemptInterval": "3s",
}

#: A server that lives on gives its executors back while nobody asks anything.
_IDLE = {
    "spark.dynamicAllocation.enabled": "true",
    # Executors hand their shuffle files over when they go (``_DECOMMISSION``).
    "spark.dynamicAllocation.shuffleTracking.enabled": "false",
    "spark.dynamicAllocation.minExecutors": "0",
    "spark.dynamicAllocation.executorIdleTimeout": "30s",
    "spark.dynamicAllocation.cachedExecutorIdleTimeout": "600s",
}


#: Where its worker keeps more of an executor's options, as ``java`` takes it: an
#: executor starts two directories below, and not by which node's settings it does.
_EXECUTORS = "java.options"
_OF_WORKER = f"@../../{_EXECUTORS}"

#: Next to these drivers start.
_WITH_DRIVERS = frozenset(
    {processes.MASTER, processes.CONNECT, processes.THRIFT, processes.NOTEBOOK}
)


def defaults(cluster: model.Cluster, group: model.NodeGroup) -> manifest.File:
    """``spark-defaults.conf``: what daemons, drivers and executors go by.

    Applications' sizes stand only where drivers start, so that a new kind of
    worker leaves the other workers as they are.
    """
    ours = dict(_SECURITY | _DECOMMISSION)
    ours["spark.port.maxRetries"] = "64"
    names = processes.of(group)
    if processes.WORKER in names:
        ours.update(_worker(cluster))
    if processes.MASTER in names:
        ours.update(_master(cluster, group))
    if _WITH_DRIVERS & set(names):
        ours.update(_application(cluster, group))
    if processes.HISTORY in names:
        ours["spark.history.fs.logDirectory"] = f"file:{layout.EVENTS}"
        ours["spark.history.ui.port"] = str(options.number(options.HISTORY_UI, cluster))
        ours["spark.history.fs.cleaner.enabled"] = "true"
    users = options.spark_properties(cluster, group)
    text = _text(ours | {name: manifest.literal(users[name]) for name in users})
    secret = f"spark.authenticate.secret={manifest.secret(layout.AUTH_SECRET)}\n"
    return manifest.File(f"{layout.CONF}/spark-defaults.conf", text + secret, 0o600)


def connect(cluster: model.Cluster, group: model.NodeGroup) -> manifest.File:
    """The Spark Connect server's own properties, its token among them."""
    name = processes.hosts(cluster, processes.CONNECT)[0]
    ours = _long_lived(cluster) | {
        "spark.app.name": "Spark Connect server",
        "spark.connect.grpc.binding.address": manifest.address(name),
        "spark.connect.grpc.binding.port": str(
            options.number(options.CONNECT_PORT, cluster)
        ),
        "spark.ui.port": "4040",
    }
    users = options.spark_properties(cluster, group)
    text = _text({key: value for key, value in ours.items() if key not in users})
    secret = manifest.secret(layout.CONNECT_TOKEN)
    return manifest.File(
        f"{layout.CONF}/connect.properties",
        f"{text}spark.connect.authenticate.token={secret}\n",
        0o600,
    )


def executors(group: model.NodeGroup) -> manifest.File:
    """More of the options of Java for a worker's executors: those that are not the same
    on all nodes. Theirs is the worker's temporary directory."""
    option = temporary.java(manifest.temporary(layout.WORKER))
    return manifest.File(f"{layout.executors(group)}/{_EXECUTORS}", f'"{option}"\n')


def notebook(cluster: model.Cluster, group: model.NodeGroup) -> str:
    """What a notebook's session is given unless it asks for something else."""
    users = options.spark_properties(cluster, group)
    ours = _long_lived(cluster)
    return _text({key: value for key, value in ours.items() if key not in users})


def thrift(cluster: model.Cluster, group: model.NodeGroup) -> manifest.File:
    """The Thrift server's own properties."""
    ours = _long_lived(cluster) | {
        "spark.app.name": "Thrift JDBC/ODBC server",
        "spark.sql.warehouse.dir": f"file:{layout.DATA}/warehouse",
        "spark.ui.port": "4041",
    }
    users = options.spark_properties(cluster, group)
    text = _text({key: value for key, value in ours.items() if key not in users})
    return manifest.File(f"{layout.CONF}/thrift.properties", text, 0o600)


def _long_lived(cluster: model.Cluster) -> dict[str, str]:
    workers = list(processes.groups(cluster, processes.WORKER))
    cores = sizing.executors(cluster, workers).cores or min(
        sizing.worker_cores(cluster, group) for group in workers
    )
    return _IDLE | {"spark.executor.cores": str(cores)}


def _worker(cluster: model.Cluster) -> dict[str, str]:
    seconds = options.number(options.KEEP_SECONDS, cluster)
    if seconds <= 0:
        return {}
    return {
        "spark.worker.cleanup.enabled": "true",
        "spark.worker.cleanup.appDataTtl": str(seconds),
    }


def _master(cluster: model.Cluster, group: model.NodeGroup) -> dict[str, str]:
    # A master that comes back finds its applications and workers again.
    found = {
        "spark.deploy.recoveryMode": "FILESYSTEM",
        "spark.deploy.recoveryDirectory": layout.RECOVERY,
    }
    if processes.HISTORY in processes.of(group):
        found["spark.eventLog.enabled"] = "true"
        found["spark.eventLog.dir"] = f"file:{layout.EVENTS}"
    return found


def _application(cluster: model.Cluster, group: model.NodeGroup) -> dict[str, str]:
    workers = list(processes.groups(cluster, processes.WORKER))
    size = sizing.executors(cluster, workers)
    found = {
        "spark.master": layout.master_url(cluster),
        "spark.driver.defaultJavaOptions": layout.CLASS_ARCHIVE,
        "spark.executor.defaultJavaOptions": f"{layout.CLASS_ARCHIVE} "
        f"-Dlog4j2.configurationFile=file:{layout.LOGGING} {_OF_WORKER}",
        # Where what goes to an object store waits; each JVM has its own directory.
        "spark.hadoop.hadoop.tmp.dir": "${java.io.tmpdir}",
        "spark.driver.memory": f"{sizing.driver_memory(cluster, group)}m",
        "spark.executor.memory": f"{size.memory}m",
    }
    if size.cores:
        found["spark.executor.cores"] = str(size.cores)
    if path := str(options.value(options.CLASS_PATH, cluster)):
        found["spark.executor.extraClassPath"] = manifest.literal(path)
    return found


def _text(settings: Mapping[str, str]) -> str:
    return properties.render(settings)
