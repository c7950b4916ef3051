# SPDX-License-Identifier: Apache-2.0
"""The program, typed as a user would, against the real service on a world of fakes.

The API is served over HTTP on a free loopback port; a conductor thread drives
clusters and jobs, on a clock that jumps to whatever is due next.
"""

import dataclasses
import io
import json
import logging
import threading
import time

import pytest

from sparkaas import model
from sparkaas.api import app as api_app
from sparkaas.api import auth
from sparkaas.client import shell
from sparkaas.cmd import serving
from sparkaas.plugins.spark import plugin as spark_plugin
from sparkaas.service import cluster_plans
from sparkaas.service import job_plans
from sparkaas.service import reconciler
from sparkaas.testing import engine as fake_engine
from sparkaas.testing import service

TOKEN = "functional"

#: The longest jump of the clock at once, seconds.
JUMP = 5.0
#: Real seconds between two jumps.
BREATH = 0.005


class SparkOnFakes(spark_plugin.SparkPlugin):
    """The real plugin; what would touch nodes succeeds."""

    def __init__(self, conf, engine):
        super().__init__(conf)
        self.job_engines = dict.fromkeys(sorted(engine.types), engine)

    def health(self, cluster, reach):
        return [model.Check(name="Spark master", status="GREEN", description="Fine.")]

    def decommission(self, cluster, leaving, reach):
        return model.Done()


class Conductor(threading.Thread):
    """Runs passes until told to stop; ``failure`` is what went wrong."""

    def __init__(self, world):
        super().__init__(name="conductor", daemon=True)
        self._world = world
        self._stop_asked = threading.Event()
        self.failure = None
        self._kinds = [
            reconciler.Reconciler(world.env, kind, "conductor")
            for kind in (cluster_plans.KIND, job_plans.KIND)
        ]

    def run(self):
        try:
            while not self._stop_asked.is_set():
                worked = [kind.pass_once() for kind in self._kinds]
                if not any(worked):
                    self._stop_asked.wait(BREATH)
                    self._jump()
        except Exception as error:
            self.failure = error

    def _jump(self):
        due = [at for kind in self._kinds if (at := kind.next_due()) is not None]
        now = self._world.clock.now()
        if due and min(due) > now:
            self._world.clock.advance(min((min(due) - now).total_seconds(), JUMP))

    def stop(self):
        self._stop_asked.set()
        self.join(timeout=30)
        assert not self.is_alive()
        assert self.failure is None


class Service:
    """What is running."""

    def __init__(self, world, engine):
        self.world = world
        self.engine = engine
        self._application = api_app.create_app(
            world.env,
            auth.TokenAuth.middleware(
                token=TOKEN, project_id="p" * 32, user_id="somebody"
            ),
            check_answers=True,
        )
        self._listen(0)

    def _listen(self, port):
        self._listener = serving.Listener(self._application, "127.0.0.1", port, 12)
        self._listener.start()

    @property
    def url(self):
        return self._listener.url

    @property
    def environ(self):
        return {"SPARKAAS_URL": self.url, "SPARKAAS_TOKEN": TOKEN}

    def restart(self, times):
        """Stop to listen, which cuts every connection, and begin again; return when
        each stop began."""
        stopped = []
        for _ in range(times):
            stopped.append(time.monotonic())
            port = int(self.url.rpartition(":")[2])
            self._listener.stop()
            self._listen(port)
        return stopped

    def stop(self):
        self._listener.stop()


@pytest.fixture(scope="module")
def served():
    """The service, for a module."""
    engine = fake_engine.FakeEngine()
    spark = SparkOnFakes(service.configuration(), engine)
    with service.World(
        further_plugins={"spark": spark}, api__long_poll_pause=0.01
    ) as world:
        running = Service(world, engine)
        conductor = Conductor(world)
        conductor.start()
        try:
            yield running
        finally:
            running.stop()
            conductor.stop()


@dataclasses.dataclass(frozen=True)
class Result:
    """What a command left behind."""

    code: int
    out: bytes
    err: str

    @property
    def json(self):
        return json.loads(self.out)


class Program:
    """``program("cluster", "list")`` runs in this process; anything but the expected
    exit code fails."""

    def __call__(self, *words, code=0, stdin="", traceback=False):
        root = logging.getLogger("")
        before = list(root.handlers), root.level
        out, err = (
            io.TextIOWrapper(io.BytesIO(), "utf-8", write_through=True)
            for _ in range(2)
        )
        try:
            app = shell.Shell(stdin=io.StringIO(stdin), stdout=out, stderr=err)
            got = app.run(list(words))
        except SystemExit as left:
            got = left.code or 0
        finally:
            root.handlers[:], root.level = before
        result = Result(
            got, out.buffer.getvalue(), err.buffer.getvalue().decode("utf-8")
        )
        assert result.code == code, result
        assert ("Traceback" in result.err) == traceback
        return result

    def json(self, *words):
        """The command's answer as data."""
        return self(*words, "-f", "json").json


@pytest.fixture
def program(served, monkeypatch):
    for name, value in served.environ.items():
        monkeypatch.setenv(name, value)
    # What the service in this process logs is not the program's.
    monkeypatch.setattr(logging.getLogger("sparkaas"), "propagate", False)
    return Program()


@pytest.fixture
def app(tmp_path):
    """``app("etl.py")`` writes a program and returns its path."""

    def write(name="app.py", content="print(1)\n"):
        path = tmp_path / name
        path.write_text(content)
        return str(path)

    return write
