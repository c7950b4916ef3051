# SPDX-License-Identifier: Apache-2.0
"""The service in the shape that it has in production: the API under uWSGI in two worker
processes, two conductors, MariaDB, RabbitMQ and Keystone."""

from __future__ import annotations

import configparser
import contextlib
import os
import pathlib
import signal
import subprocess
import sys
from collections.abc import Iterator

import psutil
import requests
from cryptography import fernet

from tests.scenario import harness
from tests.scenario.cloud import accounts
from tests.scenario.cloud import openstack_cloud
from tests.servers import process

SAMPLE = harness.ROOT / "etc" / "uwsgi-sparkaas-api.ini"
#: What is offered unless a story says otherwise.
VERSIONS = f'versions:\n  - version: "{openstack_cloud.SPARK}"\n'
_SECONDS = 60
_CONF = """\
[DEFAULT]
debug = true
log_file = {state}/{name}.log
transport_url = {broker}

[service]
infrastructure = openstack
state_path = {state}/shared

[secrets]
key_file = {state}/keys

[api]
auth = keystone

[database]
connection = {database}

[spark]
version_files = {state}/versions.yaml

[keystone_authtoken]
www_authenticate_uri = {auth_url}
{user}

[openstack]
region_name = {region}
boot_timeout = 180
{user}
"""
_USER = """\
auth_type = password
auth_url = {auth_url}
username = {name}
password = {password}
project_name = service
user_domain_name = Default
project_domain_name = Default
"""


class Production:
    """Both conductors and the API. Each can be stopped, killed and started again."""

    CONDUCTORS = ("conductor-1", "conductor-2")
    API = "api"

    def __init__(self, cloud: openstack_cloud.Cloud, state: pathlib.Path) -> None:
        self.cloud = cloud
        self.state = state
        self.port = process.free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._accounts = accounts.Accounts(cloud)
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    def set_up(self) -> None:
        """Accounts, configuration, schema, catalog; then start everything."""
        self._accounts.make()
        self._write("versions.yaml", VERSIONS)
        self._write("keys", fernet.Fernet.generate_key().decode())
        self._configure()
        self.manage("db", "sync")
        self._accounts.enter_catalog(self.url)
        for name in (self.API, *self.CONDUCTORS):
            self.start(name)

    def tear_down(self) -> None:
        """Stop everything; leave no trace in the cloud."""
        self._stop_all()
        self._accounts.remove()

    def manage(self, *words: str) -> str:
        """``sparkaas-manage WORDS``; returns what it printed."""
        done = subprocess.run(
            [harness.BIN / "sparkaas-manage", "--config-file", self._conf("manage")]
            + list(words),
            env=self.environment(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=_SECONDS,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def start(self, name: str) -> None:
        """``api`` or one of ``CONDUCTORS``."""
        program = [harness.BIN / "sparkaas-conductor", "--config-file"]
        argv = [*map(str, program), self._conf(name)]
        environment = self.environment()
        if name == self.API:
            run = "import pyuwsgi; pyuwsgi.run()"
            argv = [sys.executable, "-c", run, "--ini", str(self.state / "uwsgi.ini")]
            environment["OS_SPARKAAS_CONFIG_FILES"] = self._conf(name)
        with (self.state / f"{name}.out").open("ab") as out:
            self._running[name] = subprocess.Popen(
                argv,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                start_new_session=True,
            )
        if name == self.API:
            harness.wait_for(self._answers, _SECONDS, f"the API answers: {self.state}")

    def offer(self, versions: str) -> None:
        """Have it offer the Spark versions of such a file; restarts everything."""
        self._write("versions.yaml", versions)
        self._restart()

    @contextlib.contextmanager
    def configured(self, more: str) -> Iterator[None]:
        """With these lines at the end of the configuration meanwhile."""
        self._configure(more)
        self._restart()
        try:
            yield
        finally:
            self._configure()
            self._restart()

    def stop(self, name: str, number: int = signal.SIGTERM) -> None:
        """Send the signal and wait for the end; KILL takes uWSGI's workers too."""
        started = self._running.pop(name)
        if number == signal.SIGKILL:
            os.killpg(started.pid, number)
        else:
            started.send_signal(number)
        try:
            started.wait(_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(started.pid, signal.SIGKILL)
            started.wait()
            raise

    def kill(self, name: str) -> None:
        """``kill -9``."""
        self.stop(name, signal.SIGKILL)

    @staticmethod
    def environment() -> dict[str, str]:
        """This process's, without any cloud's."""
        return {k: v for k, v in os.environ.items() if not k.startswith("OS_")}

    def workers(self) -> int:
        """How many processes serve the API."""
        master = psutil.Process(self._running[self.API].pid)
        return len(master.children())

    def log(self, name: str) -> str:
        """What one of them wrote."""
        file = self.state / f"{name}.log"
        return file.read_text() if file.exists() else ""

    def _stop_all(self) -> list[str]:
        """Returns what ran."""
        names = list(self._running)
        # Each takes some seconds to end.
        for started in self._running.values():
            started.send_signal(signal.SIGTERM)
        for name in names:
            self.stop(name)
        return names

    def _restart(self) -> None:
        for name in self._stop_all():
            self.start(name)

    def _configure(self, more: str = "") -> None:
        known = {
            "state": self.state,
            "broker": self._accounts.broker,
            "database": self._accounts.database,
            "auth_url": openstack_cloud.AUTH_URL,
            "region": openstack_cloud.REGION,
        }
        person = {"name": self._accounts.name, "password": self._accounts.password}
        user = _USER.format(auth_url=openstack_cloud.AUTH_URL, **person)
        for name in (self.API, "manage", *self.CONDUCTORS):
            text = _CONF.format(name=name, user=user, **known)
            self._write(f"{name}.conf", f"{text}\n{more}")
        sample = configparser.ConfigParser(strict=False, interpolation=None)
        sample.read(SAMPLE)
        settings = {
            **sample["uwsgi"],
            "http-socket": f"127.0.0.1:{self.port}",
            "virtualenv": sys.prefix,
        }
        lines = [f"{key} = {value}" for key, value in settings.items()]
        self._write("uwsgi.ini", "\n".join(["[uwsgi]", *lines, ""]))

    def _write(self, name: str, text: str) -> None:
        file = self.state / name
        file.touch(0o600)
        file.write_text(text)

    def _conf(self, name: str) -> str:
        return str(self.state / f"{name}.conf")

    def _answers(self) -> bool:
        started = self._running[self.API]
        assert started.poll() is None, (self.state / "api.out").read_text()[-4000:]
        try:
            answer = requests.get(f"{self.url}/healthcheck", timeout=5)
        except (requests.ConnectionError, requests.Timeout):
            return False
        return answer.status_code == 200
