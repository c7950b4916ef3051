# SPDX-License-Identifier: Apache-2.0
"""What the host ``fleet`` needs in OpenStack.

``fleet.py up`` waits for the host and makes it a zone, an image, and a project with a
user and a network. ``down`` removes these with all that is in the project; ``forget``
then takes the stopped host out of Nova.
"""

import os
import pathlib
import subprocess
import sys
import time

import connecting

NAME = "fleet"
IMAGE = "sparkaas-fleet"
#: As an administrator registers an image for the plugin spark.
REGISTERED = {
    "_sahara_username": "nobody",
    "_sahara_tag_spark": "True",
    f"_sahara_tag_{os.environ['SPARK']}": "True",
}
#: Below the range that never leaves this machine.
ADDRESSES = "10.20.16.0/20"
_SECONDS = 120

cloud = connecting.connect("admin", "admin")


def up() -> None:
    """Make all that is missing."""
    _person()
    own = connecting.connect(NAME, NAME)
    if not own.network.find_network(NAME, project_id=own.current_project_id):
        made = own.network.create_network(name=NAME)
        own.network.create_subnet(
            name=NAME, network_id=made.id, ip_version=4, cidr=ADDRESSES, gateway_ip=None
        )
    if not cloud.image.find_image(IMAGE):
        cloud.image.create_image(
            IMAGE,
            data=b"nobody reads this",
            disk_format="raw",
            container_format="bare",
            visibility="public",
            meta={"hypervisor_type": "fake", **REGISTERED},
        )
    _until(_is_up)
    nova = pathlib.Path(os.environ["ETC"]) / "nova" / "nova.conf"
    program = pathlib.Path(sys.executable).with_name("nova-manage")
    subprocess.run(
        [program, "--config-file", nova, "cell_v2", "discover_hosts"],
        check=True,
        stdout=subprocess.DEVNULL,
    )
    zone = cloud.compute.find_aggregate(NAME) or cloud.compute.create_aggregate(
        name=NAME, availability_zone=NAME
    )
    if NAME not in (zone.hosts or ()):
        cloud.compute.add_host_to_aggregate(zone, NAME)


def down() -> None:
    """Remove the project with what is in it, the image and the zone."""
    project = cloud.identity.find_project(NAME)
    if project:
        _empty(connecting.connect(NAME, NAME))
        for group in cloud.network.security_groups(project_id=project.id):
            cloud.network.delete_security_group(group)
        cloud.identity.delete_user(cloud.identity.find_user(NAME, domain_id="default"))
        cloud.identity.delete_project(project)
    image = cloud.image.find_image(IMAGE)
    if image:
        cloud.image.delete_image(image)
    zone = cloud.compute.find_aggregate(NAME)
    if zone:
        for host in zone.hosts or ():
            cloud.compute.remove_host_from_aggregate(zone, host)
        cloud.compute.delete_aggregate(zone)


def forget() -> None:
    """Take the host out of Nova and Placement."""
    for service in cloud.compute.services(host=NAME):
        cloud.compute.delete_service(service)


def _person() -> None:
    identity = cloud.identity
    project = identity.find_project(NAME) or identity.create_project(
        name=NAME, domain_id="default"
    )
    user = identity.find_user(NAME, domain_id="default") or identity.create_user(
        name=NAME, password=connecting.PASSWORD, domain_id="default"
    )
    for role in ("member", "heat_stack_owner"):
        identity.assign_project_role_to_user(project, user, identity.find_role(role))


def _empty(own) -> None:
    for stack in own.orchestration.stacks():
        own.orchestration.delete_stack(stack)
    _until(lambda: not list(own.orchestration.stacks()))
    for server in own.compute.servers():
        own.compute.delete_server(server)
    _until(lambda: not list(own.compute.servers()))
    project = own.current_project_id
    for port in own.network.ports(project_id=project):
        own.network.delete_port(port)
    for network in own.network.networks(project_id=project):
        own.network.delete_network(network)


def _is_up() -> bool:
    return any(
        each.state == "up"
        for each in cloud.compute.services(binary="nova-compute", host=NAME)
    )


def _until(true) -> None:
    limit = time.monotonic() + _SECONDS
    while not true():
        if time.monotonic() > limit:
            sys.exit(f"Not in time: {NAME}")
        time.sleep(0.5)


{"up": up, "down": down, "forget": forget}[sys.argv[1]]()
