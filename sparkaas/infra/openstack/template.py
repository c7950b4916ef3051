# SPDX-License-Identifier: Apache-2.0
"""The Heat template of a cluster: a pure function of its record.

Ports come first, so that every address is known to the template before a server boots;
a server's user data has them put in. A server that exists is never rebuilt for other
user data: it has what it needed to become a node, and changes reach it over SSH.

Resource types and properties: Heat's template guide (HOT version 2018-08-31).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from sparkaas import manifest
from sparkaas import model
from sparkaas.infra.openstack import documents
from sparkaas.infra.openstack import names
from sparkaas.infra.openstack import userdata

VERSION = "2018-08-31"
#: Seconds for which others may remember a node's DNS record.
_TTL = 300

Resource = dict[str, Any]


@dataclasses.dataclass(frozen=True)
class Site:
    """What the operator says of the cloud."""

    #: From where nodes may be reached by SSH: CIDRs.
    ssh_ranges: tuple[str, ...] = ("0.0.0.0/0",)
    #: Nova's policy for nodes that must be apart.
    apart: str = "anti-affinity"
    #: GiB of a volume to boot from where the flavor has no disk.
    boot_volume_size: int = 20


def render(
    cluster: model.Cluster,
    manifests: Mapping[str, manifest.Manifest],
    secrets: Mapping[str, str],
    site: Site,
) -> dict[str, Any]:
    """The whole template."""
    wanted = model.wanted_instances(cluster)
    resources: dict[str, Resource] = {}
    outputs: dict[str, Any] = {}
    if any(group.auto_security_group for group in wanted.values()):
        resources |= _security_group(cluster, site)
    if cluster.anti_affinity:
        resources["apart"] = _resource(
            "OS::Nova::ServerGroup",
            name=names.stack(cluster.id),
            policies=[site.apart],
        )
    for name, group in wanted.items():
        resources |= _node(cluster, group, name, manifests[name], secrets, site)
        outputs[f"node-{names.key(name)}"] = {"value": _output(group, name)}
    return {
        "heat_template_version": VERSION,
        "description": f"sparkaas cluster {cluster.id}",
        "resources": resources,
        "outputs": outputs,
    }


def lost_resources(group: model.NodeGroup, instance_name: str) -> tuple[str, ...]:
    """The resources that make a server of the group, to be made anew when it is lost:
    a disk that it boots from has no use for another one."""
    at = names.key(instance_name)
    server = (f"server-{at}",)
    return (f"boot-{at}", *server) if group.boot_from_volume else server


def boot_volume_size(group: model.NodeGroup, site: Site) -> int:
    """GiB of the volume that a group's server boots from."""
    return (group.flavor.disk_gb if group.flavor else 0) or site.boot_volume_size


def _resource(kind: str, /, **properties: Any) -> Resource:
    given = {name: value for name, value in properties.items() if value is not None}
    return {"type": kind, "properties": given}


def _security_group(cluster: model.Cluster, site: Site) -> dict[str, Resource]:
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
    return {
        "security-group": _resource(
            "OS::Neutron::SecurityGroup",
            name=names.stack(cluster.id),
            description=f"sparkaas cluster {cluster.name}",
            rules=[inside, *ssh],
        )
    }


def _node(
    cluster: model.Cluster,
    group: model.NodeGroup,
    name: str,
    wanted: manifest.Manifest,
    secrets: Mapping[str, str],
    site: Site,
) -> dict[str, Resource]:
    at = names.key(name)
    port = f"port-{at}"
    made = {
        port: _resource(
            "OS::Neutron::Port",
            name=name,
            network=cluster.neutron_management_network,
            security_groups=_groups(group),
        )
    }
    if group.floating_ip_pool:
        made[f"floating-ip-{at}"] = _resource(
            "OS::Neutron::FloatingIP",
            floating_network=group.floating_ip_pool,
            port_id={"get_resource": port},
        )
    if cluster.domain_name:
        made[f"record-{at}"] = _record(cluster, group, name)
    if group.boot_from_volume:
        made[f"boot-{at}"] = _boot_volume(cluster, group, name, site)
    user_data = _user_data(cluster, group, name, wanted, secrets)
    made[f"server-{at}"] = _server(cluster, group, name, user_data)
    for number in range(1, group.volumes_per_node + 1):
        made |= _volume(cluster, group, name, number)
    return made


def _server(
    cluster: model.Cluster, group: model.NodeGroup, name: str, user_data: Any
) -> Resource:
    at = names.key(name)
    apart = set(cluster.anti_affinity) & set(group.node_processes)
    boot = {"volume_id": {"get_resource": f"boot-{at}"}, "boot_index": 0}
    return _resource(
        "OS::Nova::Server",
        name=name,
        image=None if group.boot_from_volume else _image(cluster, group),
        block_device_mapping_v2=[boot] if group.boot_from_volume else None,
        flavor=group.flavor_id,
        availability_zone=group.availability_zone,
        networks=[{"port": {"get_resource": f"port-{at}"}}],
        metadata={names.OWNER: cluster.id, names.INSTANCE: name},
        scheduler_hints={"group": {"get_resource": "apart"}} if apart else None,
        user_data_format="RAW",
        user_data_update_policy="IGNORE",
        user_data=user_data,
    )


def _image(cluster: model.Cluster, group: model.NodeGroup) -> str | None:
    return group.image_id or cluster.default_image_id


def _groups(group: model.NodeGroup) -> list[Any] | None:
    given: list[Any] = list(group.security_groups or ())
    if group.auto_security_group:
        given.append({"get_resource": "security-group"})
    return given or None


def _user_data(
    cluster: model.Cluster,
    group: model.NodeGroup,
    name: str,
    wanted: manifest.Manifest,
    secrets: Mapping[str, str],
) -> Any:
    """The user data, the ports' addresses put in by Heat."""
    named = documents.symbols(wanted, "address")
    holders = {other: f"%{cluster.id}/{names.key(other)}%" for other in {name, *named}}
    text = userdata.render(
        name,
        wanted,
        addresses=holders,
        secrets=secrets,
        user_key=cluster.user_public_key,
        hosts=names.hosts(cluster, name),
        volumes=names.mount_points(group),
    )
    params = {holder: _address(other) for other, holder in sorted(holders.items())}
    return {"str_replace": {"template": text, "params": params}}


def _address(name: str) -> dict[str, Any]:
    return {"get_attr": [f"port-{names.key(name)}", "fixed_ips", 0, "ip_address"]}


def _record(cluster: model.Cluster, group: model.NodeGroup, name: str) -> Resource:
    """The name leads to where the node is reached: outside, if it can be."""
    at = names.key(name)
    outside = {"get_attr": [f"floating-ip-{at}", "floating_ip_address"]}
    zone = f"{(cluster.domain_name or '').rstrip('.')}."
    return _resource(
        "OS::Designate::RecordSet",
        zone=zone,
        name=f"{name}.{zone}",
        type="A",
        ttl=_TTL,
        records=[outside if group.floating_ip_pool else _address(name)],
    )


def _boot_volume(
    cluster: model.Cluster, group: model.NodeGroup, name: str, site: Site
) -> Resource:
    return _resource(
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
        volume: _resource(
            "OS::Cinder::Volume",
            name=f"{name}-{number}",
            size=group.volumes_size,
            volume_type=group.volume_type,
            availability_zone=group.volumes_availability_zone,
            metadata=metadata,
            scheduler_hints=hints,
        ),
        f"attachment-{at}-{number}": _resource(
            "OS::Cinder::VolumeAttachment",
            volume_id={"get_resource": volume},
            instance_uuid=server,
        ),
    }


def _output(group: model.NodeGroup, name: str) -> dict[str, Any]:
    at = names.key(name)
    shown: dict[str, Any] = {
        "server": {"get_resource": f"server-{at}"},
        "address": _address(name),
    }
    if group.floating_ip_pool:
        shown["floating_address"] = {
            "get_attr": [f"floating-ip-{at}", "floating_ip_address"]
        }
    return shown
