# SPDX-License-Identifier: Apache-2.0
"""Data sources, binaries, templates and jobs: what they may be and what comes of them.

Which URLs they may have in detail is told with ``sparkaas.service.locations``.
"""

import pytest

from sparkaas.testing import node
from tests.functional import nouns

NOBODY = "99999999-9999-4999-8999-999999999999"
SWIFT = {"user": "u", "password": "p"}
S3 = {"accesskey": "a", "secretkey": "s", "endpoint": "https://s3.example.org"}


@pytest.fixture
def api():
    with nouns.api() as made:
        yield made


def refused(answer, name, text=""):
    assert answer.status_code == 400, answer.text
    assert answer.json["error_name"] == name, answer.text
    assert text in answer.json["error_message"]


def runnable(api, **body):
    main = api.upload()["id"]
    template = api.make("job-templates", mains=[main], **body)["id"]
    return {"job_template_id": template, "cluster_id": api.make("clusters")["id"]}


def argument(name, mapping_type, location, **more):
    return {
        "name": name,
        "mapping_type": mapping_type,
        "location": location,
        "required": True,
        **more,
    }


@pytest.mark.parametrize(
    ("type", "url", "credentials"),
    [
        ("swift", "swift://box/in", SWIFT),
        ("swift", "swift://box.sahara/in", SWIFT),
        ("hdfs", "hdfs://host:8020/in", None),
        ("hdfs", "/in", None),
        ("maprfs", "maprfs://host/in", None),
        ("maprfs", "maprfs:///in", None),
        ("manila", f"manila://{NOBODY}/in", None),
        ("s3", "s3://box/in", None),
        ("s3", "s3a://box/in", {**S3, "endpoint": "s3.example.org", "ssl": True}),
        ("hdfs", "/out/%JOB_EXEC_ID%/%RANDSTR(8)%", None),
    ],
)
def test_a_data_source_of_each_type(api, type, url, credentials):
    more = {} if credentials is None else {"credentials": credentials}
    source = api.make("data-sources", type=type, url=url, **more)
    assert (source["type"], source["url"]) == (type, url)
    answer = api.ask("GET", f"/data-sources/{source['id']}")
    assert "credentials" not in answer.json["data_source"]


@pytest.mark.parametrize(
    ("change", "name"),
    [
        ({"url": "swift://box/in", "type": "swift"}, "INVALID_CREDENTIALS"),
        (
            {"url": "swift://box/in", "type": "swift", "credentials": {"user": "u"}},
            "INVALID_CREDENTIALS",
        ),
        (
            {"url": "s3://b/k", "type": "s3", "credentials": {"user": "u"}},
            "INVALID_CREDENTIALS",
        ),
        ({"credentials": {"token": "x"}}, "VALIDATION_ERROR"),
        ({"url": "x" * 257}, "VALIDATION_ERROR"),
        ({"url": ""}, "VALIDATION_ERROR"),
        ({"url": "hdfs:///x"}, "INVALID_DATA"),
        ({"url": "hdfs://host/x", "type": "maprfs"}, "INVALID_DATA"),
        ({"type": "HDFS"}, "VALIDATION_ERROR"),
        ({"description": None}, "VALIDATION_ERROR"),
        ({"url": "manila://x/y", "type": "manila"}, "INVALID_DATA"),
        ({"url": "/%RANDSTR(1025)%"}, "INVALID_DATA"),
    ],
    ids=str,
)
def test_a_data_source_that_cannot_be(api, change, name):
    body = {"name": "x", "type": "hdfs", "url": "/x", **change}
    refused(api.ask("POST", "/data-sources", body), name)
    assert api.list_("data-sources")[0] == []


@pytest.mark.parametrize(
    ("url", "extra"),
    [
        ("swift://box/app.jar", SWIFT),
        ("swift://box.sahara/app.jar", SWIFT),
        ("s3://box/app.jar", S3),
        (f"manila://{NOBODY}/app.jar", {}),
    ],
)
def test_a_job_binary_of_each_scheme(api, url, extra):
    binary = api.make("job-binaries", url=url, extra=extra)
    assert binary["url"] == url
    refused(
        api.ask("GET", f"/job-binaries/{binary['id']}/data"),
        "BAD_JOB_BINARY",
    )


@pytest.mark.parametrize(
    ("body", "name"),
    [
        ({"url": "swift://box/a", "extra": {"user": "u"}}, "BAD_JOB_BINARY"),
        ({"url": "swift://box/a"}, "BAD_JOB_BINARY"),
        ({"url": "s3://box/a", "extra": {}}, "BAD_JOB_BINARY"),
        ({"url": "s3a://box/a", "extra": S3}, "INVALID_DATA"),
        ({"url": "hdfs://h/a"}, "INVALID_DATA"),
        ({"url": "internal-db://x"}, "BAD_JOB_BINARY"),
        ({"url": f"internal-db://{NOBODY}"}, "INVALID_REFERENCE"),
        ({"url": "swift://box/a", "extra": {"user": ["u"]}}, "VALIDATION_ERROR"),
        ({"url": "swift://box/a", "description": None}, "VALIDATION_ERROR"),
    ],
    ids=str,
)
def test_a_job_binary_that_cannot_be(api, body, name):
    refused(api.ask("POST", "/job-binaries", {"name": "x", **body}), name)


def test_a_new_url_of_a_job_binary_is_checked(api):
    path = f"/job-binaries/{api.make('job-binaries')['id']}"
    refused(api.ask("PATCH", path, {"url": "s3://box/a"}), "BAD_JOB_BINARY")
    answer = api.ask("PATCH", path, {"url": "s3://box/a", "extra": S3})
    assert answer.json["job_binary"]["url"] == "s3://box/a"
    assert "extra" not in answer.json["job_binary"]


@pytest.mark.parametrize("noun", ["data-sources", "job-binaries", "job-templates"])
@pytest.mark.parametrize("name", ["", "a b", "-a", ".a", "a/b", "ä", "a\n", "a" * 51])
def test_a_name_that_cannot_be(api, noun, name):
    refused(
        api.ask("POST", f"/{noun}", api._default(noun) | {"name": name}),
        "VALIDATION_ERROR",
        "name",
    )


@pytest.mark.parametrize(
    "noun", ["clusters", "cluster-templates", "node-group-templates"]
)
@pytest.mark.parametrize(
    "name", ["", "a_b", "1a", "a-", "-a", "a..b", ".a", "a.1", "ä", "a" * 51]
)
def test_a_host_name_that_cannot_be(api, noun, name):
    refused(
        api.ask("POST", f"/{noun}", api._default(noun) | {"name": name}),
        "VALIDATION_ERROR",
        "name",
    )


MAPPINGS = {
    "Spark": "args configs",
    "Shell": "args configs params",
    "Java": "args configs",
    "MapReduce": "configs",
    "MapReduce.Streaming": "configs",
    "Pig": "args configs params",
    "Hive": "configs params",
    "Storm": "args",
    "Storm.Pyleus": "",
}


@pytest.mark.parametrize("type", sorted(MAPPINGS))
def test_what_a_type_of_job_needs_and_maps(api, type):
    binary = api.make("job-binaries")["id"]
    needs = {"Java": "libs", "MapReduce": "libs", "MapReduce.Streaming": None}
    where = needs.get(type, "mains")
    body = {"name": "t", "type": type}
    if where is not None:
        refused(api.ask("POST", "/job-templates", body), "INVALID_DATA", where)
        body[where] = [binary]
    if where == "libs":
        main = api.make("job-binaries")["id"]
        both = {**body, "mains": [main]}
        refused(api.ask("POST", "/job-templates", both), "INVALID_DATA", "mains")
    for mapping in ("args", "configs", "params"):
        one = [argument("a", mapping, "0")]
        answer = api.ask(
            "POST",
            "/job-templates",
            {**body, "name": f"t-{mapping}", "interface": one},
        )
        if mapping in MAPPINGS[type].split():
            assert answer.status_code == 202, answer.text
        else:
            refused(answer, "INVALID_DATA", mapping)
    made = api.make("job-templates", **{"mains": [], **body, "interface": None})
    assert made["interface"] == []
    for place in ("mains", "libs"):
        assert [one["id"] for one in made[place]] == (
            [binary] if place == where else []
        )


@pytest.mark.parametrize(
    "interface",
    [
        [argument("a", "args", "0"), argument("a", "args", "1")],
        [argument("a", "configs", "k"), argument("b", "configs", "k")],
        [argument("a", "args", "1")],
        [argument("a", "args", "0"), argument("b", "args", "2")],
        [argument("a", "args", "first")],
        [argument("a", "args", "0", required=False)],
        [argument("a", "args", "0", value_type="number", default="ten")],
        [argument("a", "args", "0", value_type="data_source", default="nowhere")],
    ],
    ids=str,
)
def test_an_interface_that_cannot_be(api, interface):
    body = api._default("job-templates") | {"interface": interface}
    refused(api.ask("POST", "/job-templates", body), "INVALID_DATA")


def test_an_interface_is_merged_into_what_the_job_gets(api):
    interface = [
        argument("out", "args", "1"),
        argument("slices", "args", "0", value_type="number"),
        argument("memory", "configs", "spark.executor.memory", default="1g"),
        argument("cores", "configs", "spark.cores.max", required=False),
    ]
    launch = runnable(api, interface=interface)
    configs = {"configs": {"edp.java.main_class": "Pi"}, "args": ["more"]}
    job = api.make(
        "jobs",
        **launch,
        interface={"out": "o", "slices": 3},
        job_configs=configs,
    )
    assert job["job_configs"] == {
        "configs": {"edp.java.main_class": "Pi", "spark.executor.memory": "1g"},
        "params": {},
        "args": ["3", "o", "more"],
        "job_execution_info": {},
    }
    assert "interface" not in job
    assert api.show("jobs", job["id"])["job_configs"] == job["job_configs"]
    both = {"configs": {"spark.executor.memory": "2g"}}
    values = {"out": "o", "slices": "3"}
    for body, text in (
        ({}, "interface"),
        ({"interface": {"out": "o"}}, "slices"),
        ({"interface": {**values, "slices": "many"}}, "slices"),
        ({"interface": {**values, "nope": "x"}}, "nope"),
        (
            {"interface": {**values, "memory": "1g"}, "job_configs": both},
            "spark.executor.memory",
        ),
    ):
        refused(api.ask("POST", "/jobs", {**launch, **body}), "INVALID_DATA", text)
    same = {"interface": {**values, "memory": "2g"}, "job_configs": both}
    assert api.ask("POST", "/jobs", {**launch, **same}).status_code == 202


def test_a_job_waits_for_its_cluster_runs_and_ends(api):
    source, sink = (
        api.make("data-sources", url=f"hdfs://h/{name}/%JOB_EXEC_ID%")
        for name in ("in", "out")
    )
    interface = [argument("from", "args", "0", value_type="data_source")]
    launch = runnable(api, interface=interface) | {
        "interface": {"from": source["id"]},
        "output_id": sink["id"],
        "job_configs": {
            "configs": {
                "edp.java.main_class": "Pi",
                "edp.substitute_data_source_for_name": True,
            },
            "args": [f"datasource://{sink['name']}", "swift://box/x"],
        },
    }
    job = api.make("jobs", **launch)
    id = job["id"]
    assert job["info"] == {"status": "PENDING"}
    assert job["start_time"] is job["end_time"] is job["data_source_urls"] is None
    api.settle()
    job = api.show("jobs", id)
    assert job["info"] == {"status": "SUCCEEDED"}
    assert job["data_source_urls"] == {
        source["id"]: f"hdfs://h/in/{id}",
        sink["id"]: f"hdfs://h/out/{id}",
    }
    assert api.world.engine.submissions[id].args == (
        f"hdfs://h/in/{id}",
        f"hdfs://h/out/{id}",
        "swift://box.sahara/x",
    )
    assert job["engine_job_id"]
    assert job["return_code"] is None or isinstance(job["return_code"], str)
    for time in ("start_time", "end_time"):
        assert len(job[time]) == len("2026-11-21T00:36:40")
    # What has ended stays as it is.
    cancel = {"info": {"status": "cancel"}}
    assert api.ask("PATCH", f"/jobs/{id}", cancel).json["job"] == job
    # It still refers to its template and data sources.
    for path in (
        f"/job-templates/{launch['job_template_id']}",
        f"/data-sources/{source['id']}",
        f"/data-sources/{sink['id']}",
    ):
        refused(api.ask("DELETE", path), "DELETION_FAILED")
    assert api.ask("DELETE", f"/jobs/{id}").status_code == 204
    api.settle()
    assert api.ask("GET", f"/jobs/{id}").status_code == 404
    for path in (
        f"/job-templates/{launch['job_template_id']}",
        f"/data-sources/{source['id']}",
        f"/data-sources/{sink['id']}",
    ):
        assert api.ask("DELETE", path).status_code == 204


def test_a_program_that_fails_is_done_with_error(api):
    api.world.engine.script = node.Script(exit_code=1)
    id = api.make("jobs", **runnable(api))["id"]
    api.settle()
    assert api.show("jobs", id)["info"]["status"] == "DONEWITHERROR"


def test_a_job_that_never_ran_is_killed_at_once(api):
    id = api.make("jobs", **runnable(api))["id"]
    begun = api.world.clock.now()
    path = f"/jobs/{id}"
    answer = api.ask("PATCH", path, {"info": {"status": "cancel"}, "is_public": True})
    assert answer.status_code == 202
    assert answer.json["job"]["info"]["status"] in {"TOBEKILLED", "KILLED"}
    assert answer.json["job"]["is_public"]
    api.settle()
    job = api.show("jobs", id)
    assert job["info"]["status"] == "KILLED"
    assert (api.world.clock.now() - begun).total_seconds() < 60
    assert id not in api.world.engine.submissions


@pytest.mark.parametrize(
    ("body", "name"),
    [
        ({"job_template_id": NOBODY}, "INVALID_REFERENCE"),
        ({"cluster_id": NOBODY}, "INVALID_REFERENCE"),
        ({"input_id": NOBODY}, "INVALID_REFERENCE"),
        ({"output_id": NOBODY}, "INVALID_REFERENCE"),
        ({"input_id": None}, "VALIDATION_ERROR"),
        ({"output_id": None}, "VALIDATION_ERROR"),
        ({"cluster_id": None}, "VALIDATION_ERROR"),
        ({"interface": {"a": ["b"]}}, "VALIDATION_ERROR"),
        ({"job_configs": {"args": [1]}}, "VALIDATION_ERROR"),
        ({"job_configs": {"configs": {"a": 1.5}}}, "VALIDATION_ERROR"),
        ({"job_configs": {"trusts": {}}}, "VALIDATION_ERROR"),
        ({"job_configs": {"proxy_configs": {}}}, "VALIDATION_ERROR"),
        ({"extra": {}}, "VALIDATION_ERROR"),
        (
            {
                "job_configs": {
                    "configs": {"edp.substitute_data_source_for_name": "True"},
                    "args": ["datasource://nope"],
                }
            },
            "INVALID_REFERENCE",
        ),
    ],
    ids=str,
)
def test_a_job_that_cannot_be_launched(api, body, name):
    launch = runnable(api)
    refused(api.ask("POST", "/jobs", {**launch, **body}), name)
    assert api.list_("jobs")[0] == []


@pytest.mark.parametrize("place", ["input_id", "output_id"])
def test_a_data_source_does_not_change_under_a_waiting_job(api, place):
    source = api.make("data-sources")["id"]
    job = api.make("jobs", **{place: source})["id"]
    path = f"/data-sources/{source}"
    refused(api.ask("PATCH", path, {"url": "/new"}), "UPDATE_FAILED")
    refused(api.ask("DELETE", path), "DELETION_FAILED")
    api.ask("DELETE", f"/jobs/{job}")
    api.settle()
    assert api.ask("PATCH", path, {"url": "/new"}).status_code == 202


def test_a_job_binary_does_not_change_under_a_waiting_job(api):
    binary = api.make("job-binaries")["id"]
    template = api.make("job-templates", mains=[binary])["id"]
    api.make("jobs", job_template_id=template)
    path = f"/job-binaries/{binary}"
    refused(api.ask("PATCH", path, {"description": "x"}), "UPDATE_FAILED")
    refused(api.ask("DELETE", path), "DELETION_FAILED")


@pytest.mark.parametrize(
    ("type", "hints"),
    [
        ("Spark", {"configs": [], "args": []}),
        ("Java", {"configs": [], "args": []}),
        ("Storm", {"configs": [], "args": []}),
        ("Storm.Pyleus", {"configs": [], "args": []}),
        ("Shell", {"configs": [], "args": [], "params": {}}),
        ("Pig", {"configs": [], "args": [], "params": {}}),
        ("Hive", {"configs": [], "params": {}}),
        ("MapReduce", {"configs": []}),
        ("MapReduce.Streaming", {"configs": []}),
    ],
)
def test_the_hints_of_a_type(api, type, hints):
    answer = api.ask("GET", f"/job-templates/config-hints/{type}")
    assert answer.json == {"job_config": hints}
