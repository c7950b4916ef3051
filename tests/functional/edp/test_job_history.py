# SPDX-License-Identifier: Apache-2.0
"""Event logs on their way from the node to the store, and from there to the user."""

import os

import pytest

from sparkaas import states
from sparkaas.db import clusters
from sparkaas.db import jobs
from sparkaas.testing import driving
from sparkaas.testing import ground
from sparkaas.testing import infrastructure as fakes
from sparkaas.testing import node
from sparkaas.testing import records
from sparkaas.testing import service

WHOLE = "events.zstd"
CUT = "events.zstd.inprogress"
#: What one pass copies of a file at most.
PASS = 4 * 1024**2


@pytest.fixture
def build():
    """Make a world with an Active cluster, and its conductor."""
    worlds = []

    def build(**options):
        clock = ground.FakeClock()
        world = service.World(
            clock=clock, infrastructure=fakes.FakeInfrastructure(clock), **options
        )
        worlds.append(world)
        run = driving.Conductor(world.env, clock)
        cluster = records.cluster(world.env)
        run.settle()
        return world, run, cluster

    yield build
    for each in worlds:
        each.close()


def start(world, cluster, events, **script):
    world.engine.script = node.Script(events=events, **script)
    return records.job(world.env, cluster, records.job_template(world.env))


def stored(world, job):
    """The names and contents of a job's event logs."""
    where = f"jobs/{job.id}/events"
    return {
        key.rpartition("/")[2]: data
        for key, data in world.store.objects.items()
        if key.startswith(where)
    }


def outcome(world, job):
    return jobs.get(world.env.db, job.id).outcome


def test_it_is_whole_before_the_job_is_over_and_outlives_the_cluster(build):
    world, run, cluster = build()
    events = os.urandom(PASS + 17)
    job = start(world, cluster, events)
    sizes = []

    def look():
        sizes.append(sum(map(len, stored(world, job).values())))
        return outcome(world, job)

    run.until(look)
    assert stored(world, job) == {WHOLE: events}
    assert PASS in sizes
    clusters.set_intent(
        world.env.db, cluster.id, world.clock.now(), target=states.Target.DELETED
    )
    run.settle()
    assert stored(world, job) == {WHOLE: events}
    jobs.set_intent(
        world.env.db, job.id, world.clock.now(), target=states.JobTarget.DELETED
    )
    run.settle()
    assert stored(world, job) == {}


def test_of_a_driver_that_was_killed_it_ends_in_the_middle(build):
    world, run, cluster = build()
    job = start(world, cluster, b"half", seconds=0, exit_code=-9)
    run.settle()
    assert outcome(world, job) is states.JobStatus.DONEWITHERROR
    assert stored(world, job) == {CUT: b"half"}


def test_of_one_that_is_too_long_the_beginning_is_kept(build):
    world, run, cluster = build(edp__max_event_log_bytes=4)
    job = start(world, cluster, b"abcdef")
    run.settle()
    assert outcome(world, job) is states.JobStatus.SUCCEEDED
    assert stored(world, job) == {CUT: b"abcd"}


def test_none_is_kept_where_none_shall_be(build):
    world, run, cluster = build(edp__max_event_log_bytes=0)
    job = start(world, cluster, b"abcdef")
    run.settle()
    assert outcome(world, job) is states.JobStatus.SUCCEEDED
    assert stored(world, job) == {}


def test_the_node_gets_it_where_its_own_history_server_looks(build):
    world, run, cluster = build()
    world.engine.keep = "/history"
    job = start(world, cluster, b"abc")
    run.settle()
    assert outcome(world, job) is states.JobStatus.SUCCEEDED
    found = world.infrastructure.node(cluster.id, "c1-head-0").files
    assert found[f"/history/{job.id}"] == b"abc"
    assert stored(world, job) == {WHOLE: b"abc"}


@pytest.mark.parametrize("name", [WHOLE, CUT])
def test_it_is_read_by_its_name(world, api, launch, name):
    id = launch()["id"]
    path = f"/jobs/{id}/logs/events"
    assert api("GET", path).get_data() == b""
    world.store.append(f"jobs/{id}/{name}", 0, b"abcdef")
    answer = api("GET", f"{path}?offset=2&limit=3")
    assert answer.get_data() == b"cde"
    assert answer.headers["X-Log-Name"] == name
    assert answer.headers["X-Log-Complete"] == "false"
