# SPDX-License-Identifier: Apache-2.0
"""Clusters as Sahara's clients see them over their whole life, request by request."""

import pytest

from sparkaas.db import clusters
from sparkaas.testing import catalog
from sparkaas.testing import driving

HEAD = {
    "name": "head",
    "count": 1,
    "flavor_id": "2",
    "node_processes": ["namenode", "jobtracker"],
}
WORKER = {
    "name": "worker",
    "count": 3,
    "flavor_id": "2",
    "node_processes": ["datanode", "tasktracker"],
}


class Client:
    """Asks in 2.0, as the clients that exist do; ``settle`` lets it happen."""

    def __init__(self, world, api):
        self.api = api
        self.conductor = driving.Conductor(world.env, world.clock)
        self.settle = self.conductor.settle

    def __call__(self, method, path, body=None, **more):
        return self.api(method, path, body, version="2.0", **more)

    def error(self, method, path, body=None):
        return self.api.error(method, path, body, version="2.0")

    def body(self, **more):
        return {
            "name": "c",
            "plugin_name": "fake",
            "plugin_version": "0.1",
            "default_image_id": catalog.FAKE_IMAGE,
            "neutron_management_network": catalog.NETWORK,
            "node_groups": [HEAD, WORKER],
            **more,
        }

    def create(self, **more):
        return self("POST", "/clusters", self.body(**more))["cluster"]["id"]

    def show(self, id):
        return self("GET", f"/clusters/{id}?show_progress=true")["cluster"]

    def active(self, **more):
        id = self.create(**more)
        self.settle()
        assert self.show(id)["status"] == "Active"
        return id

    def template(self):
        body = {"name": "j", "type": "Shell", "mains": [self.binary()]}
        return self("POST", "/job-templates", body)["job_template"]["id"]

    def binary(self):
        made = self.api("POST", "/job-binaries", {"name": "a.sh"})["job_binary"]
        self.api("PUT", f"/job-binaries/{made['id']}/data", data=b"true")
        return made["id"]

    def launch(self, cluster, template):
        body = {"cluster_id": cluster, "job_template_id": template}
        return self("POST", "/jobs", body)["job"]["id"]

    def label(self, part, status):
        labels = {"enabled": {"status": status}}
        of_version = {"version_labels": {"0.1": labels}}
        body = of_version if part == "version" else {"plugin_labels": labels}
        return self("PATCH", "/plugins/fake", body, roles="admin")["plugin"]


@pytest.fixture
def client(world, api):
    return Client(world, api)


def assert_all_successful(cluster):
    """What the event check of Sahara's scenario tests looks at."""
    assert cluster["provision_progress"]
    for step in cluster["provision_progress"]:
        assert step["successful"] is True, step
        assert len(step["events"]) == step["total"], step
        assert all(event["successful"] for event in step["events"]), step


@pytest.mark.parametrize("part", ["plugin", "version"])
def test_what_is_disabled_is_shown_and_not_used(client, part):
    id = client.active()
    template = client.template()
    before = client.show(id)
    client.label(part, False)
    (listed,) = client("GET", "/plugins")["plugins"]
    labels = listed["plugin_labels"], listed["version_labels"]["0.1"]
    assert [label["enabled"]["status"] for label in labels] == [
        part != "plugin",
        part != "version",
    ]
    assert "node_processes" in client("GET", "/plugins/fake/0.1")["plugin"]
    create = ("POST", "/clusters", client.body(name="other"))
    scale = {"resize_node_groups": [{"name": "worker", "count": 4}]}
    launch = {"cluster_id": id, "job_template_id": template}
    for request in (
        create,
        ("PUT", f"/clusters/{id}", scale),
        ("POST", "/jobs", launch),
    ):
        assert client.error(*request) == "INVALID_REFERENCE", request
    client.settle()
    assert client.show(id)["node_groups"] == before["node_groups"]
    client("POST", "/node-group-templates", _template())
    client.label(part, True)
    client("PUT", f"/clusters/{id}", scale)
    client(*create)
    client("POST", "/jobs", launch)


def _template():
    return {
        "name": "t",
        "plugin_name": "fake",
        "plugin_version": "0.1",
        "flavor_id": "2",
        "node_processes": ["datanode"],
    }


def test_a_hidden_plugin_can_be_used(client):
    body = {"plugin_labels": {"hidden": {"status": True}}}
    shown = client("PATCH", "/plugins/fake", body, roles="admin")["plugin"]
    assert shown["plugin_labels"]["hidden"]["status"] is True
    client.active()


def test_progress_is_all_good_whatever_was_asked_of_an_active_cluster(client):
    id = client.active(user_keypair_id=catalog.KEYPAIR)
    first = client.show(id)
    assert_all_successful(first)
    names = {
        e["instance_name"] for s in first["provision_progress"] for e in s["events"]
    }
    assert {"c-head-0", "c-worker-0", "c-worker-1", "c-worker-2"} <= names
    scale = {
        "resize_node_groups": [
            {"name": "worker", "count": 1, "instances": ["c-worker-0", "c-worker-2"]}
        ],
        "add_node_groups": [{**WORKER, "name": "extra", "count": 2}],
    }
    client("PUT", f"/clusters/{id}", scale)
    client.settle()
    client("PATCH", f"/clusters/{id}", {"update_keypair": True})
    client.settle()
    client("PATCH", f"/clusters/{id}", {"shares": [{"id": catalog.SHARE}]})
    client.settle()
    last = client.show(id)
    assert last["status"] == "Active"
    assert_all_successful(last)
    assert len(last["provision_progress"]) > len(first["provision_progress"])
    groups = {group["name"]: group for group in last["node_groups"]}
    assert [i["instance_name"] for i in groups["worker"]["instances"]] == ["c-worker-1"]
    assert groups["worker"]["count"] == 1
    assert len(groups["extra"]["instances"]) == 2


def test_steps_without_events_unless_asked_for(client):
    id = client.active()
    for query in ("", "?show_progress=False"):
        shown = client("GET", f"/clusters/{id}{query}")["cluster"]
        assert shown["provision_progress"]
        assert not any("events" in step for step in shown["provision_progress"])


def test_the_key_pair_is_read_again(world, client):
    id = client.create(user_keypair_id=catalog.KEYPAIR)
    path, body = f"/clusters/{id}", {"update_keypair": True}
    assert client.error("PATCH", path, body) == "INVALID_REFERENCE"
    client.settle()
    nodes = [group["instances"] for group in client.show(id)["node_groups"]]
    world.catalog.public_key = lambda name: f"ssh-ed25519 BBBB {name}"
    client("PATCH", path, body)
    client.settle()
    shown = client.show(id)
    assert shown["status"] == "Active"
    assert [group["instances"] for group in shown["node_groups"]] == nodes
    assert world.plugin.decommissioned == []
    kept = clusters.get(world.env.db, id).user_public_key
    assert kept == f"ssh-ed25519 BBBB {catalog.KEYPAIR}"


def test_a_key_pair_that_was_deleted_meanwhile(world, client):
    id = client.active(user_keypair_id=catalog.KEYPAIR)
    world.catalog.names["keypair"].clear()
    refused = client.error("PATCH", f"/clusters/{id}", {"update_keypair": True})
    assert refused == "INVALID_REFERENCE"
    assert client.show(id)["status"] == "Active"


def test_no_key_pair_to_read_again(client):
    id = client.active()
    refused = client.error("PATCH", f"/clusters/{id}", {"update_keypair": True})
    assert refused == "INVALID_REFERENCE"


def test_health_is_looked_at_when_asked_and_by_itself(world, client):
    id = client.active()
    path, body = f"/clusters/{id}", {"verification": {"status": "START"}}
    made = client.show(id)["verification"]
    assert made["status"] == "GREEN"
    assert made["checks"]
    asked = client("PATCH", path, body)["cluster"]["verification"]
    assert asked["status"] == "CHECKING"
    assert client.error("PATCH", path, body) == "CANNOT_VERIFY"
    client.conductor.passes()
    second = client.show(id)["verification"]
    assert (second["status"], second["id"] == made["id"]) == ("GREEN", False)
    world.plugin.sick.append("It has a fever.")
    client.conductor.passes()
    assert client.show(id)["verification"]["id"] == second["id"], "not due yet"
    world.clock.advance(world.env.conf.conductor.health_interval)
    client.conductor.passes()
    third = client.show(id)
    assert third["status"] == "Active"
    assert third["verification"]["status"] == "RED"
    red = [c for c in third["verification"]["checks"] if c["status"] == "RED"]
    assert [check["description"] for check in red] == ["It has a fever."]
    world.plugin.sick.clear()
    world.clock.advance(world.env.conf.conductor.health_interval)
    client.conductor.passes()
    assert client.show(id)["verification"]["status"] == "GREEN"


def test_a_transient_cluster_lives_as_long_as_its_jobs(client):
    template = client.template()
    id = client.create(is_transient=True)
    jobs = [client.launch(id, template) for _ in range(3)]

    def ended():
        found = client("GET", "/jobs")["jobs"]
        return all(job["info"]["status"] == "SUCCEEDED" for job in found)

    client.conductor.until(ended)
    assert client.show(id)["status"] == "Active"

    def gone():
        return not client("GET", "/clusters")["clusters"]

    client.conductor.until(gone)
    for job in jobs:
        shown = client("GET", f"/jobs/{job}")["job"]
        assert (shown["info"]["status"], shown["cluster_id"]) == ("SUCCEEDED", None)


def test_each_of_several_goes_its_own_way(client):
    made = client("POST", "/clusters", client.body(name="x", count=2))["clusters"]
    first, second = [entry["cluster"]["id"] for entry in made]
    client("DELETE", f"/clusters/{first}")
    client.settle()
    (left,) = client("GET", "/clusters")["clusters"]
    assert (left["id"], left["name"], left["status"]) == (second, "x-2", "Active")
    assert_all_successful(client.show(second))


@pytest.mark.parametrize("settled", [False, True])
def test_force_answers_and_leaves_nothing(world, client, settled):
    id = client.active() if settled else client.create()
    answer = client("DELETE", f"/clusters/{id}", {"force": True}, status=200)
    assert "stack_name" in answer
    assert client.show(id)["status"] == "Deleting"
    client.settle()
    assert client("GET", "/clusters") == {"clusters": []}
    assert world.infrastructure.nodes == {}
