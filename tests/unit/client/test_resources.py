# SPDX-License-Identifier: Apache-2.0
"""Records, and the verbs of a collection."""

import datetime

import pytest

from sparkaas.client import clusters
from sparkaas.client import errors
from sparkaas.client import jobs

ID = "c7f8dde2-0000-4000-8000-000000000001"
OTHER = "c7f8dde2-0000-4000-8000-000000000002"


def test_a_record_is_typed():
    cluster = clusters.Cluster.load(
        {
            "id": ID,
            "name": "demo",
            "status": "Error",
            "created_at": "2026-11-21T00:36:29",
            "updated_at": None,
            "reason": {"code": "X", "sentence": "It failed.", "hint": "Try."},
            "node_groups": [
                {
                    "name": "worker",
                    "count": 2,
                    "node_processes": ["slave"],
                    "instances": [{"id": "i", "instance_name": "demo-worker-0"}],
                }
            ],
            "verification": {"status": "RED", "checks": [{"name": "port"}]},
            "of_a_later_version": 1,
        }
    )
    assert cluster.created_at == datetime.datetime(
        2026, 11, 21, 0, 36, 29, tzinfo=datetime.UTC
    )
    assert cluster.updated_at is None
    assert cluster.reason.sentence == "It failed."
    assert cluster.node_groups[0].node_processes == ("slave",)
    assert cluster.node_groups[0].instances[0].instance_name == "demo-worker-0"
    assert cluster.verification.checks[0].name == "port"
    assert cluster.document["of_a_later_version"] == 1
    assert cluster.at_rest


@pytest.mark.parametrize(
    ("status", "return_code", "expected"),
    [
        ("SUCCEEDED", "0", 0),
        ("SUCCEEDED", None, 0),
        ("DONEWITHERROR", "3", 3),
        ("DONEWITHERROR", "-9", 137),
        ("DONEWITHERROR", "143", 143),
        ("DONEWITHERROR", None, 1),
        ("DONEWITHERROR", "0", 1),
        ("KILLED", "-15", 143),
        ("KILLED", None, 130),
        ("FAILED", None, 1),
    ],
)
def test_the_exit_code_of_a_job(status, return_code, expected):
    job = jobs.Job.load({"info": {"status": status}, "return_code": return_code})
    assert job.finished
    assert job.exit_code == expected


def test_create_leaves_out_what_is_none(client, script):
    script.expect(
        "POST",
        "/v2/data-sources",
        {"data_source": {"id": ID, "name": "in", "type": "hdfs"}},
        body={"name": "in", "type": "hdfs", "url": "hdfs://h/p"},
    )
    made = client.data_sources.create(
        name="in", type="hdfs", url="hdfs://h/p", description=None
    )
    assert (made.id, made.type) == (ID, "hdfs")


def test_update_sends_none_as_null(client, script):
    script.expect(
        "PATCH",
        f"/v2/clusters/{ID}",
        {"cluster": {"id": ID}},
        body={"description": None},
    )
    assert client.clusters.update(ID, description=None).id == ID


def test_list_reads_page_after_page(client, script):
    script.expect(
        "GET",
        "/v2/clusters",
        {"clusters": [{"id": "1"}, {"id": "2"}], "markers": {"next": "2"}},
        query={"limit": 2},
    )
    script.expect(
        "GET",
        "/v2/clusters",
        {"clusters": [{"id": "3"}], "markers": {"prev": None, "next": None}},
        query={"limit": 2, "marker": "2"},
    )
    assert [one.id for one in client.clusters.list(limit=2)] == ["1", "2", "3"]


def test_find_by_id_takes_one_call(client, script):
    script.expect("GET", f"/v2/clusters/{ID}", {"cluster": {"id": ID}})
    assert client.clusters.find(ID).id == ID


def test_find_by_name_wants_the_whole_name(client, script):
    script.expect(
        "GET",
        "/v2/clusters",
        {"clusters": [{"id": "1", "name": "demo-2"}, {"id": "2", "name": "demo"}]},
        query={"name": "demo"},
    )
    assert client.clusters.find("demo").id == "2"


def test_a_name_may_look_like_an_id(client, script):
    script.expect("GET", f"/v2/clusters/{ID}", {}, status=404)
    script.expect(
        "GET",
        "/v2/clusters",
        {"clusters": [{"id": OTHER, "name": ID}]},
        query={"name": ID},
    )
    assert client.clusters.find(ID).id == OTHER


def test_an_ambiguous_name_is_an_error_with_the_ids(client, script):
    script.expect(
        "GET",
        "/v2/clusters",
        {"clusters": [{"id": "1", "name": "demo"}, {"id": "2", "name": "demo"}]},
        query={"name": "demo"},
    )
    with pytest.raises(errors.Ambiguous, match="2 clusters have the name") as caught:
        client.clusters.find("demo")
    assert caught.value.hint == "Use an id: 1, 2."


def test_a_missing_name_is_not_found(client, script):
    script.expect("GET", "/v2/data-sources", {"data_sources": []})
    with pytest.raises(errors.NotFound, match="no data source with the id or name"):
        client.data_sources.find("nothing")


def test_an_id_cannot_reach_into_another_path(client, script):
    script.expect("GET", "/v2/clusters/..%2Fjobs%2F1", {"cluster": {}})
    client.clusters.get("../jobs/1")


def test_resize_sends_new_totals(client, script):
    script.expect(
        "PUT",
        f"/v2/clusters/{ID}",
        {"cluster": {"id": ID, "status": "Validating"}},
        body={
            "resize_node_groups": [{"name": "worker", "count": 4}],
            "add_node_groups": [{"name": "more", "count": 1}],
        },
    )
    changed = client.clusters.resize(ID, {"worker": 4}, [{"name": "more", "count": 1}])
    assert changed.status == "Validating"


def test_force_delete_has_a_body(client, script):
    script.expect(
        "DELETE",
        f"/v2/clusters/{ID}",
        {"stack_name": None},
        status=200,
        body={"force": True},
    )
    client.clusters.force_delete(ID)


def test_cancel_is_a_patch(client, script):
    script.expect(
        "PATCH",
        f"/v2/jobs/{ID}",
        {"job": {"id": ID, "info": {"status": "TOBEKILLED"}}},
        body={"info": {"status": "cancel"}},
    )
    assert client.jobs.cancel(ID).status == "TOBEKILLED"


def test_jobs_of_an_old_service_are_named_after_their_templates(client, script):
    script.expect("GET", "/v2/jobs", {"jobs": [{"id": "j", "job_template_id": "t"}]})
    script.expect(
        "GET", "/v2/job-templates", {"job_templates": [{"id": "t", "name": "etl"}]}
    )
    assert [job.name for job in client.jobs.list()] == ["etl"]


def test_tags_are_set_at_once(client, script):
    script.expect(
        "PUT",
        "/v2/images/i/tags",
        {"image": {"id": "i", "tags": ["a", "b"]}},
        status=200,
        body={"tags": ["a", "b"]},
    )
    assert client.images.set_tags("i", ["b", "a", "b"]).tags == ("a", "b")
