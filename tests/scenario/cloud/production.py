# SPDX-License-Identifier: Apache-2.0
"""The service in the shape that it has in production: the API under uWSGI in two worker
processes, two conductors, MariaDB, RabbitMQ and Keystone."""

from __future__ import annotations

import os
import pathlib
import signal
import socket
import subprocess
import sys
import uuid

import pymysql
import requests

from tests.scenario import harness
from tests.scenario.cloud import openstack_cloud

BIN = pathlib.Path(sys.executable).parent
_SECONDS = 60
_CONF = """\
[DEFAULT]
debug = true
log_file = {state}/{{name}}.log
transport_url = rabbit://sparkaas:{password}@127.0.0.1:15674/

[service]
infrastructure = openstack
state_path = {state}

[api]
auth = keystone

[database]
connection = mysql+pymysql://sparkaas:{password}@127.0.0.1:13306/{database}

[spark]
version_files = {state}/versions.yaml

[keystone_authtoken]
www_authenticate_uri = {auth_url}
{service_user}

[openstack]
region_name = RegionOne
{service_user}
"""
_USER = """\
auth_type = password
auth_url = {auth_url}
username = sparkaas
password = {password}
project_name = service
user_domain_name = Default
project_domain_name = Default
"""
_UWSGI = """\
[uwsgi]
module = sparkaas.cmd.wsgi:application
virtualenv = {virtualenv}
env = OS_SPARKAAS_CONFIG_DIR={state}
env = OS_SPARKAAS_CONFIG_FILES=api.conf
http-socket = 127.0.0.1:{port}
processes = 2
threads = 8
enable-threads = true
master = true
need-app = true
die-on-term = true
buffer-size = 65535
"""


class Production:
    """Both conductors and the API. Each can be stopped, killed and started again."""

    CONDUCTORS = ("conductor-1", "conductor-2")

    def __init__(self, cloud: openstack_cloud.Cloud, state: pathlib.Path) -> None:
        self.cloud = cloud
        self.state = state
        self.port = _free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._database = f"sparkaas_{uuid.uuid4().hex[:8]}"
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    def set_up(self) -> None:
        """Database, configuration, catalog; then start everything."""
        self._sql(f"CREATE DATABASE {self._database} CHARACTER SET utf8mb4")
        self.state.mkdir(parents=True, exist_ok=True)
        (self.state / "versions.yaml").write_text(
            f'versions:\n  - version: "{openstack_cloud.SPARK}"\n'
        )
        known = {
            "state": self.state,
            "password": self.cloud.password,
            "database": self._database,
            "auth_url": openstack_cloud.AUTH_URL,
        }
        text = _CONF.format(service_user=_USER.format(**known), **known)
        for name in ("api", "manage", *self.CONDUCTORS):
            file = self.state / f"{name}.conf"
            file.touch(0o600)
            file.write_text(text.format(name=name))
        (self.state / "uwsgi.ini").write_text(
            _UWSGI.format(virtualenv=sys.prefix, state=self.state, port=self.port)
        )
        subprocess.run(
            [
                BIN / "sparkaas-manage",
                "--config-file",
                self._conf("manage"),
                "db",
                "sync",
            ],
            check=True,
            env=_environment(),
            timeout=_SECONDS,
        )
        self._enter_catalog()
        for name in ("api", *self.CONDUCTORS):
            self.start(name)

    def tear_down(self) -> None:
        """Stop everything; leave no trace in the cloud."""
        for name in list(self._running):
            self.stop(name)
        self._leave_catalog()
        self._sql(f"DROP DATABASE IF EXISTS {self._database}")

    def start(self, name: str) -> None:
        """``api``, ``conductor-1`` or ``conductor-2``."""
        program = [str(BIN / "sparkaas-conductor"), "--config-file", self._conf(name)]
        if name == "api":
            uwsgi = str(self.cloud.directory / "venv" / "bin" / "uwsgi")
            program = [uwsgi, "--ini", str(self.state / "uwsgi.ini")]
        with (self.state / f"{name}.out").open("ab") as out:
            self._running[name] = subprocess.Popen(
                program,
                env=_environment(),
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                start_new_session=True,
            )
        if name == "api":
            harness.wait_for(self._answers, _SECONDS, f"the API answers: {self.state}")

    def stop(self, name: str, number: int = signal.SIGTERM) -> None:
        """Send the signal and wait for the end; KILL takes uWSGI's workers too."""
        process = self._running.pop(name)
        if number == signal.SIGKILL:
            os.killpg(process.pid, number)
        else:
            process.send_signal(number)
        process.wait(_SECONDS)

    def kill(self, name: str) -> None:
        """``kill -9``."""
        self.stop(name, signal.SIGKILL)

    def log(self, name: str) -> str:
        """What one of them wrote."""
        file = self.state / f"{name}.log"
        return file.read_text() if file.exists() else ""

    def _conf(self, name: str) -> str:
        return str(self.state / f"{name}.conf")

    def _answers(self) -> bool:
        process = self._running["api"]
        assert process.poll() is None, (self.state / "api.out").read_text()[-4000:]
        try:
            answer = requests.get(f"{self.url}/healthcheck", timeout=5)
        except requests.ConnectionError:
            return False
        return answer.status_code == 200

    def _sql(self, statement: str) -> None:
        connection = pymysql.connect(
            host="127.0.0.1",
            port=13306,
            user="sparkaas",
            password=self.cloud.password,
        )
        with connection, connection.cursor() as cursor:
            cursor.execute(statement)

    def _enter_catalog(self) -> None:
        self._leave_catalog()
        identity = self.cloud.admin.identity
        service = identity.create_service(name="sparkaas", type="data-processing")
        for interface in ("public", "internal", "admin"):
            identity.create_endpoint(
                service_id=service.id,
                interface=interface,
                region_id=openstack_cloud.REGION,
                url=self.url,
            )

    def _leave_catalog(self) -> None:
        identity = self.cloud.admin.identity
        for service in identity.services(type="data-processing"):
            identity.delete_service(service)


def _environment() -> dict[str, str]:
    """This process's, without any cloud's."""
    return {k: v for k, v in os.environ.items() if not k.startswith("OS_")}


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])
