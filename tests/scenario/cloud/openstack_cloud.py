# SPDX-License-Identifier: Apache-2.0
"""The OpenStack that the scenarios run on: who is there, and what there is."""

from __future__ import annotations

import functools
import os
import pathlib
from collections.abc import Mapping
from typing import Any

import openstack
import psutil

ROOT = pathlib.Path(__file__).parents[3]
AUTH_URL = "http://127.0.0.1:15000/v3"
REGION = "RegionOne"
IMAGE = "sparkaas-guest"
FLAVOR = "s.small"
#: Of the Spark in the image.
SPARK = "4.1.4"

Inventory = Mapping[str, frozenset[str]]


def directory() -> pathlib.Path:
    """Where the cloud keeps what it writes."""
    return pathlib.Path(os.environ.get("SPARKAAS_CLOUD", ROOT / ".cache" / "cloud"))


def is_up() -> bool:
    """Whether it was brought up, and still is."""
    pid = directory() / "run" / "keystone.pid"
    # Written by its last stage.
    return (directory() / "up").exists() and (
        pid.exists() and psutil.pid_exists(int(pid.read_text()))
    )


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
            self._connections[user, project] = openstack.connect(
                **self.credentials(user, project), region_name=REGION
            )
        return self._connections[user, project]

    def credentials(self, user: str, project: str = "") -> dict[str, str]:
        """What keystoneauth needs for a user."""
        return {
            "auth_url": AUTH_URL,
            "username": user,
            "password": self.password,
            "project_name": project or user.removesuffix("-reader"),
            "user_domain_name": "Default",
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

    def inventory(self) -> Inventory:
        """Everything in every project that a cluster may be made of, by service."""
        admin = self.admin
        volume, network = admin.block_storage, admin.network
        found: dict[str, Any] = {
            "servers": admin.compute.servers(all_projects=True),
            "server groups": admin.compute.server_groups(all_projects=True),
            "ports": network.ports(),
            "floating IPs": network.ips(),
            "security groups": network.security_groups(),
            "volumes": volume.volumes(all_projects=True),
            "snapshots": volume.snapshots(all_projects=True),
            "images": admin.image.images(),
            "trusts": self._trusts(),
            "credentials": admin.identity.credentials(),
        }
        listed = {
            kind: frozenset(each.id for each in things)
            for kind, things in found.items()
        }
        listed["stacks"] = frozenset(self._stacks())
        return listed

    def _stacks(self) -> list[str]:
        stacks: list[str] = []
        for user in ("demo", "other", "admin"):
            stacks += (each.id for each in self.as_user(user).orchestration.stacks())
        return stacks

    def _trusts(self) -> list[Any]:
        """Those for the users of ours: Keystone lists all to its administrator only
        one by one."""
        trusts: list[Any] = []
        for user in ("demo", "other", "sparkaas"):
            project = "service" if user == "sparkaas" else ""
            own = self.as_user(user, project)
            trusts += own.identity.trusts(trustor_user_id=own.current_user_id)
            trusts += own.identity.trusts(trustee_user_id=own.current_user_id)
        return trusts
