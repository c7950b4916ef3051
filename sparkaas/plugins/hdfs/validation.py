# SPDX-License-Identifier: Apache-2.0
"""Whether a cluster's HDFS can be, and can be resized, before anything is done."""

from __future__ import annotations

from sparkaas import exceptions
from sparkaas import model
from sparkaas.plugins.hdfs import layout
from sparkaas.plugins.hdfs import options


def check(cluster: model.Cluster) -> None:
    """Raise ``exceptions.InvalidRequest`` or a subclass for what cannot be."""
    options.check(cluster)
    names = layout.count(cluster, layout.NAMENODE)
    data = layout.count(cluster, layout.DATANODE)
    if names > 1:
        raise exceptions.InvalidComponentCount(
            f"A cluster has 0 or 1 {layout.NAMENODE}, not {names}"
        )
    if names and not data:
        raise exceptions.RequiredServiceMissing(
            f"{layout.NAMENODE} needs at least 1 {layout.DATANODE}",
            hint="Add a node group with it, or leave both out: neither is needed.",
        )
    if data and not names:
        raise exceptions.RequiredServiceMissing(
            f"{layout.DATANODE} needs {layout.NAMENODE}",
            hint="Add it to the master's node group, or leave both out: neither is "
            "needed.",
        )
    if data and (asked := options.asked_replication(cluster)) > data:
        raise exceptions.InvalidComponentCount(
            f"{asked} replicas of each block need {asked} datanodes; there would be "
            f"{data}",
            hint=f"Keep {asked} datanodes or more, or set "
            f"{options.REPLICATION.name} when the cluster is created.",
        )


def check_resize(cluster: model.Cluster, previous: model.Cluster) -> None:
    """Raise ``exceptions.InvalidRequest`` when fewer datanodes would stay than the user
    wants blocks to have replicas: those that go could not hand theirs over. Who did not
    say how many gets fewer."""
    had, would = (layout.count(one, layout.DATANODE) for one in (previous, cluster))
    replicas = options.asked_replication(previous)
    if would < had and would < replicas:
        raise exceptions.InvalidComponentCount(
            f"Blocks have {replicas} replicas each, and {would} datanodes would stay",
            hint=f"Keep {replicas} datanodes or more. A new cluster can have a "
            f"smaller {options.REPLICATION.name}.",
        )
