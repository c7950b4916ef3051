# SPDX-License-Identifier: Apache-2.0
"""The life of a cluster on OpenStack, as its users see it."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from tests.scenario import harness
from tests.scenario.cloud import asking

#: Says what it was given, and on how many nodes its tasks ran.
PROGRAM = """\
import json, socket, sys
from pyspark.sql import SparkSession
spark = SparkSession.builder.getOrCreate()
def where(part):
    import time
    time.sleep(0.5)
    yield socket.gethostname()
hosts = spark.sparkContext.parallelize(range(8), 8).mapPartitions(where).collect()
print("RESULT", json.dumps({"args": sys.argv[1:], "hosts": sorted(set(hosts))}))
"""
ODD = ("a b", "$(id)", 'it\'s "odd"', "ä;|&", "new\nline")


@pytest.fixture(scope="module")
def cluster(demo: asking.Asking) -> dict:
    """1+2, made from a template; shared by the stories of this file."""
    asked = demo.cluster(workers=2)
    template = {
        key: asked[key]
        for key in ("name", "plugin_name", "plugin_version", "node_groups")
    }
    made = demo.call("POST", "cluster-templates", template)["cluster_template"]
    body = {key: value for key, value in asked.items() if key != "node_groups"}
    return demo.active(demo.create({**body, "cluster_template_id": made["id"]}))


def _result(demo: asking.Asking, job_id: str) -> dict:
    job = demo.ended(job_id)
    output = demo.output(job_id)
    assert job["info"]["status"] == "SUCCEEDED", (job["reason"], output)
    line = next(line for line in output.splitlines() if line.startswith("RESULT"))
    return dict(json.loads(line.removeprefix("RESULT ")))


def _hosts(cluster: dict) -> set[str]:
    return {
        instance["instance_name"]
        for group in cluster["node_groups"]
        if group["name"] == "worker"
        for instance in group["instances"]
    }


def test_a_job_runs_on_every_worker_with_its_arguments_as_typed(demo, cluster):
    settings = {"spark.executor.memory": "512m", "spark.executor.cores": "1"}
    job = demo.job(cluster["id"], PROGRAM, *ODD, **settings)
    result = _result(demo, job)
    assert tuple(result["args"]) == ODD
    assert len(result["hosts"]) == 2


def test_a_worker_comes_and_goes_and_the_others_stay(demo, cluster, cloud):
    before = {server.id for server in cloud.as_user("demo").compute.servers()}
    larger = demo.resize(cluster["id"], 3)
    assert len(_hosts(larger)) == 3
    between = {server.id for server in cloud.as_user("demo").compute.servers()}
    assert before < between
    assert len(between - before) == 1
    smaller = demo.resize(cluster["id"], 2)
    assert len(_hosts(smaller)) == 2
    after = {server.id for server in cloud.as_user("demo").compute.servers()}
    assert len(after) == len(before)
    assert len(after & before) >= 2


def test_its_health_is_green(demo, cluster):
    path = f"clusters/{cluster['id']}"
    demo.call("PATCH", path, {"verification": {"status": "START"}})

    def checked():
        found = demo.show(cluster["id"])["verification"]
        return found if found.get("status") in ("GREEN", "YELLOW", "RED") else None

    verification = harness.wait_for(checked, 60, "the verification ends")
    assert verification["status"] == "GREEN", verification


def test_another_project_sees_nothing_of_it(demo, other, cluster):
    for noun in ("clusters", "cluster-templates", "jobs", "job-binaries"):
        (listed,) = other.call("GET", noun).values()
        assert not listed
    assert other.ask("GET", f"clusters/{cluster['id']}").status_code == 404
    assert other.ask("DELETE", f"clusters/{cluster['id']}").status_code == 404


def test_a_second_life_leaves_nothing_behind(
    other: asking.Asking, nothing_left: Callable[[], None]
):
    made = other.active(other.create(other.cluster(workers=1)))
    result = _result(other, other.job(made["id"], PROGRAM, "second"))
    assert result["args"] == ["second"]
    other.delete(made["id"])
    nothing_left()
