# SPDX-License-Identifier: Apache-2.0
"""What a cluster needs beyond what it has, against what is left of the project's
quotas in Nova, Neutron, Cinder and Heat, and of the addresses of its pools."""

from __future__ import annotations

import collections
import dataclasses
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from typing import Any

from sparkaas import exceptions
from sparkaas import model
from sparkaas.infra.openstack import errors
from sparkaas.infra.openstack import resources
from sparkaas.infra.openstack import sessions

Amounts = Mapping[str, int]

#: Rules that Neutron puts into each new security group, beside ours.
_USUAL_RULES = 2
_HINT = (
    "Take fewer or smaller nodes, delete what is not used, or ask the cloud's operator "
    "for more."
)


def growing(cluster: model.Cluster) -> dict[str, model.NodeGroup]:
    """The wanted instances that are not there yet, each with its group. Pure."""
    had = {each.name for each in cluster.instances}
    wanted = model.wanted_instances(cluster)
    return {name: group for name, group in wanted.items() if name not in had}


def needs(cluster: model.Cluster, site: resources.Site) -> dict[str, int]:
    """What a cluster takes in all, by resource; memory in MB, volumes in GB. Pure."""
    new = list(growing(cluster).values())
    amounts: collections.Counter[str] = collections.Counter(
        {
            "instances": len(new),
            "cores": sum(g.flavor.vcpus for g in new if g.flavor),
            "ram": sum(g.flavor.ram_mb for g in new if g.flavor),
            "ports": len(new),
            "floating IPs": sum(1 for g in new if g.floating_ip_pool),
        }
    )
    for group in new:
        for type, size in _volumes(group, site):
            amounts["volumes"] += 1
            amounts["volume gigabytes"] += size
            amounts[_of("volumes", type)] += 1
            amounts[_of("gigabytes", type)] += size
    automatic = any(group.auto_security_group for group in new)
    if not cluster.instances:
        amounts["stacks"] = 1
        amounts["security groups"] = int(automatic)
        rules = _USUAL_RULES + 1 + len(site.ssh_ranges)
        amounts["security group rules"] = rules * int(automatic)
        amounts["server groups"] = int(bool(cluster.anti_affinity))
    apart = set(cluster.anti_affinity)
    members = model.wanted_instances(cluster).values()
    if apart and new:
        amounts["server group members"] = sum(
            bool(apart & set(group.node_processes)) for group in members
        )
    return {name: amount for name, amount in amounts.items() if amount}


def _of(kind: str, type: str) -> str:
    """The resource of volumes of a type; empty: the cloud's default."""
    return f"{kind} of type {type}" if type else f"{kind} of the default type"


def _volumes(group: model.NodeGroup, site: resources.Site) -> Iterator[tuple[str, int]]:
    """The type and size of each volume of a node; an empty type is the default."""
    if group.boot_from_volume:
        size = resources.boot_volume_size(group, site)
        yield group.boot_volume_type or "", size
    for _ in range(group.volumes_per_node):
        yield group.volume_type or "", group.volumes_size


@dataclasses.dataclass(frozen=True)
class Shortage:
    """A resource of which there is too little."""

    resource: str
    needed: int
    left: int


def shortages(needed: Amounts, left: Amounts) -> Iterator[Shortage]:
    """Every resource of which more is needed than left; one without an entry in
    ``left`` is unlimited. Pure."""
    for resource, amount in needed.items():
        if resource in left and amount > left[resource]:
            yield Shortage(resource, amount, max(left[resource], 0))


def check(cloud: sessions.Cloud, cluster: model.Cluster, site: resources.Site) -> None:
    """Raise ``exceptions.QuotaExceeded`` naming every shortage."""
    needed = needs(cluster, site)
    left: dict[str, int] = {}
    for first, ask in _SOURCES.items():
        if first in needed:
            with errors.explained("Asking for the project's quotas"):
                left |= ask(cloud)
    if site.stacks_per_project and "stacks" in needed:
        with errors.explained("Counting the project's stacks"):
            left["stacks"] = site.stacks_per_project - _stacks(cloud)
    _refuse("The project's quota is too small.", shortages(needed, left))


def check_pools(service: sessions.Cloud, cluster: model.Cluster) -> None:
    """Raise ``exceptions.QuotaExceeded`` if a pool has too few free addresses. Only
    asked where the cloud lets the service know."""
    needed = collections.Counter(
        group.floating_ip_pool
        for group in growing(cluster).values()
        if group.floating_ip_pool
    )
    left: dict[str, int] = {}
    for pool in needed:
        with errors.explained(f"Looking for free addresses of {pool}"):
            try:
                free = _free(service, pool)
            except (*errors.FORBIDDEN, *errors.ABSENT):
                # Neutron tells administrators, unless the operator says otherwise.
                continue
        if free is not None:
            left[pool] = free
    _refuse("A pool has too few free addresses.", shortages(needed, left))


def _refuse(sentence: str, short: Iterable[Shortage]) -> None:
    listed = "; ".join(
        f"{each.resource}: {each.needed} needed, {each.left} left" for each in short
    )
    if listed:
        raise exceptions.QuotaExceeded(f"{sentence} {listed}.", hint=_HINT)


def _free(service: sessions.Cloud, pool: str) -> int | None:
    network = service.sdk.network.find_network(pool)
    if network is None:
        return None
    found = service.sdk.network.get_network_ip_availability(network.id)
    return int(found.total_ips) - int(found.used_ips)


def _stacks(cloud: sessions.Cloud) -> int:
    """Heat tells nobody its limit, only how many there are."""
    answer = cloud.sdk.orchestration.get(
        "/stacks", params={"with_count": "true", "limit": 1}
    )
    errors.raise_for(answer)
    return int(answer.json()["count"])


def _compute(cloud: sessions.Cloud) -> dict[str, int]:
    limits = {each.name: each.value for each in cloud.nova.limits.get().absolute}
    pairs = (
        ("instances", "maxTotalInstances", "totalInstancesUsed"),
        ("cores", "maxTotalCores", "totalCoresUsed"),
        ("ram", "maxTotalRAMSize", "totalRAMUsed"),
        ("server groups", "maxServerGroups", "totalServerGroupsUsed"),
        ("server group members", "maxServerGroupMembers", ""),
    )
    return _left(
        (n, limits.get(most, -1), limits.get(used, 0)) for n, most, used in pairs
    )


def _volume(cloud: sessions.Cloud) -> dict[str, int]:
    project = cloud.session.get_project_id()
    found: Mapping[str, Any] = cloud.cinder.quotas.get(project, usage=True).to_dict()
    default = cloud.cinder.volume_types.default().id
    resources = {"volumes": "volumes", "volume gigabytes": "gigabytes"}
    for type in cloud.cinder.volume_types.list():
        for kind in ("volumes", "gigabytes"):
            # A request names a type by its name or its id.
            called = [type.name, type.id, *([""] if type.id == default else [])]
            resources |= {_of(kind, name): f"{kind}_{type.name}" for name in called}
    return _left(
        (name, found[key]["limit"], found[key]["in_use"] + found[key]["reserved"])
        for name, key in resources.items()
        if key in found
    )


def _network(cloud: sessions.Cloud) -> dict[str, int]:
    project = cloud.session.get_project_id()
    quota = cloud.sdk.network.get_quota(project, details=True)
    pairs = (
        ("ports", quota.ports),
        ("floating IPs", quota.floating_ips),
        ("security groups", quota.security_groups),
        ("security group rules", quota.security_group_rules),
    )
    return _left(
        (name, each["limit"], each["used"] + int(each.get("reserved") or 0))
        for name, each in pairs
    )


def _left(found: Iterable[tuple[str, int, int]]) -> dict[str, int]:
    """Minus one means unlimited."""
    return {name: most - used for name, most, used in found if most >= 0}


#: Whom to ask, by a resource that tells whether there is something to ask.
_SOURCES: Mapping[str, Callable[[sessions.Cloud], dict[str, int]]] = {
    "instances": _compute,
    "volumes": _volume,
    "ports": _network,
}
