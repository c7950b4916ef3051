# SPDX-License-Identifier: Apache-2.0
"""Keys to object stores: lent to a job when it is launched, taken back at its end."""

import pytest

from sparkaas.db import jobs
from sparkaas.edp import objects as edp_objects
from sparkaas.testing import driving

SWIFT = {"user": "u", "password": "p"}


@pytest.fixture
def run(world, api, launch):
    """Launches a job and has it start; (the job's record, what its engine got)."""

    def start(**more):
        job = launch(**more)
        conductor = driving.Conductor(world.env, world.clock)
        conductor.until(lambda: job["id"] in world.engine.submissions)
        return jobs.get(world.env.db, job["id"]), world.engine.submissions[job["id"]]

    return start


def _source(api, url, **more):
    body = {"name": "in", "type": "swift", "url": url, **more}
    return api("POST", "/data-sources", body)["data_source"]


def test_of_the_owner(world, api, store, run):
    job, given = run(job_configs={"args": ["swift://box.sahara/a", "b"]})
    assert given.args == ("swift://box/a", "b")
    assert given.objects
    assert given.secrets["fs.s3a.bucket.box.access.key"] == "access-1"
    assert given.secrets["fs.s3a.secret.key"] == "secret-of-access-1"
    assert store.to == {"access-1": job.user_id}
    assert "access-1" not in str(job)
    driving.Conductor(world.env, world.clock).settle()
    assert store.lent == set()
    assert api("GET", f"/jobs/{job.id}")["job"]["info"]["status"] == "SUCCEEDED"


def test_of_a_user_who_was_named(api, store, run):
    source = _source(api, "swift://box/a", credentials=SWIFT)
    job, given = run(input_id=source["id"])
    assert store.to == {"access-1": f"u:p@{job.project_id}"}
    assert given.secrets["fs.s3a.bucket.box.access.key"] == "access-1"
    # Another container is not that user's to open.
    assert "fs.s3a.access.key" not in given.secrets
    assert edp_objects.PASSWORD not in given.secrets


def test_of_a_user_in_the_jobs_settings(store, run):
    configs = {edp_objects.USER: "u", edp_objects.PASSWORD: "p"}
    job, given = run(job_configs={"configs": configs, "args": ["swift://box/a"]})
    assert store.to == {"access-1": f"u:p@{job.project_id}"}
    assert not {edp_objects.USER, edp_objects.PASSWORD} & set(given.secrets)


def test_for_a_program_that_names_its_containers_itself(store, run):
    given = run(job_configs={"configs": {edp_objects.ADAPT: "True"}})[1]
    assert given.secrets["fs.s3a.access.key"] == "access-1"


def test_what_the_job_sets_stands(store, run):
    own = {"fs.s3a.access.key": "mine", "fs.s3a.secret.key": "own"}
    args = ["swift://box/a", "s3a://other/b"]
    given = run(job_configs={"configs": own, "args": args})[1]
    assert given.secrets["fs.s3a.access.key"] == "mine"
    assert "fs.s3a.endpoint" not in given.secrets
    assert given.secrets["fs.s3a.bucket.box.access.key"] == "access-1"


def test_none_where_none_is_needed(store, run):
    given = run(job_configs={"args": ["s3a://box/a"]})[1]
    assert store.to == {}
    assert given.objects


def test_another_file_system_for_swift_gets_addresses_as_ever(store, run):
    configs = {"fs.swift.impl": "org.example.Swift"}
    given = run(job_configs={"configs": configs, "args": ["swift://box/a"]})[1]
    assert given.args == ("swift://box.sahara/a",)
    assert "fs.swift.impl" not in given.secrets


def test_the_region_of_an_s3_is_the_jobs_to_say(api, run):
    given = {"accesskey": "k", "secretkey": "s", "endpoint": "minio:9000"}
    source = _source(api, "s3://box/a", type="s3", credentials=given)
    of_bucket = "fs.s3a.bucket.box.endpoint.region"
    assert run(input_id=source["id"])[1].secrets[of_bucket] == "us-east-1"
    own = {"configs": {"fs.s3a.endpoint.region": "here"}}
    given = run(input_id=source["id"], job_configs=own)[1]
    assert not [name for name in given.secrets if name.endswith("region")]
    assert given.configs["fs.s3a.endpoint.region"] == "here"


@pytest.mark.parametrize("refuses", ["away", "refuses"])
def test_a_launch_without_keys_is_none(api, store, cluster, template, refuses):
    setattr(store, refuses, True)
    body = {
        "job_template_id": template["id"],
        "cluster_id": cluster.id,
        "job_configs": {"args": ["swift://box/a"]},
    }
    status = 503 if refuses == "away" else 400
    assert api.error("POST", "/jobs", body, status=status)
    assert api("GET", "/jobs")["jobs"] == []


def test_taken_back_when_the_store_answers_again(world, store, run):
    job, _ = run(job_configs={"args": ["swift://box/a"]})
    store.away = True
    conductor = driving.Conductor(world.env, world.clock)
    conductor.until(lambda: jobs.get(world.env.db, job.id).attempts > 1)
    assert store.lent
    store.away = False
    conductor.settle()
    assert store.lent == set()


def test_of_a_deleted_job(world, api, store, launch):
    job = launch(job_configs={"args": ["swift://box/a"]})
    assert store.lent
    api("DELETE", f"/jobs/{job['id']}")
    driving.Conductor(world.env, world.clock).settle()
    assert store.lent == set()


def test_nobody_names_keys_to_be_taken_back(api, store, cluster, template):
    """Or a job could have the service take another's."""
    body = {
        "job_template_id": template["id"],
        "cluster_id": cluster.id,
        "job_configs": {"configs": {"lent:token": "{}"}},
    }
    assert api.error("POST", "/jobs", body) == "INVALID_DATA"


def test_credentials_are_needed_where_nothing_is_lent(api):
    body = {"name": "in", "type": "swift", "url": "swift://a/b"}
    assert api.error("POST", "/data-sources", body) == "INVALID_CREDENTIALS"
    body = {"name": "a.py", "url": "swift://a/b.py"}
    assert api.error("POST", "/job-binaries", body) == "BAD_JOB_BINARY"


def test_half_of_the_credentials_never_do(api, store):
    body = {"name": "in", "type": "swift", "url": "swift://a/b"}
    half = {**body, "credentials": {"user": "u"}}
    assert api.error("POST", "/data-sources", half) == "INVALID_CREDENTIALS"
    api("POST", "/data-sources", body)
    api("POST", "/job-binaries", {"name": "a.py", "url": "swift://a/b.py"})
