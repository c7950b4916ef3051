# SPDX-License-Identifier: Apache-2.0
"""Empties datanodes before they go, and takes new ones in.

The namenode reads from a file which datanodes are to go, when it is told to. It then
copies their blocks to the others and says when every block has its replicas there.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from collections.abc import Collection
from collections.abc import Sequence

from sparkaas import exceptions
from sparkaas import interfaces
from sparkaas import model
from sparkaas.edp import places
from sparkaas.plugins import looks
from sparkaas.plugins.hdfs import layout
from sparkaas.plugins.hdfs import manifests
from sparkaas.plugins.hdfs import options
from sparkaas.plugins.hdfs import replicas
from sparkaas.plugins.hdfs import state

#: For a JVM that starts on a busy node; below the time that a conductor has for a step.
_DEADLINE = 40.0
_FILE_DEADLINE = 10.0
_LIMIT = 1 << 20
_IN_SERVICE = "In Service"


def leave(
    cluster: model.Cluster,
    leaving: Sequence[model.Instance],
    reach: interfaces.Reach,
    free: Callable[
        [model.Cluster, Sequence[model.Instance], interfaces.Reach], model.Outcome
    ],
) -> model.Outcome:
    """Have the datanodes of ``leaving`` emptied while ``free`` frees them of what else
    runs there. Raises as ``drain`` does, before ``free`` tells anybody anything."""
    stored = drain(cluster, leaving, reach)
    freed = free(cluster, leaving, reach)
    if isinstance(freed, model.Done) and stored is not None:
        return stored
    told = stored.facts.get("checkpoint", {}) if stored else replicas.over(cluster)
    checkpoint = {**freed.facts.get("checkpoint", {}), **told}
    return dataclasses.replace(freed, facts={**freed.facts, "checkpoint": checkpoint})


def drain(
    cluster: model.Cluster,
    leaving: Sequence[model.Instance],
    reach: interfaces.Reach,
) -> model.Wait | None:
    """Have the blocks of ``leaving`` copied to the datanodes that stay; None: they
    may go. Raises ``exceptions.Permanent`` when there is no room for the blocks, and
    leaves all datanodes in service then; ``exceptions.Transient`` while the namenode
    does not answer, for without it nobody knows what would be lost."""
    data = {
        group.id
        for group in cluster.node_groups
        if layout.DATANODE in group.node_processes
    }
    going = {each.internal_ip for each in leaving if each.node_group_id in data}
    if not going or not layout.has(cluster):
        return None
    found = state.read(cluster, reach)
    if found.safe_mode:
        return model.Wait(looks.SECONDS, "the namenode to leave its safe mode")
    known = found.by_host()
    empty = [known[host] for host in going if host in known]
    # One that the namenode does not know may not have come back yet.
    lost = found.missing if len(empty) < len(going) else 0
    if not lost and all(node.decommissioned for node in empty):
        return None
    staying = _addresses(cluster) - going
    begun = all(node.admin != _IN_SERVICE for node in empty)
    kept = [known[host] for host in staying if host in known]
    if lack := _lack(empty, kept, options.asked_replication(cluster), begun):
        _exclude(
            cluster, reach, found, {each.internal_ip for each in cluster.instances}
        )
        raise exceptions.Permanent(
            lack,
            code="HDFS_FULL",
            hint="Remove files, or add datanodes first. No datanode was taken out of "
            "service.",
        )
    _exclude(cluster, reach, found, staying)
    lowered = replicas.follow(cluster, reach, anew=not begun)
    left = len(going) - sum(node.decommissioned for node in empty)
    return model.Wait(
        looks.SECONDS,
        f"{left} leaving datanodes to hand over their blocks; {found.lacking} of "
        f"{found.blocks} blocks need more replicas",
        {"checkpoint": lowered},
    )


def settle(cluster: model.Cluster, reach: interfaces.Reach) -> None:
    """Have every wanted datanode in service, and no other. Raises
    ``exceptions.Transient``."""
    if layout.has(cluster):
        found = state.read(cluster, reach)
        _exclude(cluster, reach, found, _addresses(cluster))


def _addresses(cluster: model.Cluster) -> set[str | None]:
    """Of the wanted instances."""
    wanted = model.wanted_instances(cluster)
    return {each.internal_ip for each in cluster.instances if each.name in wanted}


def _lack(
    empty: Sequence[state.Datanode],
    staying: Sequence[state.Datanode],
    asked: int,
    begun: bool,
) -> str:
    """A sentence when the blocks do not fit, of which there are as many replicas as
    ``asked`` for, if any were. What one that leaves holds does not become less while it
    is copied: once begun, only a last free byte tells."""
    room = sum(node.remaining for node in staying if node.live)
    goes, stays = (sum(node.used for node in nodes) for nodes in (empty, staying))
    had = asked or min(options.REPLICAS, max(1, len(empty) + len(staying)))
    need = (goes + stays) * min(had, len(staying)) // had - stays
    if (1 if begun else need) <= room:
        return ""
    return (
        f"The datanodes that would stay have {room >> 20} MB of room; those that are "
        f"to go hold {goes >> 20} MB."
    )


def _exclude(
    cluster: model.Cluster,
    reach: interfaces.Reach,
    found: state.State,
    staying: Collection[str | None],
) -> None:
    """Have all datanodes that the namenode knows leave, but those at ``staying``."""
    out = [node for node in found.datanodes if node.host not in staying]
    kept = {node.key for node in found.datanodes if node.host in staying}
    wanted = "".join(f"{key}\n" for key in sorted({n.key for n in out} - kept))
    remote = reach.to(cluster, places.instance(cluster, layout.NAMENODE))
    path = remote.expand(layout.EXCLUDE)
    written = wanted.encode() != _read(remote, path)
    if written:
        remote.write_file(path, [wanted.encode()], deadline=_FILE_DEADLINE)
    # The file may have been written by one who died before the namenode was told.
    untold = any(
        node.live and (node.admin == _IN_SERVICE) == (node.host not in staying)
        for node in found.datanodes
    )
    if written or untold:
        _tell(remote)


def _read(remote: interfaces.Remote, path: str) -> bytes:
    try:
        return remote.read_file(path, limit=_LIMIT, deadline=_FILE_DEADLINE)
    except exceptions.NotFound:
        return b""


def _tell(remote: interfaces.Remote) -> None:
    argv = manifests.java(
        "org.apache.hadoop.hdfs.tools.DFSAdmin", "-refreshNodes", heap=128
    )
    done = remote.run([remote.expand(word) for word in argv], deadline=_DEADLINE)
    if done.exit_code:
        said = (done.stderr + done.stdout).decode(errors="replace").strip()
        raise exceptions.Transient(
            f"The namenode does not take its list of datanodes: {said[-300:]}"
        )
