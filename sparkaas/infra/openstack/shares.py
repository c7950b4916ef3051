# SPDX-License-Identifier: Apache-2.0
"""Shared file systems of Manila on a cluster's nodes.

A share is there before the cluster and stays after it. The cluster's nodes are let in
one by one, by address, for as long as they are to mount it; each such rule carries the
cluster's id. Only NFS: Sahara's API knows no other.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Collection
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from typing import Any

from sparkaas import exceptions
from sparkaas import model
from sparkaas.infra.openstack import errors
from sparkaas.infra.openstack import names
from sparkaas.infra.openstack import sessions

#: The instance's fact: the ids of the shares that it was let into.
FACT = "shares"
_PROTOCOL = "NFS"
#: States of a rule that the share's backend has not seen to yet.
_COMING = frozenset({"new", "queued_to_apply", "applying"})


def wanted(cluster: model.Cluster, group: model.NodeGroup) -> list[dict[str, Any]]:
    """What a group's nodes mount: their own shares, and the cluster's where no other
    has the path. Pure."""
    found: dict[str, dict[str, Any]] = {}
    for share in (*(group.shares or ()), *(cluster.shares or ())):
        path = share.get("path") or f"/mnt/{share['id']}"
        level = share.get("access_level") or "rw"
        found.setdefault(path, {"id": share["id"], "path": path, "level": level})
    return list(found.values())


def check(cloud: sessions.Cloud, cluster: model.Cluster) -> None:
    """Raise ``exceptions.InvalidRequest`` for a share that cannot be mounted."""
    for id in sorted(_ids(cluster)):
        with errors.explained(f"Looking for the share {id}"):
            share = cloud.sdk.shared_file_system.find_share(id)
        if share is None:
            raise exceptions.InvalidReference(f"There is no share {id}.")
        if share.share_protocol != _PROTOCOL:
            raise exceptions.InvalidRequest(
                f"The share {id} is not of the protocol {_PROTOCOL} but "
                f"{share.share_protocol}."
            )


def admit(
    cloud: sessions.Cloud, cluster: model.Cluster
) -> dict[str, list[dict[str, Any]]]:
    """Let the cluster's nodes into their shares, and nobody of it into others. Return
    what each instance mounts, by name. Raises ``exceptions.Transient`` while a share is
    not open yet."""
    groups = model.wanted_instances(cluster)
    levels: dict[str, dict[str, str]] = {id: {} for id in _known(cluster)}
    for instance in cluster.instances:
        for share in wanted(cluster, groups[instance.name]):
            levels[share["id"]][instance.internal_ip or ""] = share["level"]
    with errors.explained("Letting nodes into shares"):
        sources = {
            id: _open(cloud, cluster.id, id, wanted) for id, wanted in levels.items()
        }
    return {
        instance.name: [
            {
                "kind": _PROTOCOL.lower(),
                "source": sources[share["id"]],
                "path": share["path"],
                "readonly": share["level"] == "ro",
            }
            for share in wanted(cluster, groups[instance.name])
        ]
        for instance in cluster.instances
    }


def dismiss(cloud: sessions.Cloud, cluster: model.Cluster) -> None:
    """Let nobody of the cluster into any share any more."""
    for id in sorted(_known(cluster)):
        with errors.explained(f"Closing the share {id}"):
            for rule in _ours(cloud, cluster.id, id):
                _remove(cloud, id, rule)


def noted(
    cluster: model.Cluster, group: model.NodeGroup, instance: model.Instance
) -> model.Instance:
    """The instance of that group with the shares that it was let into noted. Pure."""
    ids = sorted({share["id"] for share in wanted(cluster, group)})
    if ids == instance.facts.get(FACT, []):
        return instance
    return dataclasses.replace(instance, facts={**instance.facts, FACT: ids})


def _ids(cluster: model.Cluster) -> set[str]:
    return {
        share["id"] for group in cluster.node_groups for share in wanted(cluster, group)
    }


def _known(cluster: model.Cluster) -> set[str]:
    """The shares that are wanted, and those that were."""
    facts = [each.facts.get(FACT, ()) for each in cluster.instances]
    return _ids(cluster).union(*facts)


def _open(
    cloud: sessions.Cloud, cluster_id: str, share_id: str, levels: Mapping[str, str]
) -> str:
    """Make the rules so; where the share is to be had."""
    manila = cloud.sdk.shared_file_system
    for rule in _ours(cloud, cluster_id, share_id):
        if levels.get(rule.access_to) != rule.access_level:
            _remove(cloud, share_id, rule)
    # Whoever lets a node in already cannot be asked for the same again.
    all_ = list(manila.access_rules(share_id))
    there = {r.access_to for r in all_ if levels.get(r.access_to) == r.access_level}
    for address in sorted(levels.keys() - there):
        manila.create_access_rule(
            share_id,
            access_type="ip",
            access_to=address,
            access_level=levels[address],
            metadata={names.OWNER: cluster_id},
        )
    for rule in _ours(cloud, cluster_id, share_id):
        _check_open(share_id, rule)
    return _best(list(manila.export_locations(share_id))) if levels else ""


def _check_open(share_id: str, rule: Any) -> None:
    if rule.state == "error":
        raise exceptions.Permanent(
            f"The share {share_id} cannot be opened to {rule.access_to}.",
            code="SHARE_REFUSED",
            hint="The share's backend refused it: ask the cloud's operator.",
        )
    if rule.state in _COMING:
        raise exceptions.Transient(
            f"The share {share_id} is not open to {rule.access_to} yet.",
            code="SHARE_NOT_OPEN",
        )


def _best(locations: Collection[Any]) -> str:
    """The preferred one of a share's paths."""
    open_ = [each for each in locations if not each.is_admin]
    if not open_:
        raise exceptions.Permanent(
            "A share has no path that it could be mounted from.",
            code="SHARE_REFUSED",
            hint="The share is not exported: ask the cloud's operator.",
        )
    return str(sorted(open_, key=lambda each: not each.is_preferred)[0].path)


def _ours(cloud: sessions.Cloud, cluster_id: str, share_id: str) -> Iterator[Any]:
    found: Iterable[Any] = cloud.sdk.shared_file_system.access_rules(share_id)
    for rule in found:
        if (rule.metadata or {}).get(names.OWNER) == cluster_id:
            yield rule


def _remove(cloud: sessions.Cloud, share_id: str, rule: Any) -> None:
    manila = cloud.sdk.shared_file_system
    manila.delete_access_rule(rule.id, share_id, ignore_missing=True)
