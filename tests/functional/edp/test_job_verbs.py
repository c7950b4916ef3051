# SPDX-License-Identifier: Apache-2.0
"""What can be done to a job that exists, and what its record becomes on the wire."""

import dataclasses
import datetime

import pytest

from sparkaas import model
from sparkaas import states
from sparkaas.api.views import jobs as views
from sparkaas.db import jobs
from sparkaas.db import leases


def _settle(world, id, **changes):
    """Write what a conductor would have seen."""
    now = world.clock.now()
    record, lease = leases.claim(
        world.env.db, "job", owner="test", now=now, seconds=60, id=id
    )
    assert leases.record(
        world.env.db, "job", lease, now=now, changes=changes, next_run_at=None
    )
    return jobs.get(world.env.db, record.id)


def test_cancel(world, api, launch):
    path = f"/jobs/{launch()['id']}"
    answer = api("PATCH", path, {"info": {"status": "cancel"}})["job"]
    assert answer["info"]["status"] == "TOBEKILLED"
    record = jobs.get(world.env.db, answer["id"])
    assert record.target is states.JobTarget.KILLED
    assert record.generation == 2
    assert world.bell.rings[-2:] == [("job", record.id)] * 2
    api("PATCH", path, {"info": {"status": "cancel"}})
    assert jobs.get(world.env.db, record.id).generation == 2


def test_cancelling_what_has_ended_changes_nothing(world, api, launch):
    id = launch()["id"]
    _settle(world, id, outcome=states.JobStatus.SUCCEEDED)
    answer = api("PATCH", f"/jobs/{id}", {"info": {"status": "cancel"}})["job"]
    assert answer["info"]["status"] == "SUCCEEDED"
    assert jobs.get(world.env.db, id).generation == 1


def test_suspend_is_refused(world, api, launch):
    path = f"/jobs/{launch()['id']}"
    body = {"info": {"status": "suspend"}, "is_public": True}
    assert api.error("PATCH", path, body) == "SUSPENDING_FAILED"
    job = api("GET", path)["job"]
    assert job["info"]["status"] == "PENDING"
    assert job["is_public"] is False


def test_access_changes_ring_nobody(world, api, launch):
    path = f"/jobs/{launch()['id']}"
    rings = len(world.bell.rings)
    body = {"is_public": True, "is_protected": True}
    job = api("PATCH", path, body)["job"]
    assert (job["is_public"], job["is_protected"]) == (True, True)
    assert len(world.bell.rings) == rings
    cancel = {"info": {"status": "cancel"}}
    assert api.error("PATCH", path, cancel) == "UPDATE_FAILED"
    assert api.error("PATCH", path, {"is_public": False, **cancel}) == "UPDATE_FAILED"
    assert api.error("DELETE", path) == "DELETION_FAILED"
    other = api.OTHER
    assert api("GET", path, project=other)["job"]["id"] == job["id"]
    assert api.error("PATCH", path, cancel, project=other) == "UPDATE_FAILED"
    assert api.error("DELETE", path, project=other) == "DELETION_FAILED"
    job = api("PATCH", path, {"is_protected": False, **cancel})["job"]
    assert job["info"]["status"] == "TOBEKILLED"


def test_delete_asks_and_answers_at_once(world, api, launch):
    id = launch()["id"]
    api("DELETE", f"/jobs/{id}")
    record = jobs.get(world.env.db, id)
    assert record.target is states.JobTarget.DELETED
    assert world.bell.rings[-1] == ("job", id)
    api("DELETE", f"/jobs/{id}")
    assert jobs.get(world.env.db, id).generation == record.generation
    assert api("GET", f"/jobs/{id}")["job"]["info"]["status"] == "TOBEKILLED"


@pytest.mark.parametrize("flag", ["True", "true"])
def test_refresh_rings(world, api, launch, flag):
    id = launch()["id"]
    before = len(world.bell.rings)
    api("GET", f"/jobs/{id}?refresh_status={flag}", version="2.0")
    assert world.bell.rings[before:] == [("job", id)]
    api("GET", f"/jobs/{id}?refresh_status=False")
    assert len(world.bell.rings) == before + 1
    assert api.error("GET", f"/jobs/{id}?other=1") == "INVALID_PARAMS_ON_REQUEST"


def test_others_do_not_see_it(api, launch):
    path = f"/jobs/{launch()['id']}"
    for method, body in (("GET", None), ("PATCH", {"is_public": True})):
        name = api.error(method, path, body, project=api.OTHER, status=404)
        assert name == "NOT_FOUND"
    api.error("DELETE", path, project=api.OTHER, status=404)
    api.error("GET", f"{path}/logs/stdout", project=api.OTHER, status=404)
    assert api("GET", "/jobs", project=api.OTHER) == {"jobs": []}


def test_what_it_uses_cannot_go(api, cluster, template):
    source = api("POST", "/data-sources", {"name": "s", "type": "hdfs", "url": "/i"})
    id = source["data_source"]["id"]
    body = {
        "job_template_id": template["id"],
        "cluster_id": cluster.id,
        "input_id": id,
    }
    job = api("POST", "/jobs", body)["job"]
    assert api.error("DELETE", f"/data-sources/{id}") == "DELETION_FAILED"
    assert api.error("PATCH", f"/data-sources/{id}", {"url": "/x"}) == "UPDATE_FAILED"
    path = f"/job-templates/{template['id']}"
    assert api.error("DELETE", path) == "DELETION_FAILED"
    api("PATCH", f"/jobs/{job['id']}", {"info": {"status": "cancel"}})
    api("PATCH", f"/data-sources/{id}", {"url": "/x"})
    assert api.error("DELETE", f"/data-sources/{id}") == "DELETION_FAILED"


def test_lists(world, api, cluster, template, launch):
    one = launch()["id"]
    two = launch()["id"]
    _settle(world, one, outcome=states.JobStatus.SUCCEEDED)

    def ids(query):
        return [job["id"] for job in api("GET", f"/jobs?{query}")["jobs"]]

    assert ids("status=succeeded") == [one]
    assert ids("status=PENDING") == [two]
    assert ids(f"id={two}") == [two]
    assert sorted(ids("cluster.name=c1&job.name=t")) == sorted([one, two])
    assert ids("cluster.name=other") == []
    assert ids("job.name=x") == []
    assert ids("sort_by=-status") == [one, two]
    for field in ("job_template", "cluster", "start_time", "end_time", "created_at"):
        assert len(ids(f"sort_by={field}")) == 2
    first, second = sorted([one, two])
    answer = api("GET", "/jobs?limit=1")
    assert [job["id"] for job in answer["jobs"]] == [first]
    assert answer["markers"] == {"prev": None, "next": first}
    assert ids(f"limit=1&marker={first}") == [second]
    assert api.error("GET", "/jobs?sort_by=secret_ref") == "INVALID_DATA"


def test_on_the_wire():
    when = datetime.datetime(2026, 11, 21, 0, 36, 40, 999, tzinfo=datetime.UTC)
    job = model.Job(
        id="j",
        project_id="p",
        name="t",
        job_template_id="t",
        step="watch",
        start_time=when,
        created_at=when,
        return_code="1",
        job_configs={"configs": {}, "args": ["10"]},
        data_source_urls={"s": "hdfs://h/p"},
        progress=model.Progress(stages_done=1, stages_total=2),
        reason=model.Reason(code="C", sentence="S.", hint="H."),
        secret_ref="r",
        idempotency_key="k",
        checkpoint={"generation": 1},
    )
    old = views.show(job)
    assert old["info"] == {"status": "RUNNING"}
    assert old["start_time"] == "2026-11-21T00:36:40"
    assert old["job_configs"]["job_execution_info"] == {}
    assert "reason" not in old
    new = views.show_2_1(job)
    reason = {"code": "C", "sentence": "S.", "hint": "H."}
    assert new["info"] == {"status": "RUNNING", "reason": reason}
    assert new["progress"]["stages_total"] == 2
    assert new["reason"] == reason
    assert new["step"] == "watch"
    for shown in (old, new):
        assert "secret_ref" not in shown
        assert "idempotency_key" not in shown
    # A new request has nothing to do with the last one's reason.
    asked = dataclasses.replace(job, generation=2)
    assert views.show_2_1(asked)["info"]["reason"] is None
    settled = dataclasses.replace(asked, observed_generation=2)
    assert views.show_2_1(settled)["reason"] == reason
    ended = dataclasses.replace(job, outcome=states.JobStatus.DONEWITHERROR)
    assert views.show(ended)["info"] == {"status": "DONEWITHERROR"}
