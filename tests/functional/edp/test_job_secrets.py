# SPDX-License-Identifier: Apache-2.0
"""A planted secret never comes out: not in an answer, the database's file or a log."""

import logging

from sparkaas import keys
from sparkaas import states
from sparkaas.db import clusters
from sparkaas.db import jobs
from sparkaas.service import lending
from sparkaas.testing import driving
from sparkaas.testing import records

SECRET = "hunter2"  # noqa: S105


def _everything_on_disk(directory):
    return {
        path.name: path.read_bytes() for path in directory.rglob("*") if path.is_file()
    }


def test_no_secret_comes_out(world, api, cluster, caplog):
    caplog.set_level(logging.DEBUG)
    swift = {"user": "u", "password": SECRET}
    source = api(
        "POST",
        "/data-sources",
        {"name": "in", "type": "swift", "url": "swift://a/b", "credentials": swift},
    )["data_source"]
    s3 = {"accesskey": SECRET, "secretkey": SECRET, "endpoint": "http://s3"}
    binary = api(
        "POST",
        "/job-binaries",
        {"name": "app.py", "url": "s3://b/app.py", "extra": s3},
    )["job_binary"]
    template = api(
        "POST",
        "/job-templates",
        {
            "name": "t",
            "type": "Spark",
            "mains": [binary["id"]],
            "interface": [
                {
                    "name": "token",
                    "mapping_type": "configs",
                    "location": "spark.my.token",
                    "required": True,
                }
            ],
        },
    )["job_template"]
    launch = {
        "job_template_id": template["id"],
        "cluster_id": cluster.id,
        "input_id": source["id"],
        "interface": {"token": SECRET},
        "job_configs": {
            "configs": {
                "fs.s3a.secret.key": SECRET,
                "fs.swift.service.sahara.password": SECRET,
                "fs.swift.service.sahara.username": SECRET,
            },
            "params": {"DB_PASSWORD": SECRET},
            "args": ["x"],
        },
    }
    job = api("POST", "/jobs", launch)["job"]
    for version in ("2.0", "2.1"):
        for noun, one in (
            ("data-sources", source),
            ("job-binaries", binary),
            ("job-templates", template),
            ("jobs", job),
        ):
            api("GET", f"/{noun}", version=version)
            api("GET", f"/{noun}/{one['id']}", version=version)
        api("GET", f"/jobs/{job['id']}?refresh_status=True", version=version)
        api("PATCH", f"/jobs/{job['id']}", {"is_public": True}, version=version)
    # Also where something is wrong with the request.
    api("POST", "/jobs", {**launch, "more": SECRET}, status=400)
    api("POST", "/jobs", {**launch, "interface": {"token": [SECRET]}}, status=400)
    bad = {"configs": {"spark.my.token": "other"}}
    api("POST", "/jobs", {**launch, "job_configs": bad}, status=400)
    api(
        "POST",
        "/data-sources",
        {"name": "x", "type": "s3", "url": f"s3://k:{SECRET}@b/k"},
        status=400,
    )
    api(
        "POST",
        "/data-sources",
        {
            "name": "y",
            "type": "s3",
            "url": "s3://b/k",
            "credentials": {"endpoint": f"http://{SECRET}"},
        },
        status=400,
    )
    api(
        "PATCH",
        f"/job-binaries/{binary['id']}",
        {"extra": {"accesskey": SECRET}},
        status=400,
    )

    assert job["job_configs"]["configs"] == {
        "fs.s3a.secret.key": "",
        "fs.swift.service.sahara.password": "",
        "fs.swift.service.sahara.username": "",
        "spark.my.token": "",
    }
    assert job["job_configs"]["params"] == {"DB_PASSWORD": ""}
    stored = jobs.get(world.env.db, job["id"])
    assert set(world.env.secrets.get(stored.secret_ref).values()) == {SECRET}
    assert len(api.seen) > 20
    for answer in api.seen:
        assert SECRET.encode() not in answer
    files = _everything_on_disk(world.directory)
    assert files
    for name, content in files.items():
        assert SECRET.encode() not in content, name
    assert SECRET not in caplog.text


def test_what_a_cluster_has_is_not_in_its_database(world, api):
    """Its seed, all that is derived of it, and what its owner lends."""
    lender = lending.Lending(world.infrastructure, world.env.secrets)
    world.change(infrastructure=lender)
    record = records.cluster(world.env, project_id=api.MINE)
    body = {
        "name": "c2",
        "plugin_name": "fake",
        "plugin_version": record.plugin_version,
        "default_image_id": record.default_image_id,
        "neutron_management_network": record.neutron_management_network,
        "node_groups": [
            {
                "name": "all",
                "flavor_id": "2",
                "count": 1,
                "node_processes": [
                    "namenode",
                    "jobtracker",
                    "datanode",
                    "tasktracker",
                ],
            }
        ],
    }
    made = api("POST", "/clusters", body)["cluster"]
    driving.Conductor(world.env, world.clock).settle()

    stored = clusters.get(world.env.db, made["id"])
    assert stored.condition is states.Condition.ACTIVE
    seed = world.env.secrets.get(stored.secret_refs[keys.REFERENCE])[keys.SEED]
    (trust,) = world.infrastructure.trusts
    derived = [keys.derive(seed, name) for name in keys.names(stored)]
    private = [keys.private_key(each).split("\n")[3] for each in derived]
    assert len(private) > 1
    shown = api.seen + list(_everything_on_disk(world.directory).values())
    for secret in (seed, trust, *derived, *private):
        for content in shown:
            assert secret.encode() not in content


def test_credentials_go_with_their_object(world, api):
    body = {
        "name": "in",
        "type": "swift",
        "url": "swift://a/b",
        "credentials": {"user": "u", "password": "one"},
    }
    source = api("POST", "/data-sources", body)["data_source"]
    path = f"/data-sources/{source['id']}"
    assert _secrets(world) == 1
    api("PATCH", path, {"credentials": {"user": "u", "password": "two"}})
    assert _secrets(world) == 1
    api("PATCH", path, {"url": "swift://a/c"})
    assert _secrets(world) == 1
    assert api.error("PATCH", path, {"credentials": {}}) == "INVALID_CREDENTIALS"
    assert api.error("POST", "/data-sources", body) == "NAME_ALREADY_EXISTS"
    assert _secrets(world) == 1
    api("DELETE", path)
    assert _secrets(world) == 0


def test_extra_goes_with_its_binary(world, api):
    extra = {"accesskey": "a", "secretkey": "s", "endpoint": "http://s3"}
    body = {"name": "a.jar", "url": "s3://b/a.jar", "extra": extra}
    binary = api("POST", "/job-binaries", body)["job_binary"]
    path = f"/job-binaries/{binary['id']}"
    api("PATCH", path, {"extra": {**extra, "secretkey": "t"}})
    assert _secrets(world) == 1
    api("PATCH", path, {"url": "s3://b/b.jar"})
    assert api.error("POST", "/job-binaries", body) == "DB_DUPLICATE_ENTRY"
    assert _secrets(world) == 1
    api("DELETE", path)
    assert _secrets(world) == 0


def _secrets(world):
    with world.env.db.reader() as transaction:
        return (
            transaction.connection()
            .exec_driver_sql("SELECT count(*) FROM secrets")
            .scalar()
        )
