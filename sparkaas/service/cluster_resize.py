# SPDX-License-Identifier: Apache-2.0
"""A resize: the node groups that a cluster is to have, from what was asked."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any

from sparkaas import context as contexts
from sparkaas import exceptions
from sparkaas import model
from sparkaas import states
from sparkaas.service import env as environment
from sparkaas.service import node_groups
from sparkaas.service import plugins


def present(cluster: model.Cluster) -> tuple[model.NodeGroup, ...]:
    """The cluster's groups, without those that a resize took to nothing.

    Such a group stays in the record while its last instances go, and has no
    meaning after that.
    """
    if states.cluster_status(cluster) is not states.ClusterStatus.ACTIVE:
        return cluster.node_groups
    inhabited = {instance.node_group_id for instance in cluster.instances}
    return tuple(
        group
        for group in cluster.node_groups
        # A group that was made empty has never been changed.
        if group.count or group.id in inhabited or group.updated_at is None
    )


def resized(
    env: environment.Env,
    context: contexts.RequestContext,
    cluster: model.Cluster,
    body: Mapping[str, Any],
) -> tuple[model.NodeGroup, ...]:
    """The groups that ``body`` asks for. Raises ``exceptions.InvalidRequest`` or a
    subclass."""
    entries = body.get("resize_node_groups", ())
    wanted = {entry["name"]: entry for entry in entries}
    if len(wanted) != len(entries):
        raise exceptions.InvalidReference("A node group is resized twice.")
    groups = present(cluster)
    unknown = sorted(wanted.keys() - {group.name for group in groups})
    if unknown:
        raise exceptions.InvalidReference(
            f"The cluster has no node group {', '.join(unknown)}."
        )
    added = _added(env, context, cluster, body.get("add_node_groups", ()))
    result = (
        *(
            _resize(cluster, group, wanted[group.name])
            if group.name in wanted
            else group
            for group in groups
        ),
        *added,
    )
    node_groups.check_names(result)
    return result


def _added(
    env: environment.Env,
    context: contexts.RequestContext,
    cluster: model.Cluster,
    asked: Sequence[Mapping[str, Any]],
) -> tuple[model.NodeGroup, ...]:
    name, version = cluster.plugin_name, cluster.plugin_version
    made = node_groups.make(env, context, name, version, asked)
    plugin = plugins.require(env, name, version)
    return tuple(
        dataclasses.replace(group, indices=tuple(range(group.count)))
        for group in node_groups.checked(env, plugin, version, made)
    )


def _resize(
    cluster: model.Cluster, group: model.NodeGroup, entry: Mapping[str, Any]
) -> model.NodeGroup:
    count: int = entry["count"]
    chosen = _chosen(cluster, group, entry.get("instances", ()))
    surplus = len(group.indices) - count
    if len(chosen) > max(surplus, 0):
        raise exceptions.InvalidRequest(
            f"{group.name}: {len(chosen)} instances are to go, but only "
            f"{max(surplus, 0)} fewer are asked for."
        )
    kept = [index for index in group.indices if index not in chosen]
    # The chosen ones go, and then the youngest.
    kept = sorted(kept)[:count]
    free = (index for index in itertools.count() if index not in group.indices)
    grown = [*kept, *itertools.islice(free, count - len(kept))]
    return dataclasses.replace(group, count=count, indices=tuple(sorted(grown)))


def _chosen(
    cluster: model.Cluster, group: model.NodeGroup, given: Sequence[str]
) -> frozenset[int]:
    """The indices of the instances given by name, or all by the cloud's id."""
    by_name = {
        model.instance_name(cluster, group, index): index for index in group.indices
    }
    by_id = {
        instance.instance_id: by_name[instance.name]
        for instance in cluster.instances
        if instance.name in by_name
    }
    for known in (by_name, by_id):
        if all(one in known for one in given):
            return frozenset(known[one] for one in given)
    unknown = [one for one in given if one not in by_name and one not in by_id]
    if unknown:
        raise exceptions.InvalidReference(
            f"{group.name}: there is no instance {', '.join(unknown)}."
        )
    raise exceptions.InvalidRequest(
        f"{group.name}: instances are given by name or by id, not both."
    )
