# SPDX-License-Identifier: Apache-2.0
"""The processes of a Spark cluster, and where they are wanted."""

from __future__ import annotations

from collections.abc import Mapping

from sparkaas import model
from sparkaas.plugins import processes
from sparkaas.plugins.hdfs import layout as hdfs

MASTER = "master"
WORKER = "slave"
HISTORY = "history-server"
CONNECT = "connect-server"
THRIFT = "thrift-server"
NOTEBOOK = "notebook"
NAMENODE = hdfs.NAMENODE
DATANODE = hdfs.DATANODE

#: Service -> its processes, as clients see it.
SERVICES: Mapping[str, tuple[str, ...]] = {
    "Spark": (MASTER, WORKER, HISTORY, CONNECT, THRIFT, NOTEBOOK),
    "HDFS": (NAMENODE, DATANODE),
}
#: What a group may have whose nodes come and go.
SCALABLE = frozenset({WORKER, DATANODE})

#: Other names that users may write -> the name used here. ``slave`` is what existing
#: templates say.
SYNONYMS: Mapping[str, str] = {"worker": WORKER}

_KNOWN = processes.Known(SERVICES, SCALABLE, SYNONYMS)
of = _KNOWN.of
count = _KNOWN.count
groups = _KNOWN.groups
hosts = _KNOWN.hosts
check_group = _KNOWN.check_group
check_resize = _KNOWN.check_resize


def master(cluster: model.Cluster) -> str:
    """The name of the instance with the master."""
    return hosts(cluster, MASTER)[0]
