# SPDX-License-Identifier: Apache-2.0
"""Would the cloud take the cluster? What it needs beyond what it has, against what is
left of the project's quotas in Nova, Neutron and Cinder."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping

from sparkaas import exceptions
from sparkaas import model
from sparkaas.infra.openstack import errors
from sparkaas.infra.openstack import sessions

Amounts = Mapping[str, int]


def needs(cluster: model.Cluster) -> dict[str, int]:
    """What a cluster takes in all, by resource; memory in MB, volumes in GB. Pure."""
    wanted = model.wanted_instances(cluster)
    had = {each.name for each in cluster.instances}
    new = [group for name, group in wanted.items() if name not in had]
    amounts = {
        "instances": len(new),
        "cores": sum(g.flavor.vcpus for g in new if g.flavor),
        "ram": sum(g.flavor.ram_mb for g in new if g.flavor),
        "ports": len(new),
        "floating IPs": sum(1 for g in new if g.floating_ip_pool),
        "volumes": sum(g.volumes_per_node for g in new),
        "volume gigabytes": sum(g.volumes_per_node * g.volumes_size for g in new),
    }
    automatic = any(group.auto_security_group for group in wanted.values())
    if automatic and not had:
        amounts["security groups"] = 1
    return {name: amount for name, amount in amounts.items() if amount}


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


def check(cloud: sessions.Cloud, cluster: model.Cluster) -> None:
    """Raise ``exceptions.QuotaExceeded`` naming every shortage."""
    needed = needs(cluster)
    left: dict[str, int] = {}
    for resources, ask in _SOURCES:
        if needed.keys() & resources:
            with errors.explained("Asking for the project's quotas"):
                left |= ask(cloud)
    short = list(shortages(needed, left))
    if short:
        listed = "; ".join(
            f"{each.resource}: {each.needed} needed, {each.left} left" for each in short
        )
        raise exceptions.QuotaExceeded(
            f"The project's quota is too small. {listed}.",
            hint="Take fewer or smaller nodes, delete what is not used, or ask the "
            "cloud's operator for more.",
        )


def _compute(cloud: sessions.Cloud) -> dict[str, int]:
    limits = {each.name: each.value for each in cloud.nova.limits.get().absolute}
    pairs = (
        ("instances", "maxTotalInstances", "totalInstancesUsed"),
        ("cores", "maxTotalCores", "totalCoresUsed"),
        ("ram", "maxTotalRAMSize", "totalRAMUsed"),
    )
    return _left(
        (n, limits.get(most, -1), limits.get(used, 0)) for n, most, used in pairs
    )


def _volume(cloud: sessions.Cloud) -> dict[str, int]:
    limits = {each.name: each.value for each in cloud.cinder.limits.get().absolute}
    pairs = (
        ("volumes", "maxTotalVolumes", "totalVolumesUsed"),
        ("volume gigabytes", "maxTotalVolumeGigabytes", "totalGigabytesUsed"),
    )
    return _left(
        (n, limits.get(most, -1), limits.get(used, 0)) for n, most, used in pairs
    )


def _network(cloud: sessions.Cloud) -> dict[str, int]:
    project = cloud.session.get_project_id()
    quota = cloud.sdk.network.get_quota(project, details=True)
    pairs = (
        ("ports", quota.ports),
        ("floating IPs", quota.floating_ips),
        ("security groups", quota.security_groups),
    )
    return _left(
        (name, each["limit"], each["used"] + int(each.get("reserved") or 0))
        for name, each in pairs
    )


def _left(found: Iterable[tuple[str, int, int]]) -> dict[str, int]:
    """Minus one means unlimited."""
    return {name: most - used for name, most, used in found if most >= 0}


_SOURCES: tuple[tuple[frozenset[str], Callable[[sessions.Cloud], dict[str, int]]], ...]
_SOURCES = (
    (frozenset({"instances", "cores", "ram"}), _compute),
    (frozenset({"volumes", "volume gigabytes"}), _volume),
    (frozenset({"ports", "floating IPs", "security groups"}), _network),
)
