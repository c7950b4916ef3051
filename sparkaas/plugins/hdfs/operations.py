# SPDX-License-Identifier: Apache-2.0
"""What is asked of a running HDFS: is it well, where is it."""

from __future__ import annotations

from sparkaas import exceptions
from sparkaas import interfaces
from sparkaas import model
from sparkaas.edp import places
from sparkaas.plugins import checks
from sparkaas.plugins.hdfs import layout
from sparkaas.plugins.hdfs import state

#: Seconds without a heartbeat after which a datanode is missed. The namenode itself
#: neither reads from nor writes to such a one.
_SILENT = 30
_NAMENODE = "HDFS namenode"
_DATANODES = "HDFS datanodes"
_BLOCKS = "HDFS blocks"


def health(cluster: model.Cluster, reach: interfaces.Reach) -> tuple[model.Check, ...]:
    """The namenode answers and takes writes, every wanted datanode is there, and no
    block is without a replica. Nothing to say of a cluster without an HDFS."""
    if not layout.has(cluster):
        return ()
    try:
        found = state.read(cluster, reach)
    except exceptions.SparkaasError as error:
        why = "Unknown while the namenode does not answer."
        return (
            checks.red(_NAMENODE, f"The namenode does not answer: {error.message}"),
            checks.red(_DATANODES, why),
            checks.red(_BLOCKS, why),
        )
    return (_namenode(found), _datanodes(cluster, found), _blocks(found))


def info(cluster: model.Cluster) -> dict[str, dict[str, str]]:
    """HDFS's addresses, for the cluster's users; empty without an HDFS."""
    if not layout.has(cluster):
        return {}
    head = places.instance(cluster, layout.NAMENODE)
    outside = head.management_ip or head.internal_ip
    return {
        "HDFS": {
            "NameNode": f"hdfs://{head.internal_ip}:{layout.RPC_PORT}",
            "Web UI": f"http://{outside}:{layout.WEB_PORT}",
        }
    }


def missing(cluster: model.Cluster, found: state.State) -> list[str]:
    """The wanted datanodes that the namenode has not heard of lately."""
    address = {each.name: each.internal_ip for each in cluster.instances}
    heard = {
        each.host for each in found.datanodes if each.live and each.silent < _SILENT
    }
    wanted = layout.hosts(cluster, layout.DATANODE)
    return [name for name in wanted if address.get(name) not in heard]


def _namenode(found: state.State) -> model.Check:
    if found.safe_mode:
        why = " ".join(found.safe_mode.split())
        return checks.yellow(_NAMENODE, f"HDFS can only be read: {why}")
    return checks.green(_NAMENODE, "The namenode is active.")


def _datanodes(cluster: model.Cluster, found: state.State) -> model.Check:
    wanted = len(layout.hosts(cluster, layout.DATANODE))
    gone = missing(cluster, found)
    return checks.all_of(_DATANODES, wanted, "datanodes are live", gone)


def _blocks(found: state.State) -> model.Check:
    if found.missing:
        files = ", ".join(found.lost[:3])
        return checks.red(
            _BLOCKS,
            f"{found.missing} of {found.blocks} blocks have no replica left"
            + (f", among others of {files}" if files else "")
            + ". Bring the datanodes back that had them, or remove the files "
            "(hdfs fsck / -delete) and write them again.",
        )
    lacking = f"; {found.lacking} have too few replicas" if found.lacking else ""
    return checks.green(_BLOCKS, f"All {found.blocks} blocks can be read{lacking}.")
