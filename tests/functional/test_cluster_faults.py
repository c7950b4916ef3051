# SPDX-License-Identifier: Apache-2.0
"""What a user sees of a cluster that the cloud does not let be."""

import json

import pytest
import werkzeug.test

from sparkaas.api import app
from sparkaas.testing import catalog
from sparkaas.testing import driving
from sparkaas.testing import ground
from sparkaas.testing import infrastructure
from sparkaas.testing import service
from tests.functional import fixtures


class Api:
    def __init__(self, world):
        self._client = werkzeug.test.Client(
            app.create_app(world.env, fixtures.believing, check_answers=True)
        )

    def __call__(self, method, path, body=None, version="2.1"):
        response = self._client.open(
            f"/v2{path}",
            method=method,
            data=None if body is None else json.dumps(body),
            content_type="application/json",
            headers={
                "X-Auth-Token": "token",
                "X-Project-Id": "a" * 32,
                "X-User-Id": "somebody",
                "X-Roles": "member,reader",
                "OpenStack-API-Version": f"data-processing {version}",
            },
        )
        return response.status_code, response.json if response.data else None


def body(workers=2, **fields):
    return {
        "name": "c1",
        "plugin_name": "fake",
        "plugin_version": "0.1",
        "default_image_id": catalog.FAKE_IMAGE,
        "neutron_management_network": catalog.NETWORK,
        "node_groups": [
            {
                "name": "head",
                "count": 1,
                "flavor_id": "2",
                "node_processes": ["namenode"],
            },
            {
                "name": "worker",
                "count": workers,
                "flavor_id": "2",
                "node_processes": ["datanode"],
            },
        ],
    } | fields


@pytest.fixture
def cloud(request):
    clock = ground.FakeClock()
    with service.World(clock=clock, infrastructure=request.param(clock)) as world:
        yield Api(world), driving.Conductor(world.env, world.clock), world


def of(kind):
    return pytest.mark.parametrize("cloud", [kind], indirect=True)


@of(infrastructure.QuotaUsedUp)
def test_a_quota_is_said_at_once_and_leaves_nothing(cloud):
    api, conductor, _ = cloud
    status, error = api("POST", "/clusters", body(workers=2))
    assert (status, error["error_name"]) == (400, "QUOTA_ERROR")
    assert api("GET", "/clusters") == (200, {"clusters": []})
    status, made = api("POST", "/clusters", body(workers=1))
    assert status == 202
    conductor.settle()
    path = f"/clusters/{made['cluster']['id']}"
    resize = {"resize_node_groups": [{"name": "worker", "count": 9}]}
    status, error = api("PUT", path, resize)
    assert (status, error["error_name"]) == (400, "QUOTA_ERROR")
    shown = api("GET", path)[1]["cluster"]
    assert shown["status"] == "Active"
    assert shown["node_groups"][1]["count"] == 1


@of(infrastructure.FlavorGone)
def test_a_failure_is_said_in_words_and_the_cluster_can_go(cloud):
    api, conductor, world = cloud
    cluster = api("POST", "/clusters", body())[1]["cluster"]
    conductor.settle()
    path = f"/clusters/{cluster['id']}"
    shown = api("GET", path)[1]["cluster"]
    assert shown["status"] == "Error"
    assert shown["status_description"]
    assert shown["reason"]["code"]
    assert shown["reason"]["sentence"] == shown["status_description"]
    old = api("GET", path, version="2.0")[1]["cluster"]
    assert old["status_description"] == shown["status_description"]
    assert "reason" not in old
    assert api("DELETE", path) == (204, None)
    conductor.settle()
    assert api("GET", path)[0] == 404
    assert not world.infrastructure.nodes


@of(infrastructure.NodeNeverReady)
def test_waiting_is_said_too(cloud):
    api, conductor, _ = cloud
    cluster = api("POST", "/clusters", body())[1]["cluster"]
    conductor.passes()
    shown = api("GET", f"/clusters/{cluster['id']}")[1]["cluster"]
    assert shown["status"] not in {"Active", "Error", "Validating"}
    assert shown["step"]
    assert shown["step_started_at"]
    assert shown["waiting_for"]
    assert shown["next_run_at"]


@of(infrastructure.DeleteFails)
def test_a_delete_that_failed_can_be_asked_for_again(cloud):
    api, conductor, world = cloud
    cluster = api("POST", "/clusters", body())[1]["cluster"]
    conductor.settle()
    path = f"/clusters/{cluster['id']}"
    api("DELETE", path)
    conductor.settle()
    shown = api("GET", path)[1]["cluster"]
    assert shown["status"] == "Deleting"
    assert shown["reason"]
    world.infrastructure.broken = False
    assert api("DELETE", path) == (204, None)
    conductor.settle()
    assert api("GET", path)[0] == 404


@of(infrastructure.FakeInfrastructure)
def test_a_delete_while_it_comes_up(cloud):
    api, conductor, world = cloud
    cluster = api("POST", "/clusters", body())[1]["cluster"]
    conductor.passes()
    assert world.infrastructure.nodes
    path = f"/clusters/{cluster['id']}"
    assert api("DELETE", path, {"force": True}) == (200, {"stack_name": None})
    conductor.settle()
    assert api("GET", path)[0] == 404
    assert not world.infrastructure.nodes
