# SPDX-License-Identifier: Apache-2.0
"""What a cluster is made of, as resources of Heat templates. Pure.

Resource types and properties: Heat's template guide (HOT version 2018-08-31).
"""

from __future__ import annotations

import dataclasses
from typing import Any

from sparkaas import model
from sparkaas.infra.openstack import names

Resource = dict[str, Any]

#: Seconds for which others may remember a node's DNS record.
_TTL = 300


@dataclasses.dataclass(frozen=True)
class Site:
    """What the operator says of the cloud."""

    #: From where nodes may be reached by SSH: CIDRs.
    ssh_ranges: tuple[str, ...] = ("0.0.0.0/0",)
    #: Nova's policy for nodes that must be apart.
    apart: str = "anti-affinity"
    #: GiB of a volume to boot from where the flavor has no disk.
    boot_volume_size: int = 20
    #: How many stacks Heat lets a project have; 0: nobody knows.
    stacks_per_project: int = 0


def resource(kind: str, /, **properties: Any) -> Resource:
    """One of that type, without the properties that are None."""
    given = {name: value for name, value in properties.items() if value is not None}
    return {"type": kind, "properties": given}


def boot_volume_size(group: model.NodeGroup, site: Site) -> int:
    """GiB of the volume that a group's server boots from."""
    return (group.flavor.disk_gb if group.flavor else 0) or site.boot_volume_size


def shared(cluster: model.Cluster, site: Site) -> dict[str, Resource]:
    """What the nodes have in common."""
    made = {}
    if any(g.auto_security_group for g in model.wanted_instances(cluster).values()):
        made["security-group"] = _security_group(cluster, site)
    if cluster.anti_affinity:
        made["apart"] = resource(
            "OS::Nova::ServerGroup",
            name=names.stack(cluster.id),
            policies=[site.apart],
        )
    return made


def _security_group(cluster: model.Cluster, site: Site) -> Resource:
    """Open to the cluster itself; from outside SSH only."""
    ssh = [
        {
            "protocol": "tcp",
            "port_range_min": 22,
            "port_range_max": 22,
            "remote_ip_prefix": cidr,
        }
        for cidr in site.ssh_ranges
    ]
    inside = {"remote_mode": "remote_group_id"}
    return resource(
        "OS::Neutron::SecurityGroup",
        name=names.stack(cluster.id),
        description=f"sparkaas cluster {cluster.name}",
        rules=[inside, *ssh],
    )


def network(
    cluster: model.Cluster, group: model.NodeGroup, name: str
) -> dict[str, Resource]:
    """Where a node is reached: its port, its floating IP, its DNS record."""
    at = names.key(name)
    made = {
        f"port-{at}": resource(
            "OS::Neutron::Port",
            name=name,
            network=cluster.neutron_management_network,
            security_groups=_groups(group),
        )
    }
    if group.floating_ip_pool:
        made[f"floating-ip-{at}"] = resource(
            "OS::Neutron::FloatingIP",
            floating_network=group.floating_ip_pool,
            port_id={"get_resource": f"port-{at}"},
        )
    if cluster.domain_name:
        made[f"record-{at}"] = _record(cluster, group, name)
    return made


def address(name: str) -> dict[str, Any]:
    """The inner address of a node whose port is in the same template."""
    return {"get_attr": [f"port-{names.key(name)}", "fixed_ips", 0, "ip_address"]}


def floating_address(name: str) -> dict[str, Any]:
    """The same of its floating IP."""
    return {"get_attr": [f"floating-ip-{names.key(name)}", "floating_ip_address"]}


def _groups(group: model.NodeGroup) -> list[Any] | None:
    given: list[Any] = list(group.security_groups or ())
    if group.auto_security_group:
        given.append({"get_resource": "security-group"})
    return given or None


def _record(cluster: model.Cluster, group: model.NodeGroup, name: str) -> Resource:
    """The name leads to where the node is reached: outside, if it can be."""
    zone = f"{(cluster.domain_name or '').rstrip('.')}."
    return resource(
        "OS::Designate::RecordSet",
        zone=zone,
        name=f"{name}.{zone}",
        type="A",
        ttl=_TTL,
        records=[floating_address(name) if group.floating_ip_pool else address(name)],
    )


def machine(
    cluster: model.Cluster,
    group: model.NodeGroup,
    name: str,
    site: Site,
    *,
    port: Any,
    apart: Any,
    user_data: Any,
) -> dict[str, Resource]:
    """A node's server and volumes. ``port`` and ``apart`` lead to its port and to the
    group of servers that must be on different hosts."""
    at = names.key(name)
    made = {}
    if group.boot_from_volume:
        made[f"boot-{at}"] = _boot_volume(cluster, group, name, site)
    is_apart = set(cluster.anti_affinity) & set(group.node_processes)
    boot = {"volume_id": {"get_resource": f"boot-{at}"}, "boot_index": 0}
    made[f"server-{at}"] = resource(
        "OS::Nova::Server",
        name=name,
        image=None if group.boot_from_volume else _image(cluster, group),
        block_device_mapping_v2=[boot] if group.boot_from_volume else None,
        flavor=group.flavor_id,
        availability_zone=group.availability_zone,
        networks=[{"port": port}],
        metadata={names.OWNER: cluster.id, names.INSTANCE: name},
        scheduler_hints={"group": apart} if is_apart else None,
        user_data_format="RAW",
        user_data_update_policy="IGNORE",
        user_data=user_data,
    )
    for number in range(1, group.volumes_per_node + 1):
        made |= _volume(cluster, group, name, number)
    return made


def _image(cluster: model.Cluster, group: model.NodeGroup) -> str | None:
    return group.image_id or cluster.default_image_id


def _boot_volume(
    cluster: model.Cluster, group: model.NodeGroup, name: str, site: Site
) -> Resource:
    return resource(
        "OS::Cinder::Volume",
        name=f"{name}-boot",
        image=_image(cluster, group),
        size=boot_volume_size(group, site),
        volume_type=group.boot_volume_type,
        availability_zone=group.boot_volume_availability_zone,
        metadata={names.OWNER: cluster.id, names.INSTANCE: name},
    )


def _volume(
    cluster: model.Cluster, group: model.NodeGroup, name: str, number: int
) -> dict[str, Resource]:
    at = names.key(name)
    volume = f"volume-{at}-{number}"
    server = {"get_resource": f"server-{at}"}
    hints = {"local_to_instance": server} if group.volume_local_to_instance else None
    metadata = {
        names.OWNER: cluster.id,
        names.INSTANCE: name,
        names.NUMBER: str(number),
    }
    return {
        volume: resource(
            "OS::Cinder::Volume",
            name=f"{name}-{number}",
            size=group.volumes_size,
            volume_type=group.volume_type,
            availability_zone=group.volumes_availability_zone,
            metadata=metadata,
            scheduler_hints=hints,
        ),
        f"attachment-{at}-{number}": resource(
            "OS::Cinder::VolumeAttachment",
            volume_id={"get_resource": volume},
            instance_uuid=server,
        ),
    }


def lost(group: model.NodeGroup, name: str) -> tuple[str, ...]:
    """The resources that make a server of the group, to be made anew when it is lost:
    a disk that it boots from has no use for another one."""
    at = names.key(name)
    server = (f"server-{at}",)
    return (f"boot-{at}", *server) if group.boot_from_volume else server
