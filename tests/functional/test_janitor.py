# SPDX-License-Identifier: Apache-2.0
"""What belongs to no record goes; what belongs to one stays."""

import pytest

from sparkaas import exceptions
from sparkaas.service import janitor
from sparkaas.testing import driving
from sparkaas.testing import ground
from sparkaas.testing import infrastructure as fakes
from sparkaas.testing import records
from sparkaas.testing import service


@pytest.fixture
def world():
    with service.World() as world:
        yield world


def names(world):
    return sorted(node.name for node in world.infrastructure.nodes.values())


def test_a_stranger_goes_when_seen_twice(world):
    world.infrastructure.add_stranger("00000000-0000-4000-8000-000000000000")
    one = janitor.Janitor(world.env)
    assert one.sweep() == ()
    assert names(world) == ["stranger"]
    assert one.sweep() == ("00000000-0000-4000-8000-000000000000",)
    assert names(world) == []
    assert one.sweep() == ()


def test_nothing_of_a_known_cluster_goes(world):
    records.cluster(world.env)
    driving.Conductor(world.env, world.clock).settle()
    one = janitor.Janitor(world.env)
    for _ in range(3):
        assert one.sweep() == ()
    assert len(names(world)) == 3


def test_a_new_janitor_begins_with_no_suspicion(world):
    world.infrastructure.add_stranger("x")
    janitor.Janitor(world.env).sweep()
    assert janitor.Janitor(world.env).sweep() == ()
    assert names(world) == ["stranger"]


def test_two_sightings_that_are_not_in_a_row_do_not_count(world):
    one = janitor.Janitor(world.env)
    world.infrastructure.add_stranger("x")
    one.sweep()
    world.infrastructure.lose("x", "stranger")
    one.sweep()
    world.infrastructure.add_stranger("x")
    assert one.sweep() == ()
    assert names(world) == ["stranger"]


def test_one_that_cannot_be_deleted_does_not_protect_the_others():
    class Picky(fakes.FakeInfrastructure):
        def delete(self, cluster):
            if cluster.id == "a":
                raise exceptions.Transient("Not now.")
            return super().delete(cluster)

    clock = ground.FakeClock()
    with service.World(clock=clock, infrastructure=Picky(clock)) as world:
        for id in ("a", "b"):
            world.infrastructure.add_stranger(id, f"node of {id}")
        one = janitor.Janitor(world.env)
        for _ in range(3):
            one.sweep()
        assert names(world) == ["node of a"]


def test_nothing_goes_when_the_database_does_not_answer(world):
    world.infrastructure.add_stranger("x")
    one = janitor.Janitor(world.env)
    one.sweep()
    world.env.db.dispose()
    (world.directory / "sparkaas.sqlite").rename(world.directory / "away")
    with pytest.raises(Exception, match="no such table"):
        one.sweep()
    assert names(world) == ["stranger"]
