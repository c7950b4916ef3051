# SPDX-License-Identifier: Apache-2.0
"""What an operator makes for the service beside it: a database and a message broker's
virtual host, each with an account that reaches nothing else; a user in Keystone, since
what was lent to one installation is not for another's janitor; the catalog's entry."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import subprocess

import pymysql

from tests.scenario.cloud import openstack_cloud

DATABASE = "127.0.0.1:13306"
BROKER = "127.0.0.1:15674"
TYPE = "data-processing"
_RABBITMQCTL = openstack_cloud.ROOT / "tests" / "cloud" / "parts" / "rabbitmqctl"
_SECONDS = 60


class Accounts:
    """All have the same name and password."""

    def __init__(self, cloud: openstack_cloud.Cloud) -> None:
        self._cloud = cloud
        self.name = f"sparkaas_{secrets.token_hex(4)}"
        self.password = secrets.token_hex(16)
        self._undo = contextlib.ExitStack()

    @property
    def database(self) -> str:
        """Its URL."""
        who = f"{self.name}:{self.password}"
        return f"mysql+pymysql://{who}@{DATABASE}/{self.name}?charset=utf8mb4"

    @property
    def broker(self) -> str:
        """The transport's URL."""
        return f"rabbit://{self.name}:{self.password}@{BROKER}/{self.name}"

    def make(self) -> None:
        """As doc/source/install says."""
        who = f"{self.name}@'%'"
        drop = f"DROP DATABASE IF EXISTS {self.name}", f"DROP USER IF EXISTS {who}"
        self._undo.callback(self._sql, *drop)
        self._sql(
            f"CREATE DATABASE {self.name} CHARACTER SET utf8mb4",
            f"CREATE USER {who} IDENTIFIED BY '{self.password}'",
            f"GRANT ALL ON {self.name}.* TO {who}",
        )
        everything = {"configure": ".*", "write": ".*", "read": ".*"}
        mine = {"user": self.name, "vhost": self.name}
        user = {"name": self.name, "password": self.password, "tags": ""}
        definitions = {
            "vhosts": [{"name": self.name}],
            "users": [user],
            "permissions": [{**mine, **everything}],
        }
        # In one call, each of which starts a virtual machine.
        self._rabbitmqctl("import_definitions", standard_input=json.dumps(definitions))
        self._undo.callback(self._rabbitmqctl, "delete_user", self.name)
        self._undo.callback(self._rabbitmqctl, "delete_vhost", self.name)

        self._make_user()

    def enter_catalog(self, url: str) -> None:
        """The one service of its type."""
        self.leave_catalog()
        self._undo.callback(self.leave_catalog)
        identity = self._cloud.admin.identity
        service = identity.create_service(name="sparkaas", type=TYPE)
        for interface in ("public", "internal", "admin"):
            identity.create_endpoint(
                service_id=service.id,
                interface=interface,
                region_id=openstack_cloud.REGION,
                url=url,
            )

    def leave_catalog(self) -> None:
        """Take every service of that type out; one may be left from a killed run."""
        identity = self._cloud.admin.identity
        for service in identity.services(type=TYPE):
            identity.delete_service(service)

    def remove(self) -> None:
        """Everything that was made, with what is in it."""
        self._undo.close()

    def _make_user(self) -> None:
        identity = self._cloud.admin.identity
        user = identity.create_user(
            name=self.name, password=self.password, domain_id="default"
        )
        self._undo.callback(identity.delete_user, user.id)
        identity.assign_project_role_to_user(
            identity.find_project("service", ignore_missing=False),
            user,
            identity.find_role("service", ignore_missing=False),
        )

    def _sql(self, *statements: str) -> None:
        socket = self._cloud.directory / "run" / "mysql" / "s.sock"
        connection = pymysql.connect(unix_socket=str(socket), user="root")
        with connection, connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)

    def _rabbitmqctl(self, *words: str, standard_input: str = "") -> None:
        done = subprocess.run(
            [_RABBITMQCTL, "--quiet", *words],
            env={**os.environ, "SPARKAAS_CLOUD": str(self._cloud.directory)},
            input=standard_input,
            capture_output=True,
            text=True,
            timeout=_SECONDS,
        )
        assert done.returncode == 0, done.stderr
