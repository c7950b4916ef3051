# SPDX-License-Identifier: Apache-2.0
"""What belongs to no record goes; what belongs to one stays."""

import dataclasses

import pytest

from sparkaas import exceptions
from sparkaas import interfaces
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


def lend(world, project="p"):
    caller = interfaces.Caller(user_id="u", project_id=project)
    return world.infrastructure.for_caller(caller).delegate()


def test_what_was_lent_for_nothing_goes_back_when_seen_twice(world):
    """The process ended between the trust and the record."""
    lend(world)
    one = janitor.Janitor(world.env)
    one.sweep()
    assert len(world.infrastructure.trusts) == 1
    one.sweep()
    assert not world.infrastructure.trusts


def test_what_a_cluster_owns_stays_lent(world):
    records.cluster(world.env, trust_id=lend(world))
    one = janitor.Janitor(world.env)
    for _ in range(3):
        one.sweep()
    assert len(world.infrastructure.trusts) == 1


def test_what_was_stored_between_two_sweeps_stays_lent(world):
    trust = lend(world)
    one = janitor.Janitor(world.env)
    one.sweep()
    records.cluster(world.env, trust_id=trust)
    one.sweep()
    assert list(world.infrastructure.trusts) == [trust]


def test_a_stranger_goes_before_what_was_lent_in_its_project():
    class InProject(fakes.FakeInfrastructure):
        def delete(self, cluster):
            assert self.trusts, "nobody is left who may"
            return super().delete(cluster)

        def list_owned(self):
            return tuple(
                dataclasses.replace(each, project_id="p")
                for each in super().list_owned()
            )

    clock = ground.FakeClock()
    with service.World(clock=clock, infrastructure=InProject(clock)) as world:
        lend(world)
        world.infrastructure.add_stranger("x")
        one = janitor.Janitor(world.env)
        counts = []
        for _ in range(4):
            one.sweep()
            counts.append((len(names(world)), len(world.infrastructure.trusts)))
        assert counts == [(1, 1), (0, 1), (0, 1), (0, 0)]


def test_one_that_cannot_be_taken_back_is_tried_again_and_is_in_nobody_s_way():
    class Picky(fakes.FakeInfrastructure):
        broken = True

        def revoke(self, trust_id):
            if self.broken and trust_id == min(self.trusts):
                raise exceptions.Permanent("Not now.")
            super().revoke(trust_id)

    clock = ground.FakeClock()
    with service.World(clock=clock, infrastructure=Picky(clock)) as world:
        first, _ = sorted((lend(world), lend(world)))
        one = janitor.Janitor(world.env)
        for _ in range(3):
            one.sweep()
        assert list(world.infrastructure.trusts) == [first]
        world.infrastructure.broken = False
        one.sweep()
        assert not world.infrastructure.trusts
