# SPDX-License-Identifier: Apache-2.0
"""What the clients talk to: the service over HTTP on a world of fakes, behind its own
keystonemiddleware; and the process that the clients run in."""

import json
import os
import pathlib
import re
import subprocess
import threading
import time

from sparkaas.api import app as api_app
from sparkaas.api import auth
from sparkaas.cmd import serving
from sparkaas.service import cluster_plans
from sparkaas.service import job_plans
from sparkaas.service import reconciler
from sparkaas.testing import service
from tests.servers import keystone_shaped

_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_PROJECT = f"/{keystone_shaped.PROJECT}"

#: The longest jump of the clock at once and the pause between two, seconds.
_JUMP = 5.0
_BREATH = 0.01
#: What is due later than that is a health check, which nobody waits for.
_SOON = 3600.0

_KEYSTONE = """
[api]
auth = keystone
[conductor]
health_interval = 86400
[keystone_authtoken]
auth_type = password
auth_url = {url}
www_authenticate_uri = {url}
username = {user}
password = {password}
project_name = service
user_domain_name = Default
project_domain_name = Default
"""


class _Conductor(threading.Thread):
    """Runs passes until told to stop, on a clock that jumps to whatever is due."""

    def __init__(self, world):
        super().__init__(name="conductor", daemon=True)
        self._world = world
        self._over = threading.Event()
        self.failure = None
        self._kinds = [
            reconciler.Reconciler(world.env, kind, "conductor")
            for kind in (cluster_plans.KIND, job_plans.KIND)
        ]

    def run(self):
        try:
            while not self._over.is_set():
                worked = [kind.pass_once() for kind in self._kinds]
                if not any(worked):
                    self._over.wait(_BREATH)
                    self._jump()
        except Exception as error:
            self.failure = error

    def _jump(self):
        due = [at for kind in self._kinds if (at := kind.next_due()) is not None]
        now = self._world.clock.now()
        wait = (min(due) - now).total_seconds() if due else 0.0
        if 0 < wait < _SOON:
            self._world.clock.advance(min(wait, _JUMP))

    def stop(self):
        self._over.set()
        self.join(timeout=30)
        assert not self.is_alive()
        assert self.failure is None


class Running:
    """The service, its Keystone, and what was asked of it (``requests``)."""

    def __init__(self, directory: pathlib.Path):
        self.keystone = keystone_shaped.KeystoneShaped()
        self.keystone.start()
        self.world = service.World()
        conf = directory / "sparkaas.conf"
        conf.write_text(
            _KEYSTONE.format(
                url=self.keystone.auth_url,
                user=keystone_shaped.SERVICE_USER,
                password=keystone_shaped.PASSWORD,
            )
        )
        self.world.env.conf(
            ["--config-file", str(conf)], project="sparkaas", default_config_dirs=[]
        )
        self._application = api_app.create_app(
            self.world.env, auth.from_conf(self.world.env.conf, ""), check_answers=True
        )
        self._lock = threading.Lock()
        self._requests = []
        self._listener = serving.Listener(self._recording, "127.0.0.1", 0, 8)
        self._listener.start()
        self.keystone.data_processing = self.url
        self._conductor = _Conductor(self.world)
        self._conductor.start()

    @property
    def url(self):
        return self._listener.url

    def _recording(self, environ, start_response):
        seen = environ["REQUEST_METHOD"], environ["PATH_INFO"], environ["QUERY_STRING"]
        agent = environ.get("HTTP_USER_AGENT", "")
        if "saharaclient" in agent:
            with self._lock:
                self._requests.append(seen)
        return self._application(environ, start_response)

    def requests(self):
        """What saharaclient asked since the last call, each once, in order; what is
        another with every run is named instead."""
        with self._lock:
            taken, self._requests = self._requests, []
        return list(dict.fromkeys(_shown(*each) for each in taken))

    def stop(self):
        self._listener.stop()
        self._conductor.stop()
        self.keystone.stop()
        self.world.close()


def _shown(method, path, query):
    path = _UUID.sub("{id}", path.replace(_PROJECT, "/{project}"))
    path = re.sub(r"\bx-[0-9a-f]{6}\b", "{name}", path)
    names = "&".join(sorted({each.partition("=")[0] for each in query.split("&")}))
    return f"{method} {path}{'?' if names else ''}{names}"


class Clients:
    """The driver's process."""

    def __init__(self, python, running, directory):
        self._python = python
        self.directory = directory
        self.environment = {
            **{k: v for k, v in os.environ.items() if not k.startswith("OS_")},
            "HOME": str(directory),
            "OS_AUTH_URL": running.keystone.auth_url,
            "OS_USERNAME": "unversioned",
            "OS_PASSWORD": keystone_shaped.PASSWORD,
            "OS_PROJECT_NAME": "project",
            "OS_USER_DOMAIN_NAME": "Default",
            "OS_PROJECT_DOMAIN_NAME": "Default",
            "OS_IDENTITY_API_VERSION": "3",
        }
        self._log = (directory / "driver.log").open("wb")
        self._process = subprocess.Popen(
            [python, str(pathlib.Path(__file__).with_name("driver.py"))],
            env=self.environment,
            cwd=directory,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            text=True,
        )

    def _ask(self, request):
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        log = self.directory / "driver.log"
        assert line, log.read_text(errors="replace")
        return json.loads(line)

    def call(self, version, method, arguments, **more):
        """A manager's method; what ``driver`` answers."""
        return self._ask(
            {"method": method, "version": version, "arguments": arguments, **more}
        )

    def openstack(self, version, *words, directory=None):
        """``openstack dataprocessing WORDS``; what ``driver`` answers."""
        argv = _words(version, words)
        return self._ask({"argv": argv, "directory": str(directory or self.directory)})

    def plain_openstack(self, version, *words):
        """The same as a process of its own."""
        return subprocess.run(
            [self._python.with_name("openstack"), *_words(version, words)],
            env=self.environment,
            cwd=self.directory,
            capture_output=True,
            text=True,
            timeout=60,
        )

    def inventory(self):
        """The names of all methods and commands, by version."""
        return self._ask({"inventory": True})

    def stop(self):
        self._process.stdin.close()
        self._process.wait(30)
        self._process.stdout.close()
        self._log.close()


def _words(version, words):
    return ["--os-data-processing-api-version", version, "dataprocessing", *words]


def poll(ask, seconds=30):
    """Ask until the answer is true, and return it."""
    deadline = time.monotonic() + seconds
    while not (answer := ask()):
        assert time.monotonic() < deadline, "it never came to that"
        time.sleep(0.01)
    return answer
