# SPDX-License-Identifier: Apache-2.0
"""Launching jobs: what is merged, what is refused, and doing it twice."""

import threading
import uuid

import pytest

from sparkaas import exceptions
from sparkaas.db import job_templates
from sparkaas.db import jobs
from sparkaas.db import plugin_labels
from sparkaas.service import job_sources
from sparkaas.testing import engine

NOWHERE = "5a1b1d3c-0c51-4b36-9d55-111111111111"


def test_a_launch_is_stored_and_rung(world, api, launch):
    job = launch(is_public=True, is_protected=True)
    assert job["info"] == {"status": "PENDING", "reason": None}
    assert job["is_public"] is True
    assert job["is_protected"] is True
    assert job["job_configs"] == {
        "configs": {},
        "params": {},
        "args": [],
        "job_execution_info": {},
    }
    assert world.bell.rings == [("job", job["id"])]
    record = jobs.get(world.env.db, job["id"])
    assert record.name == "t"
    assert record.type == "Spark"
    assert record.next_run_at == world.clock.now()
    assert record.secret_ref is None


def test_arguments_arrive_as_typed(api, launch):
    args = ["a b", "'\"", "; rm -rf /", "$(id)", "line\nline", "żółw", ""]
    assert launch({"args": args})["job_configs"]["args"] == args


def test_an_interface_is_merged(api, cluster, binary):
    def arg(name, mapping_type, location, **more):
        return {
            "name": name,
            "mapping_type": mapping_type,
            "location": location,
            **more,
        }

    template = api(
        "POST",
        "/job-templates",
        {
            "name": "with",
            "type": "Spark",
            "mains": [binary["id"]],
            "interface": [
                arg("out", "args", "1", required=False, default="/o"),
                arg("in", "args", "0", required=True, value_type="data_source"),
                arg("memory", "configs", "spark.executor.memory", required=False),
            ],
        },
    )["job_template"]
    source = api("POST", "/data-sources", {"name": "s", "type": "hdfs", "url": "/i"})
    id = source["data_source"]["id"]
    body = {
        "job_template_id": template["id"],
        "cluster_id": cluster.id,
        "interface": {"in": id, "memory": "1g"},
        "job_configs": {"args": ["--fast"]},
    }
    assert api("POST", "/jobs", body)["job"]["job_configs"] == {
        "configs": {"spark.executor.memory": "1g"},
        "params": {},
        "args": [id, "/o", "--fast"],
        "job_execution_info": {},
    }
    del body["interface"]
    assert api.error("POST", "/jobs", body) == "INVALID_DATA"
    body["interface"] = {"in": NOWHERE}
    assert api.error("POST", "/jobs", body) == "INVALID_REFERENCE"
    body["interface"] = {"in": "s3://b/k", "colour": "red"}
    assert api.error("POST", "/jobs", body) == "INVALID_DATA"


@pytest.mark.parametrize("key", ["job_template_id", "cluster_id", "input_id"])
def test_what_does_not_exist(api, cluster, template, key):
    body = {"job_template_id": template["id"], "cluster_id": cluster.id, key: NOWHERE}
    assert api.error("POST", "/jobs", body) == "INVALID_REFERENCE"


def test_named_data_sources_must_exist(api, cluster, template):
    body = {
        "job_template_id": template["id"],
        "cluster_id": cluster.id,
        "job_configs": {
            "configs": {"edp.substitute_data_source_for_name": True},
            "args": ["datasource://in"],
        },
    }
    assert api.error("POST", "/jobs", body) == "INVALID_REFERENCE"
    api("POST", "/data-sources", {"name": "in", "type": "hdfs", "url": "/i"})
    api("POST", "/jobs", body)


def test_ones_own_data_source_stands_before_a_public_one(world, api, launch):
    """Nobody can put theirs in its place by publishing one of that name."""
    public = {"name": "in", "type": "hdfs", "url": "/evil", "is_public": True}
    configs = {"edp.substitute_data_source_for_name": True}
    settings = {"configs": configs, "args": ["datasource://in"]}
    api("POST", "/data-sources", public, project=api.OTHER)
    job = launch(settings)
    assert _sources(world, job) == ["/evil"]
    api("POST", "/data-sources", {"name": "in", "type": "hdfs", "url": "/mine"})
    api("POST", "/data-sources", {"name": "input", "type": "hdfs", "url": "/other"})
    assert _sources(world, job) == ["/mine"]


def test_a_name_that_several_others_published(api, cluster, template):
    public = {"name": "in", "type": "hdfs", "url": "/evil", "is_public": True}
    for project in (api.OTHER, api.OTHER.replace("f", "e")):
        api("POST", "/data-sources", public, project=project)
    body = {
        "job_template_id": template["id"],
        "cluster_id": cluster.id,
        "job_configs": {
            "configs": {"edp.substitute_data_source_for_name": True},
            "args": ["datasource://in"],
        },
    }
    assert api.error("POST", "/jobs", body) == "INVALID_REFERENCE"


def _sources(world, job):
    record = jobs.get(world.env.db, job["id"])
    template = job_templates.get(world.env.db, record.job_template_id)
    return [s.url for s in job_sources.needed(world.env, record, template)]


def test_ids_in_arguments_may_be_anything(launch):
    configs = {"edp.substitute_data_source_for_uuid": True}
    launch({"configs": configs, "args": [NOWHERE]})


@pytest.mark.parametrize(
    "job_configs",
    [
        {"args": "x"},
        {"args": [1]},
        {"args": ["a\0b"]},
        {"configs": {"a": {}}},
        {"configs": {"a": "b\0"}},
        {"more": {}},
    ],
)
def test_configs_of_the_wrong_shape(api, cluster, template, job_configs):
    body = {
        "job_template_id": template["id"],
        "cluster_id": cluster.id,
        "job_configs": job_configs,
    }
    api.error("POST", "/jobs", body)


def test_a_type_that_the_plugin_does_not_run(api, cluster, binary):
    body = {"name": "pig", "type": "Pig", "mains": [binary["id"]]}
    template = api("POST", "/job-templates", body)["job_template"]
    body = {"job_template_id": template["id"], "cluster_id": cluster.id}
    assert api.error("POST", "/jobs", body) == "INVALID_REFERENCE"


def test_a_disabled_plugin(world, api, cluster, template):
    labels = {("0.1", "enabled"): False}
    plugin_labels.set_(world.env.db, api.MINE, "fake", labels)
    body = {"job_template_id": template["id"], "cluster_id": cluster.id}
    assert api.error("POST", "/jobs", body) == "INVALID_REFERENCE"


def test_a_binary_without_bytes(api, cluster):
    binary = api("POST", "/job-binaries", {"name": "b.jar"})["job_binary"]
    body = {"name": "t", "type": "Spark", "mains": [binary["id"]]}
    template = api("POST", "/job-templates", body)["job_template"]
    body = {"job_template_id": template["id"], "cluster_id": cluster.id}
    assert api.error("POST", "/jobs", body) == "BAD_JOB_BINARY"


def test_the_engine_has_a_say(world, api, cluster, template):
    class Picky(engine.FakeEngine):
        def validate(self, template, job_configs, cluster):
            if "edp.java.main_class" not in job_configs["configs"]:
                raise exceptions.InvalidRequest("A main class is needed.")

    world.plugin.job_engines["Spark"] = Picky()
    body = {"job_template_id": template["id"], "cluster_id": cluster.id}
    assert api.error("POST", "/jobs", body) == "INVALID_DATA"
    body["job_configs"] = {"configs": {"edp.java.main_class": "org.example.Pi"}}
    api("POST", "/jobs", body)


def test_public_things_of_others_can_be_run(world, api, binary, new_cluster):
    body = {"name": "p", "type": "Spark", "mains": [binary["id"]], "is_public": True}
    template = api("POST", "/job-templates", body)["job_template"]
    theirs = new_cluster(project=api.OTHER)
    body = {"job_template_id": template["id"], "cluster_id": theirs.id}
    api("POST", "/jobs", body, project=api.OTHER)


def test_the_same_key_is_the_same_job(world, api, launch):
    first = launch(headers={"Idempotency-Key": "k"})
    again = launch({"args": ["other"]}, headers={"Idempotency-Key": "k"})
    assert again == first
    assert world.bell.rings == [("job", first["id"])]
    assert launch(headers={"Idempotency-Key": "l"})["id"] != first["id"]
    assert launch()["id"] != launch()["id"]


def test_keys_are_each_projects_own(world, api, binary, new_cluster):
    body = {"name": "p", "type": "Spark", "mains": [binary["id"]], "is_public": True}
    template = api("POST", "/job-templates", body)["job_template"]
    found = set()
    for project in (api.MINE, api.OTHER):
        cluster = new_cluster(project=project)
        body = {"job_template_id": template["id"], "cluster_id": cluster.id}
        headers = {"Idempotency-Key": "k"}
        found.add(
            api("POST", "/jobs", body, project=project, headers=headers)["job"]["id"]
        )
    assert len(found) == 2


@pytest.mark.parametrize("key", ["", "x" * 256, "tab\tkey"])
def test_bad_keys(api, cluster, template, key):
    body = {"job_template_id": template["id"], "cluster_id": cluster.id}
    headers = {"Idempotency-Key": key}
    assert api.error("POST", "/jobs", body, headers=headers) == "INVALID_DATA"


def test_many_launches_with_one_key_at_once(world, api, cluster, template):
    """Also where all of them look before any of them stores."""
    together = threading.Barrier(4, timeout=30)

    class Meeting(engine.FakeEngine):
        def validate(self, template, job_configs, cluster):
            together.wait()

    world.plugin.job_engines["Spark"] = Meeting()
    found = []

    def launch():
        body = {
            "job_template_id": template["id"],
            "cluster_id": cluster.id,
            "job_configs": {"configs": {"my.password": str(uuid.uuid4())}},
        }
        headers = {"Idempotency-Key": "k"}
        found.append(api("POST", "/jobs", body, headers=headers)["job"]["id"])

    threads = [threading.Thread(target=launch) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 4
    assert len(set(found)) == 1
    with world.env.db.reader() as transaction:
        count = "SELECT count(*) FROM secrets"
        assert transaction.connection().exec_driver_sql(count).scalar() == 1
