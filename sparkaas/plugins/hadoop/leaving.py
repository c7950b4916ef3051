# SPDX-License-Identifier: Apache-2.0
"""Node managers that go: told so, and waited for."""

from __future__ import annotations

from collections.abc import Sequence

from sparkaas import exceptions
from sparkaas import interfaces
from sparkaas import model
from sparkaas.edp import places
from sparkaas.plugins import looks
from sparkaas.plugins.hadoop import layout
from sparkaas.plugins.hadoop import operations
from sparkaas.plugins.hadoop import options
from sparkaas.plugins.hadoop import processes
from sparkaas.plugins.hdfs import decommission as hdfs_decommission
from sparkaas.plugins.hdfs import manifests as hdfs

_WRITE_DEADLINE = 30.0
#: A JVM starts and asks one question.
_ADMIN_DEADLINE = 60.0
_ADMIN = "org.apache.hadoop.yarn.client.cli.RMAdminCLI"
_ADMIN_HEAP = 64
#: Where ``decommission`` counts its looks, in the cluster's checkpoint.
_LOOKS = "yarn_decommission_looks"
#: States of a node manager that has, or may still have, containers.
_BUSY = frozenset({operations.RUNNING, "NEW", "UNHEALTHY", "DECOMMISSIONING"})


def decommission(
    cluster: model.Cluster,
    leaving: Sequence[model.Instance],
    reach: interfaces.Reach,
) -> model.Outcome:
    """Have datanodes emptied and node managers freed, side by side. What YARN loses it
    starts again, so containers have a limited time; blocks of HDFS have not."""
    return hdfs_decommission.leave(cluster, leaving, reach, _free)


def _free(
    cluster: model.Cluster,
    leaving: Sequence[model.Instance],
    reach: interfaces.Reach,
) -> model.Outcome:
    """Have leaving nodes get no more containers, and see the ones they have end.

    After the option's time, or without a resource manager to ask, they go all the
    same.
    """
    try:
        states = operations.leaving_states(
            leaving, operations.node_states(cluster, reach)
        )
    except exceptions.SparkaasError:
        return looks.over(_LOOKS)
    seconds = options.number(options.DECOMMISSION_SECONDS, cluster)
    if any(state in _BUSY - {"DECOMMISSIONING"} for state in states.values()):
        _exclude(cluster, [each for each in leaving if each.name in states], reach)
    busy = [name for name, state in states.items() if state in _BUSY]
    waits_for = f"{len(busy)} leaving nodes to end their containers" if busy else ""
    return looks.outcome(cluster, _LOOKS, seconds, waits_for)


def readmit(cluster: model.Cluster, reach: interfaces.Reach) -> None:
    """Let the addresses of nodes that went be used again, and have every wanted
    datanode in service. Without anything to forget, nothing is done. Raises
    ``exceptions.Transient``."""
    hdfs_decommission.settle(cluster, reach)
    try:
        if "DECOMMISSIONED" not in operations.node_states(cluster, reach).values():
            return
    except exceptions.SparkaasError:
        return  # health says so
    _exclude(cluster, [], reach)


def _exclude(
    cluster: model.Cluster,
    leaving: Sequence[model.Instance],
    reach: interfaces.Reach,
) -> None:
    """Make ``leaving`` the nodes that are to go. Raises ``exceptions.Transient``."""
    manager = places.instance(cluster, processes.MANAGER)
    remote = reach.to(cluster, manager)
    text = "".join(f"{each.internal_ip}\n" for each in leaving)
    remote.write_file(
        remote.expand(layout.EXCLUDE),
        [text.encode()],
        mode=0o644,
        deadline=_WRITE_DEADLINE,
    )
    seconds = max(1, options.number(options.DECOMMISSION_SECONDS, cluster))
    argv = hdfs.java(
        _ADMIN, "-refreshNodes", "-g", str(seconds), "-server", heap=_ADMIN_HEAP
    )
    done = remote.run([remote.expand(word) for word in argv], deadline=_ADMIN_DEADLINE)
    if done.exit_code != 0:
        last = done.stderr.decode("utf-8", "replace").strip().rpartition("\n")[2]
        raise exceptions.Transient(f"YARN did not take its nodes anew: {last}")
