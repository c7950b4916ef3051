# SPDX-License-Identifier: Apache-2.0
"""A job from its upload to its end and after, as a client of the API sees it."""

from sparkaas import model
from sparkaas import states
from sparkaas.db import clusters
from sparkaas.db import jobs
from sparkaas.testing import driving
from sparkaas.testing import records


def _launch(world, api, **job_configs):
    cluster = records.cluster(world.env, project_id=api.MINE)
    binary = api("POST", "/job-binaries", {"name": "app.py"})["job_binary"]
    api("PUT", f"/job-binaries/{binary['id']}/data", data=b"print()")
    body = {"name": "t", "type": "PySpark", "mains": [binary["id"]]}
    template = api("POST", "/job-templates", body)["job_template"]
    source = {"name": "in", "type": "s3", "url": "s3://b/%JOB_EXEC_ID%"}
    source["credentials"] = {"accesskey": "k", "secretkey": "hunter2", "ssl": True}
    source = api("POST", "/data-sources", source)["data_source"]
    body = {
        "job_template_id": template["id"],
        "cluster_id": cluster.id,
        "input_id": source["id"],
        "job_configs": job_configs,
    }
    return source, api("POST", "/jobs", body)["job"]


def test_to_its_end(world, api):
    source, job = _launch(
        world,
        api,
        args=["a b", "datasource://in"],
        configs={
            "edp.substitute_data_source_for_name": True,
            "spark.my.password": "hunter3",
        },
        params={"TOKEN": "hunter4"},
    )
    conductor = driving.Conductor(world.env, world.clock)
    path = f"/jobs/{job['id']}"
    conductor.until(lambda: api("GET", path)["job"]["info"]["status"] == "RUNNING")
    given = world.engine.submissions[job["id"]]
    assert given.args == ("a b", f"s3a://b/{job['id']}")
    assert given.secrets == {
        "spark.my.password": "hunter3",
        "params:TOKEN": "hunter4",
        "fs.s3a.access.key": "k",
        "fs.s3a.secret.key": "hunter2",
        "fs.s3a.connection.ssl.enabled": "true",
        "fs.s3a.bucket.b.access.key": "k",
        "fs.s3a.bucket.b.secret.key": "hunter2",
        "fs.s3a.bucket.b.connection.ssl.enabled": "true",
    }
    conductor.settle()
    ended = api("GET", path)["job"]
    assert ended["info"] == {"status": "SUCCEEDED", "reason": None}
    assert ended["start_time"] < ended["end_time"]
    assert ended["engine_job_id"]
    assert ended["data_source_urls"] == {source["id"]: f"s3://b/{job['id']}"}
    assert ended["progress"]["stages_done"] == ended["progress"]["stages_total"] > 0
    log = api("GET", f"{path}/logs/stdout?wait=30")
    assert log.get_data() == world.engine.script.stdout
    assert log.headers["X-Log-Complete"] == "true"
    for answer in api.seen:
        assert b"hunter" not in answer
    api("DELETE", path)
    conductor.settle()
    api.error("GET", path, status=404)
    assert not [key for key in world.store.objects if key.startswith("jobs/")]
    api("DELETE", f"/data-sources/{source['id']}")
    with world.env.db.reader() as transaction:
        count = "SELECT count(*) FROM secrets"
        # What is left is the cluster's own.
        assert transaction.connection().exec_driver_sql(count).scalar() == 1


WAITS = model.Reason(
    code="WAITS_FOR_CORES",
    sentence="It waits for cores: application a of job b holds 2 of 2.",
    hint="Wait for it.",
)


def test_what_a_running_driver_waits_for_is_told_as_long_as_it_does(world, api):
    _, job = _launch(world, api)
    world.engine.waits = WAITS
    conductor = driving.Conductor(world.env, world.clock)
    path = f"/jobs/{job['id']}"
    conductor.until(lambda: api("GET", path)["job"]["reason"])
    seen = api("GET", path)["job"]
    assert seen["info"]["status"] == "RUNNING"
    assert seen["reason"]["code"] == "WAITS_FOR_CORES"
    assert seen["waiting_for"] == WAITS.sentence
    world.engine.waits = None
    conductor.until(lambda: not api("GET", path)["job"]["reason"])
    seen = api("GET", path)["job"]
    assert seen["info"]["status"] == "RUNNING"
    assert seen["waiting_for"] == "The driver runs."
    conductor.settle()
    ended = api("GET", path)["job"]
    assert ended["info"] == {"status": "SUCCEEDED", "reason": None}


def test_what_a_driver_waited_for_is_no_reason_of_its_end(world, api):
    _, job = _launch(world, api)
    world.engine.waits = WAITS
    driving.Conductor(world.env, world.clock).settle()
    ended = api("GET", f"/jobs/{job['id']}")["job"]
    assert ended["info"] == {"status": "SUCCEEDED", "reason": None}


def test_cancelled_while_it_waits(world, api):
    _, job = _launch(world, api)
    path = f"/jobs/{job['id']}"
    api("PATCH", path, {"info": {"status": "cancel"}})
    driving.Conductor(world.env, world.clock).settle()
    ended = api("GET", path)["job"]
    assert ended["info"]["status"] == "KILLED"
    assert world.engine.submissions == {}
    again = api("PATCH", path, {"info": {"status": "cancel"}})["job"]
    assert again == ended


def test_its_log_outlives_its_cluster(world, api):
    _, job = _launch(world, api)
    conductor = driving.Conductor(world.env, world.clock)
    conductor.settle()
    clusters.set_intent(
        world.env.db,
        job["cluster_id"],
        world.clock.now(),
        target=states.Target.DELETED,
    )
    conductor.settle()
    record = jobs.get(world.env.db, job["id"])
    assert record.cluster_id is None
    assert api("GET", f"/jobs/{job['id']}")["job"]["cluster_id"] is None
    log = api("GET", f"/jobs/{job['id']}/logs/stdout")
    assert log.get_data() == world.engine.script.stdout
