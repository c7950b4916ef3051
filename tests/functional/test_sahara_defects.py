# SPDX-License-Identifier: Apache-2.0
"""What was wrong with Sahara, number by number, and is right here.

The numbers are those of the list of defects that compatibility is measured by.
What concerns API v1.1 alone (8, 15, 20) is told in its own stories; nothing is to
be done about 22 but that a code stays a number.
"""

import json
import re

import pytest

from sparkaas.edp import base
from sparkaas.edp import spark_submit
from sparkaas.testing import catalog
from sparkaas.testing import driving
from sparkaas.testing import engine
from sparkaas.testing import ground
from sparkaas.testing import infrastructure
from sparkaas.testing import node
from tests.functional import nouns

SECRETS = {
    "fs.swift.service.sahara.username": "bob",
    "fs.swift.service.sahara.password": "hunter2",
    "fs.s3a.access.key": "hunter2",
    "fs.s3a.secret.key": "hunter2",
}


@pytest.fixture
def api():
    with nouns.api() as made:
        yield made


def refused(answer, name):
    assert answer.status_code == 400, answer.text
    assert answer.json["error_name"] == name


def runnable(api, **body):
    """A job template that runs, on a cluster that is there."""
    main = api.upload()
    template = api.make("job-templates", mains=[main["id"]], **body)
    return {
        "job_template_id": template["id"],
        "cluster_id": api.make("clusters")["id"],
    }


def test_18_01_no_answer_about_a_job_has_a_secret(api):
    source = api.make(
        "data-sources",
        type="swift",
        url="swift://box/in",
        credentials={"user": "bob", "password": "hunter2"},
    )
    launch = runnable(api) | {
        "input_id": source["id"],
        "job_configs": {
            "configs": {**SECRETS, "edp.java.main_class": "Pi"},
            "params": {"DB_PASSWORD": "hunter2"},
        },
    }
    made = api.ask("POST", "/jobs", launch)
    path = f"/jobs/{made.json['job']['id']}"
    api.settle()
    answers = [
        made,
        api.ask("GET", path),
        api.ask("PATCH", path, {"is_public": True}),
        api.ask("GET", "/jobs"),
    ]
    newer = nouns.Api(api.world, version="2.1")
    answers += [newer.ask("GET", path), newer.ask("GET", "/jobs")]
    for answer in answers:
        assert "hunter2" not in answer.text
        assert "bob" not in answer.text
        job = answer.json.get("job") or answer.json["jobs"][0]
        assert job["job_configs"]["configs"] == {
            **dict.fromkeys(SECRETS, ""),
            "edp.java.main_class": "Pi",
        }
        assert job["job_configs"]["params"] == {"DB_PASSWORD": ""}
        assert not {"extra", "trusts", "proxy_configs"} & (
            set(job) | set(job["job_configs"])
        )


def test_18_02_a_tagged_image_is_shown_at_the_top_and_below_its_key(api):
    path = f"/images/{catalog.PLAIN_IMAGE}"
    api.ask("POST", path, {"username": "debian"})
    answer = api.ask("PUT", f"{path}/tags", {"tags": ["a"]})
    assert answer.status_code == 200
    image = answer.json.pop("image")
    assert image.items() >= {"username": "debian", "tags": ["a"]}.items()
    for field in ("name", "id", "username", "tags", "status", "description"):
        assert answer.json[field] == image[field]


@pytest.mark.parametrize("spelling", ["True", "true", "False", "1"])
def test_18_03_a_job_can_be_asked_for_with_refresh_status(api, spelling):
    id = api.make("jobs")["id"]
    before = len(api.world.bell.rings)
    answer = api.ask("GET", f"/jobs/{id}?refresh_status={spelling}")
    assert answer.status_code == 200
    rung = api.world.bell.rings[before:]
    assert rung == ([("job", id)] if spelling.lower() == "true" else [])


def test_18_04_tags_are_an_object(api):
    path = f"/images/{catalog.FAKE_IMAGE}/tags"
    assert api.ask("GET", path).json == {"tags": ["0.1", "fake"]}
    api.ask("DELETE", path)
    assert api.ask("GET", path).json == {"tags": []}


def test_18_05_a_job_binary_can_be_downloaded(api):
    binary = api.upload(b"print('hello')")
    answer = api.ask("GET", f"/job-binaries/{binary['id']}/data")
    assert answer.status_code == 200
    assert answer.data == b"print('hello')"
    assert answer.content_type == "application/octet-stream"


@pytest.mark.parametrize(
    "noun", ["node-group-templates", "cluster-templates", "clusters"]
)
def test_18_06_hadoop_version_is_a_filter(api, noun):
    id = api.make(noun)["id"]
    assert [one["id"] for one in api.list_(noun, "hadoop_version=0.1")[0]] == [id]
    assert api.list_(noun, "hadoop_version=9")[0] == []


@pytest.mark.parametrize("plugin", ["plugin", "plugin_name"])
@pytest.mark.parametrize("version", ["version", "plugin_version"])
def test_18_07_job_types_are_filtered_in_every_spelling(api, plugin, version):
    def names(query):
        return [one["name"] for one in api.ask("GET", f"/job-types?{query}").json[key]]

    key = "job_types"
    assert names(f"{plugin}=fake&{version}=0.1") == ["Shell", "Spark"]
    assert names(f"{plugin}=other") == []
    assert names(f"{version}=9") == []


def test_18_08_an_export_can_be_imported(api):
    """As clients do: placeholders filled in, and what is null or says nothing left
    out."""
    group = api.make("node-group-templates", boot_from_volume=True)
    answer = api.ask("GET", f"/node-group-templates/{group['id']}/export")
    body = json.loads(
        answer.text.replace('"{flavor_id}"', '"2"')
        .replace('"{security_groups}"', '["default"]')
        .replace('"{image_id}"', "null")
        .replace('"{floating_ip_pool}"', "null")
    )["node_group_template"]
    body = {key: value for key, value in body.items() if value is not None}
    del body["volumes_size"]  # sent only with volumes
    again = api.make("node-group-templates", **{**body, "name": "imported"})
    assert again["boot_from_volume"]
    assert again["security_groups"] == ["default"]


@pytest.mark.parametrize(
    "query",
    [
        "clusters?status=Active&name=c",
        "jobs?cluster.name=c",
        "jobs?job.name=j",
        "jobs?id=x",
        "jobs?status=PENDING",
    ],
)
def test_18_09_the_dashboard_s_filters_are_taken(api, query):
    assert api.ask("GET", f"/{query}").status_code == 200


@pytest.mark.parametrize("noun", sorted(nouns.KEYS))
def test_18_10_a_bad_sort_key_is_the_caller_s_fault(api, noun):
    refused(api.ask("GET", f"/{noun}?sort_by=nope"), "INVALID_DATA")


@pytest.mark.parametrize("noun", ["cluster-templates", "node-group-templates"])
def test_18_10_plugin_version_can_be_sorted_by(api, noun):
    assert api.ask("GET", f"/{noun}?sort_by=-plugin_version").status_code == 200


def test_18_11_a_page_of_jobs_begins_after_its_marker(api):
    ids = sorted(api.make("jobs")["id"] for _ in range(3))
    first, markers = api.list_("jobs", "limit=1")
    second, _ = api.list_("jobs", f"limit=1&marker={markers['next']}")
    assert [one["id"] for one in (*first, *second)] == ids[:2]


def test_18_12_suspending_a_running_job_is_refused_and_does_it_no_harm(api):
    api.world.engine.script = node.Script(seconds=10_000)
    launch = runnable(api)
    api.ask("POST", "/jobs", launch | {"job_configs": {}})
    id = api.list_("jobs")[0][0]["id"]
    until(api, lambda: api.show("jobs", id)["info"]["status"] == "RUNNING")
    answer = api.ask("PATCH", f"/jobs/{id}", {"info": {"status": "suspend"}})
    refused(answer, "SUSPENDING_FAILED")
    assert api.show("jobs", id)["info"]["status"] == "RUNNING"


def until(api, condition):
    driving.Conductor(api.world.env, api.world.clock).until(condition)


def test_18_13_a_schedule_is_taken_and_means_nothing(api):
    schedule = {"job_execution_type": "scheduled", "start": "2000-01-01 00:00:00"}
    job = api.make("jobs", job_configs={"job_execution_info": schedule})
    assert job["job_configs"]["job_execution_info"] == {}
    assert job["info"] == {"status": "PENDING"}


@pytest.mark.parametrize("value", ["False", "false", "True", "", "0"])
def test_18_14_adapt_for_swift_is_no_setting_of_spark_s(value):
    """Credentials reach Spark as properties with it and without it."""
    target = spark_submit.Target("/s", "/j", "spark://m:7077", "client", {}, {}, {})

    def launch(configs):
        submission = base.Submission(
            directory="/w",
            mains=("/w/a.jar",),
            libs=(),
            args=("1",),
            configs={"edp.java.main_class": "Pi", **configs},
            params={},
            secrets={"fs.swift.service.sahara.password": "p"},
        )
        return spark_submit.spark(
            "Spark",
            submission,
            target,
            properties_file="/w/p",
            sql_runner="/w/s",
            variables_file="/w/v",
        )

    adapted = launch({"edp.spark.adapt_for_swift": value})
    assert adapted == launch({})
    assert "spark.hadoop.fs.swift.service.sahara.password" in adapted.properties


def test_18_15_a_data_source_changes_whatever_jobs_there_are(api):
    source = api.make("data-sources")
    assert api.make("jobs")["data_source_urls"] is None
    answer = api.ask("PATCH", f"/data-sources/{source['id']}", {"description": "x"})
    assert answer.status_code == 202


def test_18_16_a_new_url_of_a_data_source_is_checked(api):
    path = f"/data-sources/{api.make('data-sources')['id']}"
    for change in (
        {"url": "swift://box/in"},
        {"type": "swift"},
        {"url": "hdfs:///no-host"},
        {"url": "/%RANDSTR(0)%"},
    ):
        refused(api.ask("PATCH", path, change), "INVALID_DATA")
    swift = {"type": "swift", "url": "swift://box/in"}
    refused(api.ask("PATCH", path, swift), "INVALID_CREDENTIALS")


def test_18_17_a_refused_cluster_leaves_nothing_and_its_name_is_free():
    clock = ground.FakeClock()
    cloud = infrastructure.QuotaUsedUp(clock)
    with nouns.api(clock=clock, infrastructure=cloud) as api:
        body = api._default("clusters")
        refused(api.ask("POST", "/clusters", body), "QUOTA_ERROR")
        none = {**body, "node_groups": [nouns.WORKER]}
        refused(api.ask("POST", "/clusters", none), "INVALID_COMPONENT_COUNT")
        assert api.list_("clusters")[0] == []
        fits = api.make("clusters", name=body["name"], node_groups=[nouns.HEAD])
        assert fits["status"] == "Validating"


def test_18_18_a_filter_is_no_regular_expression(api):
    api.make("data-sources")
    api.make("job-binaries", name="a.b")
    assert [one["name"] for one in api.list_("job-binaries", "name=a.b")[0]] == ["a.b"]
    for pattern in ("a%2Eb%7Cx", "a.%2B", "%5Ea", "(a", "a%25", "a_b"):
        assert api.list_("job-binaries", f"name={pattern}")[0] == []


def test_18_19_there_is_a_short_list_behind_a_microversion(api):
    api.make("clusters")
    newer = nouns.Api(api.world, version="2.1")
    (short,) = newer.list_("clusters", "summary=true&limit=5&status=Validating")[0]
    (long,) = newer.list_("clusters")[0]
    assert "node_groups" not in short
    assert "cluster_configs" not in short
    assert short == {key: long[key] for key in short}
    assert short["status"] == "Validating"
    refused(
        api.ask("GET", "/clusters?summary=true"),
        "INVALID_PARAMS_ON_REQUEST",
    )
    assert "node_groups" in api.list_("clusters")[0][0]


@pytest.mark.parametrize("count", [0, -1])
def test_18_21_a_number_of_clusters_is_at_least_one(api, count):
    body = api._default("clusters") | {"count": count}
    refused(api.ask("POST", "/clusters", body), "VALIDATION_ERROR")


def test_18_22_the_code_of_an_error_is_a_number(api):
    answer = api.ask("GET", "/clusters/99999999-9999-4999-8999-999999999999")
    assert answer.json["error_code"] == 404
    assert re.search(r'"error_code": 404[,}]', answer.text)


def test_18_23_a_template_s_change_leaves_what_groups_override(api):
    group = api.make("node-group-templates", description="x", flavor_id="2")
    template = api.make(
        "cluster-templates",
        node_groups=[
            {
                "name": "mine",
                "count": 3,
                "node_group_template_id": group["id"],
                "flavor_id": "4",
            }
        ],
    )
    change = {"flavor_id": "5", "availability_zone": "nova", "name": "other"}
    api.ask("PATCH", f"/node-group-templates/{group['id']}", change)
    (after,) = api.show("cluster-templates", template["id"])["node_groups"]
    assert (after["name"], after["count"]) == ("mine", 3)
    assert (after["flavor_id"], after["availability_zone"]) == ("4", "nova")


def test_18_24_a_resize_that_fails_says_why():
    clock = ground.FakeClock()
    cloud = infrastructure.QuotaUsedUp(clock)
    cloud.check = lambda cluster: None  # it is used up only afterwards
    with nouns.api(clock=clock, infrastructure=cloud) as api:
        worker = {**nouns.WORKER, "count": 1}
        path = (
            f"/clusters/{api.make('clusters', node_groups=[nouns.HEAD, worker])['id']}"
        )
        api.settle()
        more = {"resize_node_groups": [{"name": "worker", "count": 5}]}
        assert api.ask("PUT", path, more).status_code == 202
        api.settle()
        cluster = api.ask("GET", path).json["cluster"]
        assert cluster["status"] == "Active"
        assert "quota" in cluster["status_description"]
        fewer = {"resize_node_groups": [{"name": "worker", "count": 1}]}
        begun = api.ask("PUT", path, fewer).json["cluster"]
        assert (begun["status"], begun["status_description"]) == ("Validating", "")


def test_a_job_that_cannot_be_launched_says_why():
    with nouns.api(engine=engine.RefusesToLaunch()) as api:
        api.ask("POST", "/jobs", runnable(api))
        api.settle()
        newer = nouns.Api(api.world, version="2.1")
        (job,) = newer.list_("jobs")[0]
        assert job["info"]["status"] == "FAILED"
        assert "spark-submit" in job["info"]["reason"]["sentence"]
        (job,) = api.list_("jobs")[0]
        assert job["info"] == {"status": "FAILED"}
        assert job["end_time"] is not None
