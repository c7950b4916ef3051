# SPDX-License-Identifier: Apache-2.0
"""A newer release describes nodes otherwise: clusters that run are left in peace."""

import dataclasses

import pytest

from sparkaas import manifest
from sparkaas import states
from sparkaas.db import clusters
from sparkaas.testing import driving
from sparkaas.testing import ground
from sparkaas.testing import infrastructure as fakes
from sparkaas.testing import records
from sparkaas.testing import service


@pytest.fixture
def world():
    clock = ground.FakeClock()
    one = service.World(clock=clock, infrastructure=fakes.FakeInfrastructure(clock))
    yield one
    one.close()


@pytest.fixture
def run(world):
    return driving.Conductor(world.env, world.clock)


@pytest.fixture
def cluster(world, run):
    """Active, and looked at once."""
    made = records.cluster(world.env)
    run.settle()
    assert run.next_check(made).verification.status == "GREEN"
    return made


def upgrade(world):
    """The plugin describes one file more, on every node."""
    describe = world.plugin.describe
    more = manifest.File(f"{manifest.ROOT}/etc/more", "new")

    def newer(cluster):
        return {
            name: dataclasses.replace(each, files=(*each.files, more))
            for name, each in describe(cluster).items()
        }

    world.plugin.describe = newer


def digests(world):
    return {node.name: node.digest for node in world.infrastructure.nodes.values()}


def wanted(world, cluster):
    record = clusters.get(world.env.db, cluster.id)
    described = world.plugin.describe(record)
    return {name: each.digest() for name, each in described.items()}


def test_no_health_check_restarts_what_runs(world, run, cluster):
    before = digests(world)
    upgrade(world)
    for _ in range(3):
        looked = run.next_check(cluster)
        assert looked.verification.status == "GREEN"
        assert "earlier release" in looked.verification.checks[0]["description"]
    assert digests(world) == before != wanted(world, cluster)


def test_a_resize_to_the_size_that_it_has_brings_it_up_to_date(world, run, cluster):
    upgrade(world)
    run.next_check(cluster)
    indices = tuple(
        index
        for group in clusters.get(world.env.db, cluster.id).node_groups
        if group.name == "worker"
        for index in group.indices
    )
    records.resize(world.env, cluster, *indices)
    run.settle()
    assert digests(world) == wanted(world, cluster)
    looked = run.next_check(cluster)
    assert "follow their description" in looked.verification.checks[0]["description"]


def test_a_lost_node_is_made_again_and_all_are_alike(world, run, cluster):
    upgrade(world)
    run.next_check(cluster)
    world.infrastructure.lose(cluster.id, "c1-worker-0")
    run.next_check(cluster)
    looked = run.next_check(cluster)
    assert digests(world) == wanted(world, cluster)
    assert looked.verification.status == "GREEN"
    assert states.cluster_status(looked) == "Active"
    assert "follow their description" in looked.verification.checks[0]["description"]


def test_a_node_that_alone_is_not_what_it_was_is_set_right(world, run, cluster):
    node = next(iter(world.infrastructure.nodes.values()))
    node.digest = "other"
    run.next_check(cluster)
    assert digests(world) == wanted(world, cluster)
