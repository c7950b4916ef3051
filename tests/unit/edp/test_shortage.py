# SPDX-License-Identifier: Apache-2.0
"""What an application waits for, in the words of its master."""

import json

import pytest

from sparkaas import exceptions
from sparkaas.edp import shortage


def worker(cores, used, memory=1024, memory_used=0, state="ALIVE"):
    return {
        "state": state,
        "cores": cores,
        "coresused": used,
        "coresfree": cores - used,
        "memory": memory,
        "memoryused": memory_used,
        "memoryfree": memory - memory_used,
    }


def app(id, cores, name="other", memory=512):
    return {"id": id, "name": name, "cores": cores, "memoryperexecutor": memory}


def master(workers, *apps):
    return {"workers": workers, "activeapps": [app("own", 0, "mine"), *apps]}


def explain(*args):
    return shortage.explain(master(*args), "own")


def test_somebody_holds_all_cores():
    found = explain([worker(1, 1), worker(2, 2)], app("a1", 3, "nightly"))
    assert found.code == "WAITS_FOR_CORES"
    assert found.sentence == (
        "It waits for cores: application a1 of job nightly holds 3 of 3."
    )
    assert "spark.cores.max" in found.hint


def test_several_hold_them():
    apps = [app(f"a{number}", 1, f"j{number}") for number in range(5)]
    found = explain([worker(5, 5)], *apps, app("idle", 0))
    assert found.sentence == (
        "It waits for cores: application a0 of job j0 holds 1 of 5, application a1 of "
        "job j1 holds 1 of 5, application a2 of job j2 holds 1 of 5, 2 more hold the "
        "rest."
    )


def test_a_worker_that_is_gone_has_no_cores():
    found = explain([worker(1, 1), worker(4, 0, state="DEAD")], app("a1", 1))
    assert found.sentence.endswith("holds 1 of 1.")


def test_executors_need_more_cores_than_are_left_on_any_worker():
    found = explain([worker(2, 1), worker(2, 1)], app("a1", 2, "nightly"))
    assert found.code == "WAITS_FOR_CORES"
    assert "no worker has as many left" in found.sentence
    assert "a1 of job nightly holds 2 of 4" in found.sentence
    assert "spark.executor.cores" in found.hint


def test_no_worker_has_so_much_memory():
    state = master([worker(4, 0, memory=256)], app("a1", 1))
    found = shortage.explain(state, "own")
    assert found.code == "WAITS_FOR_MEMORY"
    assert "asks for 512 MB, the largest worker has 256 MB" in found.sentence
    assert "spark.executor.memory" in found.hint


def test_memory_is_left_only_where_no_core_is():
    workers = [worker(1, 1), worker(2, 1, memory_used=1000)]
    found = explain(workers, app("a1", 2, "nightly"))
    assert found.code == "WAITS_FOR_MEMORY"
    assert "have at most 24 MB left: application a1 of job nightly" in found.sentence


@pytest.mark.parametrize("workers", [[], [worker(1, 0, state="DECOMMISSIONED")]])
def test_no_worker_is_alive(workers):
    assert explain(workers).code == "WAITS_FOR_WORKERS"


def test_an_application_with_a_core_waits_for_nothing():
    state = {"workers": [worker(1, 1)], "activeapps": [app("own", 1)]}
    assert shortage.explain(state, "own") is None
    assert shortage.explain(state, "another") is None


class Master:
    def __init__(self, body):
        self.body = body

    def fetch(self, url, *, limit, deadline):
        if self.body is None:
            raise exceptions.Transient("refused")
        return self.body


@pytest.mark.parametrize("body", [None, b"<html>", b"[]", b"{}", b"3"])
def test_a_master_that_does_not_tell_harms_no_job(body):
    assert shortage.read(Master(body), "u", "own") is None


def test_a_master_that_tells():
    body = json.dumps(master([worker(1, 1)], app("a1", 1))).encode()
    assert shortage.read(Master(body), "u", "own").code == "WAITS_FOR_CORES"
