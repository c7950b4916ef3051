# SPDX-License-Identifier: Apache-2.0
"""What every job engine promises: real processes and the fake alike."""

import inspect
import time

import pytest

from sparkaas import exceptions
from sparkaas import manifest
from sparkaas import model
from sparkaas.edp import base
from sparkaas.plugins.fake import engine as shipped_engine
from sparkaas.remote import local
from sparkaas.testing import engine as fake_engine
from sparkaas.testing import ground
from sparkaas.testing import infrastructure as fake_infrastructure
from sparkaas.testing import node as fake_node
from sparkaas.testing import remote as fake_remote
from sparkaas.testing import spark_cluster

CLUSTER = spark_cluster.placed(spark_cluster.cluster())
ID = "0b000000-0000-4000-8000-000000000001"


class RealBench:
    """``SparkJobEngine`` with Shell jobs on a node that is a directory."""

    programs = {
        "good": "echo out; echo err >&2; echo started >> starts; exit 0",
        "bad": "echo out; exit 7",
        "endless": "echo started >> starts; sleep 300",
        "stubborn": "trap '' TERM; echo started >> starts; while :; do sleep 300; done",
    }
    output = (b"out\n", b"err\n")

    def __init__(self, directory):
        self.engine = self.make_engine()
        facts = {"node": str(directory), "root": str(directory / "root")}
        facts |= {"home": str(directory), "jobs": str(directory / "jobs")}
        self.remote = local.LocalRemote(
            facts,
            addresses={i.name: i.internal_ip for i in CLUSTER.instances},
            packages={"spark": "/opt/spark", "java": "/opt/java"},
        )
        self.directory = f"{self.remote.work_directory}/{ID}"

    @staticmethod
    def make_engine():
        return spark_cluster.plugin().job_engines["Shell"]

    def submission(self, program):
        main = f"{self.directory}/main.sh"
        self.remote.write_file(main, [self.programs[program].encode()], deadline=5)
        return base.Submission(directory=self.directory, mains=(main,), libs=())

    def until(self, condition):
        end = time.monotonic() + 30
        while not condition():
            assert time.monotonic() < end, "not within 30 s"
            time.sleep(0.02)

    def running(self):
        """Wait until the program does what it does."""
        path = f"{self.directory}/starts"

        def started():
            try:
                return self.remote.read_file(path, limit=99, deadline=5)
            except exceptions.NotFound:
                return b""

        self.until(started)

    def starts(self):
        path = f"{self.directory}/starts"
        return self.remote.read_file(path, limit=99, deadline=5).count(b"started")


class ShippedFakeBench(RealBench):
    """``FakeJobEngine`` there: its drivers do what a job's settings say."""

    programs = {
        "good": {},
        "bad": {"fake.exit_code": "7"},
        "endless": {"fake.seconds": "300"},
    }
    output = (
        b"Shell job job\n",
        b"Nothing was computed: the plugin fake has no software.\n",
    )

    make_engine = staticmethod(shipped_engine.FakeJobEngine)

    def submission(self, program):
        return base.Submission(
            directory=self.directory, mains=(), libs=(), configs=self.programs[program]
        )

    def running(self):
        self.until(lambda: read(self, "stdout"))

    def starts(self):
        return read(self, "stdout").count(b"Shell job job")


class FakeBench:
    """``FakeEngine`` on a node in memory."""

    programs = {
        "good": fake_node.Script(stdout=b"out\n", stderr=b"err\n"),
        "bad": fake_node.Script(exit_code=7),
        "endless": fake_node.Script(seconds=1e9),
        "stubborn": fake_node.Script(seconds=1e9, stubborn=True),
    }
    output = (b"out\n", b"err\n")

    def __init__(self, directory):
        self.clock = ground.FakeClock()
        self.engine = fake_engine.FakeEngine()
        self.infrastructure = fake_infrastructure.FakeInfrastructure(self.clock)
        empty = {name: manifest.Manifest() for name in model.wanted_instances(CLUSTER)}
        while isinstance(
            self.infrastructure.ensure(CLUSTER, empty, {"fake": "x"}), model.Wait
        ):
            self.clock.advance(1)
        reach = fake_remote.FakeReach(self.infrastructure)
        self.remote = reach.to(CLUSTER, CLUSTER.instances[0])
        self.directory = f"{self.remote.work_directory}/{ID}"

    def submission(self, program):
        self.engine.script = self.programs[program]
        main = f"{self.directory}/main.sh"
        self.remote.write_file(main, [b""], deadline=5)
        return base.Submission(directory=self.directory, mains=(main,), libs=())

    def until(self, condition):
        for _ in range(100):
            if condition():
                return
            self.clock.advance(1)
        pytest.fail("not within 100 s")

    def running(self):
        self.clock.advance(1)

    def starts(self):
        return self.infrastructure.starts[ID]


@pytest.fixture(params=[RealBench, ShippedFakeBench, FakeBench])
def bench(request, tmp_path):
    found = request.param(tmp_path)
    yield found
    found.engine.cancel(JOB, CLUSTER, found.directory, found.remote, kill=True)
    found.until(lambda: not poll(found).running)


JOB = model.Job(
    id=ID, project_id="p", name="job", job_template_id="t", type="Shell", cluster_id="c"
)


def submit(bench, program):
    return bench.engine.submit(JOB, CLUSTER, bench.submission(program), bench.remote)


def poll(bench):
    return bench.engine.poll(JOB, CLUSTER, bench.directory, bench.remote)


def read(bench, stream):
    path = f"{bench.directory}/{stream}"
    return bench.remote.read_file(path, limit=9999, deadline=5)


def test_verbs_have_the_contracts_signatures(bench):
    for name in base.JobEngine.__abstractmethods__:
        wanted = inspect.signature(getattr(base.JobEngine, name))
        had = inspect.signature(getattr(type(bench.engine), name))
        assert list(had.parameters) == list(wanted.parameters), name
    assert bench.engine.types


def test_a_node_only_when_there_is_one(bench):
    assert bench.engine.node(CLUSTER) in CLUSTER.instances
    with pytest.raises(exceptions.Transient):
        bench.engine.node(spark_cluster.cluster())


def test_a_good_run(bench):
    assert submit(bench, "good")
    bench.until(lambda: not poll(bench).running)
    report = poll(bench)
    assert (report.exit_code, report.lost, report.reason) == (0, False, None)
    assert (read(bench, "stdout"), read(bench, "stderr")) == bench.output


def test_a_bad_run(bench):
    submit(bench, "bad")
    bench.until(lambda: not poll(bench).running)
    assert poll(bench).exit_code == 7
    assert not poll(bench).lost


def test_a_job_starts_once(bench):
    first = submit(bench, "endless")
    bench.running()
    assert poll(bench).running
    assert submit(bench, "endless") == first
    bench.engine.cancel(JOB, CLUSTER, bench.directory, bench.remote, kill=True)
    bench.until(lambda: not poll(bench).running)
    assert submit(bench, "endless") == first
    assert not poll(bench).running
    assert bench.starts() == 1


def test_cancel_asks(bench):
    submit(bench, "endless")
    bench.running()
    bench.engine.cancel(JOB, CLUSTER, bench.directory, bench.remote, kill=False)
    bench.until(lambda: not poll(bench).running)
    assert poll(bench).exit_code == -15


def test_kill_does_not_ask(bench):
    if "stubborn" not in bench.programs:
        pytest.skip("its drivers always obey")
    submit(bench, "stubborn")
    bench.running()
    bench.engine.cancel(JOB, CLUSTER, bench.directory, bench.remote, kill=False)
    assert poll(bench).running
    bench.engine.cancel(JOB, CLUSTER, bench.directory, bench.remote, kill=True)
    bench.until(lambda: not poll(bench).running)
    assert poll(bench).exit_code == -9


@pytest.mark.parametrize("kill", [False, True])
def test_no_driver_to_cancel_is_fine(bench, kill):
    bench.engine.cancel(JOB, CLUSTER, bench.directory, bench.remote, kill=kill)


def test_a_driver_that_never_was_is_lost(bench):
    report = poll(bench)
    assert (report.running, report.lost, report.exit_code) == (False, True, None)
