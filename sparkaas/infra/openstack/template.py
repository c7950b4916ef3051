# SPDX-License-Identifier: Apache-2.0
"""The Heat template of a cluster: a pure function of its record.

Ports come first, so that every address is known to the template before a server boots;
a server's user data has them put in. A server that exists is never rebuilt for other
user data: it has what it needed to become a node, and changes reach it over SSH.

Resource types and properties: Heat's template guide (HOT version 2018-08-31).
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any

from sparkaas import manifest
from sparkaas import model
from sparkaas.infra.openstack import documents
from sparkaas.infra.openstack import userdata

VERSION = "2018-08-31"
#: In the metadata of each server and volume, and as a stack's tag: whose it is.
OWNER = "sparkaas"

Resource = dict[str, Any]


@dataclasses.dataclass(frozen=True)
class Site:
    """What the operator says of the cloud."""

    #: From where nodes may be reached by SSH: CIDRs.
    ssh_ranges: tuple[str, ...] = ("0.0.0.0/0",)


def stack_name(cluster_id: str) -> str:
    """Derived from the id, so that one is found again and never made twice."""
    return f"{OWNER}-{cluster_id}"


def key(instance_name: str) -> str:
    """An instance's name as part of a resource's name."""
    return re.sub(r"[^A-Za-z0-9-]", "-", instance_name)


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
            name=f"{stack_name(cluster.id)}",
            policies=["anti-affinity"],
        )
    for name, group in wanted.items():
        resources |= _node(cluster, group, name, manifests[name], secrets)
        outputs[f"node-{key(name)}"] = {"value": _output(group, name)}
    return {
        "heat_template_version": VERSION,
        "description": f"sparkaas cluster {cluster.id}",
        "resources": resources,
        "outputs": outputs,
    }


def _resource(type: str, depends_on: Sequence[str] = (), **properties: Any) -> Resource:
    made: Resource = {"type": type}
    if depends_on:
        made["depends_on"] = list(depends_on)
    made["properties"] = {k: v for k, v in properties.items() if v is not None}
    return made


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
            name=stack_name(cluster.id),
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
) -> dict[str, Resource]:
    at = key(name)
    port, server = f"port-{at}", f"server-{at}"
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
    apart = set(cluster.anti_affinity) & set(group.node_processes)
    made[server] = _resource(
        "OS::Nova::Server",
        name=name,
        image=group.image_id or cluster.default_image_id,
        flavor=group.flavor_id,
        availability_zone=group.availability_zone,
        networks=[{"port": {"get_resource": port}}],
        metadata={OWNER: cluster.id, "sparkaas-instance": name},
        scheduler_hints={"group": {"get_resource": "apart"}} if apart else None,
        user_data_format="RAW",
        user_data_update_policy="IGNORE",
        user_data=_user_data(cluster, name, wanted, secrets),
    )
    for number in range(1, group.volumes_per_node + 1):
        made |= _volume(cluster, group, at, number)
    return made


def _groups(group: model.NodeGroup) -> list[Any] | None:
    given: list[Any] = list(group.security_groups or ())
    if group.auto_security_group:
        given.append({"get_resource": "security-group"})
    return given or None


def _user_data(
    cluster: model.Cluster,
    name: str,
    wanted: manifest.Manifest,
    secrets: Mapping[str, str],
) -> Any:
    """The user data, the ports' addresses put in by Heat."""
    named = documents.symbols(wanted, "address")
    holders = {other: f"%{cluster.id}/{key(other)}%" for other in {name, *named}}
    text = userdata.render(
        name,
        wanted,
        addresses=holders,
        secrets=secrets,
        user_key=cluster.user_public_key,
    )
    params = {
        holder: {"get_attr": [f"port-{key(other)}", "fixed_ips", 0, "ip_address"]}
        for other, holder in sorted(holders.items())
    }
    return {"str_replace": {"template": text, "params": params}}


def _volume(
    cluster: model.Cluster, group: model.NodeGroup, at: str, number: int
) -> dict[str, Resource]:
    volume = f"volume-{at}-{number}"
    server = {"get_resource": f"server-{at}"}
    hints = {"local_to_instance": server} if group.volume_local_to_instance else None
    return {
        volume: _resource(
            "OS::Cinder::Volume",
            name=f"{at}-{number}",
            size=group.volumes_size,
            volume_type=group.volume_type,
            availability_zone=group.volumes_availability_zone,
            metadata={OWNER: cluster.id},
            scheduler_hints=hints,
        ),
        f"attachment-{at}-{number}": _resource(
            "OS::Cinder::VolumeAttachment",
            volume_id={"get_resource": volume},
            instance_uuid=server,
        ),
    }


def _output(group: model.NodeGroup, name: str) -> dict[str, Any]:
    at = key(name)
    shown: dict[str, Any] = {
        "server": {"get_resource": f"server-{at}"},
        "address": {"get_attr": [f"port-{at}", "fixed_ips", 0, "ip_address"]},
    }
    if group.floating_ip_pool:
        shown["floating_address"] = {
            "get_attr": [f"floating-ip-{at}", "floating_ip_address"]
        }
    return shown
