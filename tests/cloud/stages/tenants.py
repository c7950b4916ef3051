# SPDX-License-Identifier: Apache-2.0
"""Two projects that know nothing of each other, their users, and what they build on.

Each project has a user of its own name (member), ``NAME-reader`` and ``NAME-admin``;
the role ``reader`` on the system has ``system-reader``. ``sparkaas`` is the service's
own user.
"""

import os
import pathlib
import shutil
import subprocess

import connecting
from openstack import exceptions

FLAVORS = (
    ("s.tiny", 512, 1, 3),
    ("s.small", 1024, 1, 3),
    ("s.medium", 2048, 2, 4),
    ("s.large", 4096, 2, 5),
)
#: Project: the range of its network.
PROJECTS = {"demo": "10.20.0.0/24", "other": "10.20.1.0/24"}
KEY = pathlib.Path(os.environ["CLOUD"]) / "id_user"
#: Host end of the outer bridge: nothing answers there on port 53, so that look-ups fail
#: at once instead of in time.
NAME_SERVER = "172.24.4.1"

cloud = connecting.connect("admin", "admin")


def main() -> None:
    """Make all that is missing."""
    for name, memory, cpus, disk in FLAVORS:
        cloud.compute.find_flavor(name) or cloud.compute.create_flavor(
            name=name, ram=memory, vcpus=cpus, disk=disk
        )
    public = cloud.network.find_network("public") or outer()
    if not KEY.exists():
        keygen = shutil.which("ssh-keygen") or "/usr/bin/ssh-keygen"
        subprocess.run([keygen, "-q", "-t", "ed25519", "-N", "", "-f", KEY], check=True)
    identity = cloud.identity
    roles = {role.name: role for role in identity.roles()}
    everyone(identity, roles)
    for name, addresses in PROJECTS.items():
        tenant(connecting.connect(name, name), public, addresses)


def everyone(identity, roles) -> None:
    """Projects and users."""
    admin = identity.find_user("admin")
    for name in PROJECTS:
        project = identity.find_project(name) or identity.create_project(
            name=name, domain_id="default"
        )
        for user, granted in (
            (name, ("member", "heat_stack_owner", "swiftoperator")),
            (f"{name}-reader", ("reader",)),
            (f"{name}-admin", ("admin",)),
        ):
            for role in granted:
                identity.assign_project_role_to_user(
                    project, person(identity, user), roles[role]
                )
        identity.assign_project_role_to_user(project, admin, roles["admin"])
    service = identity.find_project("service")
    for role in ("admin", "service"):
        identity.assign_project_role_to_user(
            service, person(identity, "sparkaas"), roles[role]
        )
    identity.assign_system_role_to_user(
        person(identity, "system-reader"), roles["reader"], "all"
    )


def person(identity, name):
    """The user, made unless it is there."""
    return identity.find_user(name, domain_id="default") or identity.create_user(
        name=name, password=connecting.PASSWORD, domain_id="default"
    )


def outer():
    """The network of the floating IPs; the host is on it."""
    made = cloud.network.create_network(
        name="public",
        provider_network_type="flat",
        provider_physical_network="public",
        is_router_external=True,
    )
    cloud.network.create_subnet(
        name="public-subnet",
        network_id=made.id,
        ip_version=4,
        cidr="172.24.4.0/24",
        gateway_ip="172.24.4.1",
        enable_dhcp=False,
        allocation_pools=[{"start": "172.24.4.10", "end": "172.24.4.250"}],
    )
    return made


def tenant(own, public, addresses: str) -> None:
    """A project's network, router, key and group."""
    network = own.network
    if not network.find_network("private", project_id=own.current_project_id):
        made = network.create_network(name="private")
        subnet = network.create_subnet(
            name="private-subnet",
            network_id=made.id,
            ip_version=4,
            cidr=addresses,
            dns_nameservers=[NAME_SERVER],
        )
        router = network.create_router(
            name="router", external_gateway_info={"network_id": public.id}
        )
        network.add_interface_to_router(router, subnet_id=subnet.id)
    own.compute.find_keypair("user") or own.compute.create_keypair(
        name="user", public_key=KEY.with_suffix(".pub").read_text()
    )
    group = network.find_security_group(
        "ssh-icmp", project_id=own.current_project_id
    ) or network.create_security_group(name="ssh-icmp")
    for protocol, port in (("tcp", 22), ("icmp", None)):
        try:
            network.create_security_group_rule(
                security_group_id=group.id,
                direction="ingress",
                protocol=protocol,
                port_range_min=port,
                port_range_max=port,
            )
        except exceptions.ConflictException:
            continue  # there already


main()
