# SPDX-License-Identifier: Apache-2.0
"""Public and protected objects: the same rules for every stored noun and version."""

import pytest

from tests.functional import nouns

each_noun = pytest.mark.parametrize("noun", sorted(nouns.KEYS))
#: A change that every noun but a job takes; a job has nothing but its access.
CHANGE = {noun: {"name": "renamed"} for noun in nouns.KEYS} | {
    "jobs": {"info": {"status": "cancel"}}
}


@pytest.fixture(scope="module", params=["2.0", "1.1"])
def api(request):
    with nouns.api(request.param) as made:
        yield made


def refused(answer, name):
    assert answer.status_code == 400, answer.text
    assert answer.json["error_name"] == name


@each_noun
def test_what_is_not_public_is_its_project_s_alone(api, noun):
    one = api.make(noun)
    path = f"/{noun}/{one['id']}"
    assert not one["is_public"]
    for roles in ("member,reader", "admin,member,reader"):
        for method, body in (
            ("GET", None),
            ("PATCH", CHANGE[noun]),
            ("DELETE", None),
        ):
            answer = api.ask(method, path, body, project=nouns.THEIRS, roles=roles)
            assert answer.status_code == 404
            assert answer.json["error_name"] == "NOT_FOUND"
            assert one["id"] in answer.json["error_message"]
        seen, _ = api.list_(noun, project=nouns.THEIRS, roles=roles)
        assert one["id"] not in {other["id"] for other in seen}


@each_noun
def test_a_public_object_is_read_by_all_and_changed_by_its_project(api, noun):
    one = api.make(noun, is_public=True)
    path = f"/{noun}/{one['id']}"
    assert one["is_public"]
    assert api.ask("GET", path, project=nouns.THEIRS).status_code == 200
    seen, _ = api.list_(noun, project=nouns.THEIRS)
    assert one["id"] in {other["id"] for other in seen}
    for roles in ("member,reader", "admin,member,reader"):
        theirs = {"project": nouns.THEIRS, "roles": roles}
        for body in (CHANGE[noun], {"is_public": False}, {"is_protected": False}):
            refused(api.ask("PATCH", path, body, **theirs), "UPDATE_FAILED")
        refused(api.ask("DELETE", path, **theirs), "DELETION_FAILED")
    assert api.ask("DELETE", path).status_code == 204


@each_noun
def test_a_protected_object_is_neither_changed_nor_deleted(api, noun):
    one = api.make(noun, is_protected=True)
    path = f"/{noun}/{one['id']}"
    assert one["is_protected"]
    for body in (
        CHANGE[noun],
        {"is_protected": True},
        {"is_public": True, **CHANGE[noun]},
        {},
    ):
        if api.version == "1.1" and "info" in body and len(body) > 1:
            continue  # refused already because of its form
        refused(api.ask("PATCH", path, body), "UPDATE_FAILED")
    refused(api.ask("DELETE", path), "DELETION_FAILED")


@each_noun
def test_whether_a_protected_object_is_public_may_change_alone(api, noun):
    one = api.make(noun, is_protected=True)
    path = f"/{noun}/{one['id']}"
    same = {
        key: one[key] for key in ("name", "description", "url", "type") if key in one
    }
    if noun in {"data-sources", "job-binaries"}:
        del same["description"]  # null is not taken there
    if noun == "job-templates":
        del same["type"]  # never changes
    for body in (
        {"is_public": True},
        {"is_public": False, "is_protected": True},
        {"is_public": True, **same},
    ):
        answer = api.ask("PATCH", path, body)
        assert answer.status_code == 202, answer.text
        shown = answer.json[nouns.KEYS[noun][0]]
        assert shown["is_public"] is body["is_public"]
        assert shown["is_protected"]


@each_noun
def test_the_end_of_the_protection_lets_any_other_change_ride_along(api, noun):
    one = api.make(noun, is_protected=True)
    path = f"/{noun}/{one['id']}"
    change = {} if noun == "jobs" else {"name": f"free-{noun}"}
    answer = api.ask("PATCH", path, {"is_protected": False, **change})
    assert answer.status_code == 202, answer.text
    shown = answer.json[nouns.KEYS[noun][0]]
    assert not shown["is_protected"]
    assert shown.items() >= change.items()
    assert api.ask("DELETE", path).status_code == 204


def test_a_cluster_is_launched_of_another_project_s_public_template(api):
    group = api.make("node-group-templates", is_public=True)
    template = api.make(
        "cluster-templates",
        is_public=True,
        node_groups=[
            nouns.HEAD,
            {"name": "w", "count": 1, "node_group_template_id": group["id"]},
        ],
    )
    theirs = api.of(nouns.THEIRS)
    made = theirs.make("clusters", cluster_template_id=template["id"], node_groups=None)
    assert [g["name"] for g in made["node_groups"]] == ["head", "w"]


def test_a_job_is_launched_of_another_project_s_public_objects(api):
    binary = api.make("job-binaries", is_public=True)
    source = api.make("data-sources", is_public=True)
    template = api.make("job-templates", mains=[binary["id"]], is_public=True)
    cluster = api.make("clusters", is_public=True)
    theirs = api.of(nouns.THEIRS)
    own = theirs.make("job-templates", mains=[binary["id"]])
    for id in (template["id"], own["id"]):
        job = theirs.make(
            "jobs",
            job_template_id=id,
            cluster_id=cluster["id"],
            input_id=source["id"],
        )
        assert job["project_id"] == nouns.THEIRS


def test_another_project_s_private_objects_launch_nothing(api):
    source = api.make("data-sources")
    binary = api.make("job-binaries")
    theirs = api.of(nouns.THEIRS)
    mine = api.make("jobs")
    job = {key: theirs.make("jobs")[key] for key in ("job_template_id", "cluster_id")}
    stranger = {**job, "job_template_id": mine["job_template_id"]}
    answer = theirs.ask("POST", "/jobs", stranger)
    if api.version == "1.1":  # the URL names it
        assert answer.status_code == 404
    else:
        refused(answer, "INVALID_REFERENCE")
    for change in (
        {"cluster_id": mine["cluster_id"]},
        {"input_id": source["id"]},
        {"output_id": source["id"]},
    ):
        refused(theirs.ask("POST", "/jobs", {**job, **change}), "INVALID_REFERENCE")
    template = {"name": "t", "type": "Spark", "mains": [binary["id"]]}
    refused(theirs.ask("POST", "/job-templates", template), "NOT_FOUND")


@pytest.mark.parametrize("access", ["is_public", "is_protected"])
def test_who_sees_a_job_is_stored_when_it_is_launched(api, access):
    job = api.make("jobs", **{access: True})
    assert api.show("jobs", job["id"])[access]
