# SPDX-License-Identifier: Apache-2.0
"""Finds the node of a cluster on which a process runs."""

from __future__ import annotations

from sparkaas import exceptions
from sparkaas import model


def instance(cluster: model.Cluster, process: str) -> model.Instance:
    """The first instance with that process, by the name that records have for it;
    raises ``exceptions.Transient`` while there is none."""
    groups = {
        group.id for group in cluster.node_groups if process in group.node_processes
    }
    for found in cluster.instances:
        if found.node_group_id in groups and found.internal_ip:
            return found
    raise exceptions.Transient(
        f"Cluster {cluster.name} has no node with the process {process} yet"
    )
