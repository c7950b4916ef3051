# SPDX-License-Identifier: Apache-2.0
"""Keys that a job was lent end with it, also when what lent them was killed."""

import dataclasses

import pytest

from sparkaas import exceptions
from sparkaas.db import jobs
from sparkaas.service import janitor
from sparkaas.testing import crash
from sparkaas.testing import driving

READS = {"args": ["swift://box/a"]}
NOBODYS = "00000000-0000-4000-8000-000000000000"


@pytest.fixture
def sweeper(world, store):
    return janitor.Janitor(world.env)


def test_those_of_a_job_that_was_never_stored_go(store, sweeper, api, launch):
    def killed(where):
        raise crash.Crash

    store.point = killed
    with pytest.raises(crash.Crash):
        launch(job_configs=READS)
    # A process that is killed takes nothing back.
    store.lent = set(store.jobs)
    assert api("GET", "/jobs")["jobs"] == []
    (access,) = store.lent
    assert sweeper.sweep_keys() == ()
    assert sweeper.sweep_keys() == (access,)
    assert store.lent == set()


def test_those_of_a_job_that_ended_without_giving_them_back_go(
    world, store, sweeper, launch
):
    launch(job_configs=READS)
    (access,) = store.lent
    driving.Conductor(world.env, world.clock).settle()
    store.lent.add(access)
    sweeper.sweep_keys()
    assert sweeper.sweep_keys() == (access,)
    assert store.lent == set()


def test_those_of_a_job_at_work_stay(world, store, sweeper, launch):
    job = launch(job_configs=READS)
    for _ in range(3):
        assert sweeper.sweep_keys() == ()
    assert jobs.unfinished(world.env.db, [job["id"], NOBODYS]) == {job["id"]}
    assert store.lent


def test_two_sightings_that_are_not_in_a_row_do_not_count(store, sweeper):
    """A request may be just between making keys and storing its job."""
    store.jobs["new"] = NOBODYS
    for there in ({"new"}, set(), {"new"}):
        store.lent = set(there)
        assert sweeper.sweep_keys() == ()
    assert store.lent == {"new"}


def test_one_that_cannot_be_taken_back_keeps_no_other(store, sweeper):
    for name in ("a", "b"):
        store.jobs[name] = NOBODYS
        store.lent.add(name)
    take_back = store.take_back

    def picky(access):
        if access == "a":
            raise exceptions.Permanent("Keystone says no.")
        take_back(access)

    store.take_back = picky
    sweeper.sweep_keys()
    sweeper.sweep_keys()
    assert store.lent == {"a"}


def test_a_service_without_an_object_store_has_nothing_to_sweep(world):
    alone = dataclasses.replace(world.env, objects=None)
    assert janitor.Janitor(alone).sweep_keys() == ()
