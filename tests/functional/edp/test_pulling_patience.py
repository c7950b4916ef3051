# SPDX-License-Identifier: Apache-2.0
"""How long a job waits for a store that does not give its program."""

import json

import pytest

from sparkaas import interfaces
from sparkaas.edp import pulling
from sparkaas.testing import driving

#: Seconds that a node tries by itself, if the store answers 503 and if it is silent.
TRIES = {"busy": 30.0, "silent": 61.0}


@pytest.fixture
def binary(api):
    """A job binary in an S3."""
    keys = {"accesskey": "k", "secretkey": "s", "endpoint": "http://127.0.0.1:9"}
    body = {"name": "app.jar", "url": "s3://box/app.jar", "extra": keys}
    return api("POST", "/job-binaries", body)["job_binary"]


@pytest.fixture
def answers(world):
    """What the node tells of each try, and how long that took."""
    found = []

    def fetch(node, words, input, deadline):
        told, seconds = found.pop(0) if len(found) > 1 else found[0]
        world.clock.advance(seconds)
        if "error" not in told:
            node.files[json.loads(input)["path"]] = b"x"
        return interfaces.Completed(0, json.dumps(told).encode(), b"")

    world.reach.commands["python3"] = fetch
    return found


def _fetches(world):
    return [argv for _, argv in world.reach.ran if argv[0] == "python3"]


@pytest.mark.parametrize("fault", ["busy", "silent"])
def test_some_minutes_for_one_that_is_down_for_good(world, api, answers, launch, fault):
    answers.append(({"error": "SlowDown", "status": 503}, TRIES[fault]))
    job = launch()
    began = world.clock.now()
    conductor = driving.Conductor(world.env, world.clock)
    conductor.until(lambda: _fetches(world))
    info = api("GET", f"/jobs/{job['id']}")["job"]["info"]
    assert info["status"] == "PENDING"
    assert info["reason"]["code"] == "OBJECT_STORE_UNAVAILABLE"
    conductor.settle()
    info = api("GET", f"/jobs/{job['id']}")["job"]["info"]
    assert info["status"] == "FAILED"
    assert info["reason"]["code"] == "OBJECT_STORE_UNAVAILABLE"
    assert info["reason"]["hint"]
    assert len(_fetches(world)) == pulling.TRIES
    assert (world.clock.now() - began).total_seconds() < 300


def test_one_that_comes_back_is_waited_for(world, api, answers, launch):
    busy = ({"error": "SlowDown", "status": 503}, 30.0)
    answers += [busy] * (pulling.TRIES - 1) + [({"size": 1, "sha256": ""}, 0.0)]
    job = launch()
    driving.Conductor(world.env, world.clock).settle()
    info = api("GET", f"/jobs/{job['id']}")["job"]["info"]
    assert (info["status"], info["reason"]) == ("SUCCEEDED", None)
