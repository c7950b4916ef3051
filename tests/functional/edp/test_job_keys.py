# SPDX-License-Identifier: Apache-2.0
"""The keys that a job is lent end with it: whatever ends it, and whatever is killed."""

import dataclasses

import pytest

from sparkaas import exceptions
from sparkaas.db import jobs
from sparkaas.service import janitor
from sparkaas.testing import crash
from sparkaas.testing import driving
from sparkaas.testing import objects

SOURCE = {
    "name": "in",
    "type": "swift",
    "url": "swift://a/b",
    "credentials": {"user": "owner", "password": "p"},
}


@pytest.fixture
def store(world):
    made = objects.FakeObjects()
    object.__setattr__(world.env, "objects", made)
    return made


@pytest.fixture
def source(api):
    return api("POST", "/data-sources", SOURCE)["data_source"]


@pytest.fixture
def settle(world):
    return driving.Conductor(world.env, world.clock).settle


def test_a_job_that_reads_swift_has_keys_as_long_as_it_is(
    store, launch, source, settle
):
    job = launch(input_id=source["id"])
    assert set(store.lent().values()) == {job["id"]}
    settle()
    assert not store.keys


def test_no_other_job_is_lent_any(store, launch):
    launch()
    assert not store.keys


def test_a_job_that_is_deleted_has_none(store, api, launch, source, settle):
    job = launch(input_id=source["id"])
    api("DELETE", f"/jobs/{job['id']}")
    settle()
    assert not store.keys


def test_keys_of_a_job_that_was_never_stored_are_swept(world, store, launch, source):
    def killed(where):
        if where == "after lend":
            raise crash.Crash

    store.point = killed
    with pytest.raises(crash.Crash):
        launch(input_id=source["id"])
    store.point = crash.no_crash
    (access,) = store.keys
    sweeper = janitor.Janitor(world.env)
    assert sweeper.sweep_keys() == ()
    assert sweeper.sweep_keys() == (access,)
    assert not store.keys


def test_keys_of_a_job_that_ended_without_giving_them_back_are_swept(
    world, store, launch, source, settle
):
    job = launch(input_id=source["id"])
    (access,) = store.keys
    settle()
    store.keys[access] = (job["id"], "somebody")
    sweeper = janitor.Janitor(world.env)
    sweeper.sweep_keys()
    assert sweeper.sweep_keys() == (access,)
    assert not store.keys


def test_keys_of_a_job_at_work_stay(world, store, launch, source):
    job = launch(input_id=source["id"])
    sweeper = janitor.Janitor(world.env)
    for _ in range(3):
        assert sweeper.sweep_keys() == ()
    assert jobs.unfinished(world.env.db, [job["id"], "x"]) == {job["id"]}
    assert store.keys


def test_one_sighting_is_none(world, store, launch, source):
    """A request may be just between making the keys and storing its job."""
    store.keys["new"] = ("00000000-0000-4000-8000-000000000000", "somebody")
    sweeper = janitor.Janitor(world.env)
    sweeper.sweep_keys()
    del store.keys["new"]
    sweeper.sweep_keys()
    store.keys["new"] = ("00000000-0000-4000-8000-000000000000", "somebody")
    assert sweeper.sweep_keys() == ()
    assert store.keys


def test_one_that_cannot_be_taken_back_is_no_one_elses_fault(world, store):
    for name in ("a", "b"):
        store.keys[name] = ("00000000-0000-4000-8000-000000000000", "somebody")
    take_back = store.take_back

    def picky(access):
        if access == "a":
            raise exceptions.Permanent("Keystone says no.")
        take_back(access)

    store.take_back = picky
    sweeper = janitor.Janitor(world.env)
    sweeper.sweep_keys()
    sweeper.sweep_keys()
    assert list(store.keys) == ["a"]


def test_a_service_without_an_object_store_has_nothing_to_sweep(world):
    alone = dataclasses.replace(world.env, objects=None)
    assert janitor.Janitor(alone).sweep_keys() == ()
