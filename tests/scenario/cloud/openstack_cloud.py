# SPDX-License-Identifier: Apache-2.0
"""The OpenStack that the scenarios run on: who is there, and what there is."""

from __future__ import annotations

import functools
import os
import pathlib
from collections.abc import Iterable
from collections.abc import Mapping
from typing import Any

import openstack
import requests
from keystoneauth1 import identity
from keystoneauth1 import session

ROOT = pathlib.Path(__file__).parents[3]
AUTH_URL = "http://127.0.0.1:15000/v3"
REGION = "RegionOne"
IMAGE = "sparkaas-guest"
FLAVOR = "s.small"
#: Each has a member of its own name.
PROJECTS = ("demo", "other")
#: Of the Spark in the image.
SPARK = "4.1.4"

Inventory = Mapping[str, frozenset[str]]


def directory() -> pathlib.Path:
    """Where the cloud keeps what it writes."""
    return pathlib.Path(os.environ.get("SPARKAAS_CLOUD", ROOT / ".cache" / "cloud"))


def is_up() -> bool:
    """Whether it was brought up, and still is."""
    # Written by its last stage.
    if not (directory() / "up").exists():
        return False
    try:
        return requests.get(AUTH_URL, timeout=30).ok
    except requests.RequestException:
        return False


class Cloud:
    """The cloud as its administrator and as its users see it."""

    def __init__(self) -> None:
        self.directory = directory()
        self.password = (self.directory / "password").read_text().strip()
        self.key = self.directory / "id_user"
        self._connections: dict[tuple[str, str], openstack.connection.Connection] = {}

    def as_user(self, user: str, project: str = "") -> openstack.connection.Connection:
        """A connection; the project is that of the user's name unless it is said."""
        if (user, project) not in self._connections:
            auth = identity.Password(**self.credentials(user, project))
            self._connections[user, project] = openstack.connection.Connection(
                session=session.Session(auth=auth), region_name=REGION
            )
        return self._connections[user, project]

    def credentials(self, user: str, project: str = "") -> dict[str, str]:
        """What keystoneauth needs for a user; ``system`` is the project of none."""
        who = {
            "auth_url": AUTH_URL,
            "username": user,
            "password": self.password,
            "user_domain_name": "Default",
        }
        if project == "system":
            return {**who, "system_scope": "all"}
        return {
            **who,
            "project_name": project or user.partition("-")[0],
            "project_domain_name": "Default",
        }

    def environment(self, user: str) -> dict[str, str]:
        """What the command line needs for a user."""
        named = {f"OS_{k.upper()}": v for k, v in self.credentials(user).items()}
        return {**named, "OS_REGION_NAME": REGION, "OS_IDENTITY_API_VERSION": "3"}

    @functools.cached_property
    def admin(self) -> openstack.connection.Connection:
        return self.as_user("admin", "admin")

    def id(self, kind: str, name: str, user: str = "demo") -> str:
        """The id of an image, a flavor or a network."""
        one = self.as_user(user)
        find = {
            "image": one.image.find_image,
            "flavor": one.compute.find_flavor,
            "network": one.network.find_network,
        }[kind]
        return str(find(name, ignore_missing=False).id)

    def inventory(self, user: str) -> Inventory:
        """What there is in the project of the user, and beside it for the sake of one
        of its clusters, by kind."""
        own, admin = self.as_user(user), self.admin
        project, person = own.current_project_id, own.current_user_id
        of_project = {"all_projects": True, "project_id": project}
        network, volume = admin.network, admin.block_storage
        heat = admin.identity.find_domain("heat", ignore_missing=False)
        found: dict[str, Iterable[Any]] = {
            "servers": admin.compute.servers(**of_project),
            "server groups": own.compute.server_groups(),
            "key pairs": own.compute.keypairs(),
            "ports": network.ports(project_id=project),
            "networks": network.networks(project_id=project),
            "floating IPs": network.ips(project_id=project),
            "security groups": network.security_groups(project_id=project),
            "volumes": volume.volumes(**of_project),
            "snapshots": volume.snapshots(**of_project),
            "images": admin.image.images(),
            "stacks": own.orchestration.stacks(),
            "containers": own.object_store.containers(),
            "trusts": own.identity.trusts(trustor_user_id=person),
            "application credentials": own.identity.application_credentials(person),
            "credentials": admin.identity.credentials(user_id=person),
            # Heat makes one for each stack.
            "stacks' projects": [
                each
                for each in admin.identity.projects(domain_id=heat.id)
                if each.name.startswith(project)
            ],
        }
        return {
            kind: frozenset(str(each.id or each.name) for each in things)
            for kind, things in found.items()
        }
