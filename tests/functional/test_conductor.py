# SPDX-License-Identifier: Apache-2.0
"""The conductor's threads, on real time and a cloud of fakes."""

import datetime
import threading
import time

import pytest

from sparkaas import rpc
from sparkaas import states
from sparkaas.conductor import endpoint
from sparkaas.conductor import worker
from sparkaas.db import clusters
from sparkaas.db import jobs
from sparkaas.testing import infrastructure as fakes
from sparkaas.testing import node
from sparkaas.testing import records
from sparkaas.testing import service

PATIENCE = 60.0


class RealClock:
    def now(self):
        return datetime.datetime.now(datetime.UTC)


def eventually(condition, seconds=PATIENCE):
    """Wait until ``condition`` holds; fail if it never does."""
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, "it never came to that"
        threading.Event().wait(0.02)


class Gate(fakes.FakeInfrastructure):
    """Lets a pass in and holds it until told."""

    entered: threading.Event
    leave: threading.Event

    def ensure(self, cluster, manifests, secrets):
        self.entered.set()
        assert self.leave.wait(PATIENCE)
        return super().ensure(cluster, manifests, secrets)


@pytest.fixture
def build():
    started = []

    def build(cls=fakes.FakeInfrastructure, transport_url=None, **options):
        clock = RealClock()
        infrastructure = cls(clock)
        infrastructure.entered = threading.Event()
        infrastructure.leave = threading.Event()
        options = {"conductor__workers": 4, **options}
        world = service.World(clock=clock, infrastructure=infrastructure, **options)
        transport = None
        if transport_url is not None:
            transport = rpc.connect(world.env.conf, transport_url)
        conductor = worker.Conductor(world.env, transport)
        started.append((world, conductor))
        conductor.start()
        return world, conductor, transport

    yield build
    for world, conductor in started:
        world.infrastructure.leave.set()
        conductor.stop()
        world.close()


def cluster_status(world, cluster):
    return states.cluster_status(clusters.get(world.env.db, cluster.id))


def test_many_clusters_and_jobs_come_true(build):
    world, conductor, _ = build(conductor__poll_interval=0.2, edp__poll_interval=0.1)
    made = [records.cluster(world.env, f"c{number}") for number in range(6)]
    world.engine.script = node.Script(seconds=0.3)
    launched = [
        records.job(world.env, cluster, records.job_template(world.env, name=f"j{n}"))
        for n, cluster in enumerate(made)
    ]
    conductor.wakeup.wake("cluster", made[0].id)
    eventually(
        lambda: all(
            jobs.get(world.env.db, job.id).outcome is states.JobStatus.SUCCEEDED
            for job in launched
        )
    )
    assert all(cluster_status(world, cluster) == "Active" for cluster in made)
    assert len(world.infrastructure.nodes) == 18
    assert set(world.infrastructure.starts.values()) == {1}


def test_the_bell_is_heard_over_the_transport(build):
    world, _, transport = build(transport_url="fake://", conductor__poll_interval=3600)
    bell = rpc.MessageBell(transport)
    cluster = records.cluster(world.env)

    def rung():
        # Once is enough when the listener is up, which takes a moment.
        bell.ring("cluster", cluster.id)
        return cluster_status(world, cluster) == "Active"

    eventually(rung)
    bell.close()


def test_without_a_bell_the_poll_finds_the_row(build):
    world, _, _ = build(conductor__poll_interval=0.1)
    cluster = records.cluster(world.env)
    eventually(lambda: cluster_status(world, cluster) == "Active")


def test_a_stop_finishes_the_pass_under_way(build):
    world, conductor, _ = build(Gate, conductor__poll_interval=0.1)
    cluster = records.cluster(world.env)
    eventually(world.infrastructure.entered.is_set)
    stopping = threading.Thread(target=conductor.stop)
    stopping.start()
    stopping.join(0.2)
    assert stopping.is_alive(), "it waits for the pass"
    world.infrastructure.leave.set()
    stopping.join(PATIENCE)
    assert not stopping.is_alive()
    left = clusters.get(world.env.db, cluster.id)
    assert left.step == "ensure_started", "recorded, and nothing after it begun"
    assert len(left.instances) == 3


def test_a_pass_longer_than_its_lease_stays_the_only_one(build):
    world, _, _ = build(Gate, conductor__poll_interval=0.05, conductor__lease_seconds=1)
    second = worker.Conductor(world.env)
    second.start()
    cluster = records.cluster(world.env)
    eventually(world.infrastructure.entered.is_set)
    world.infrastructure.entered.clear()
    # Nobody else comes in, though the lease of one second runs out again and again.
    assert not world.infrastructure.entered.wait(3)
    world.infrastructure.leave.set()
    eventually(lambda: cluster_status(world, cluster) == "Active")
    second.stop()
    assert set(world.infrastructure.created.values()) == {1}


def test_the_janitor_sweeps(build):
    world, _, _ = build(conductor__janitor_interval=0.1)
    world.infrastructure.add_stranger("x")
    eventually(lambda: not world.infrastructure.nodes)


def test_a_database_that_fails_for_a_while_stops_nobody(build, caplog):
    world, conductor, _ = build(conductor__poll_interval=0.1)
    file = world.directory / "sparkaas.sqlite"
    away = file.rename(world.directory / "away")
    world.env.db.dispose()
    eventually(lambda: "Cannot look for work" in caplog.text)
    world.env.db.dispose()
    for each in world.directory.glob("sparkaas.sqlite*"):
        each.unlink()
    away.rename(file)
    cluster = records.cluster(world.env)
    eventually(lambda: cluster_status(world, cluster) == "Active")


def test_a_ring_that_nobody_waits_for_is_kept():
    wakeup = endpoint.Wakeup()
    wakeup.wake("cluster", "1")
    wakeup.wake("job", "2")
    began = time.monotonic()
    wakeup.wait(PATIENCE)
    assert time.monotonic() - began < PATIENCE / 2
    wakeup.wait(0)
