# SPDX-License-Identifier: Apache-2.0
"""Bytes of job binaries: up, down, and away."""

import hashlib

import pytest

from sparkaas import context
from sparkaas import exceptions
from sparkaas import model
from sparkaas.db import job_binary_internals
from sparkaas.service import job_binary_data
from sparkaas.service import locations


def _create(api, name="app.jar", **more):
    return api("POST", "/job-binaries", {"name": name, **more})["job_binary"]


def _path(binary):
    return f"/job-binaries/{binary['id']}/data"


def test_up_and_down(world, api):
    binary = _create(api)
    internal = locations.internal_id(binary["url"])
    assert api.error("GET", _path(binary), status=404) == "NOT_FOUND"
    answer = api("PUT", _path(binary), data=b"\x00\xff" * 300)
    assert answer["job_binary"]["url"] == binary["url"]
    down = api("GET", _path(binary), version="2.0")
    assert down.get_data() == b"\x00\xff" * 300
    assert down.mimetype == "application/octet-stream"
    assert down.content_length == 600
    record = job_binary_internals.get(world.env.db, internal)
    assert record.datasize == 600
    assert record.sha256 == hashlib.sha256(b"\x00\xff" * 300).hexdigest()
    api("PUT", _path(binary), data=b"new")
    assert api("GET", _path(binary)).get_data() == b"new"
    api("DELETE", f"/job-binaries/{binary['id']}")
    assert world.store.objects == {}


def test_too_much_is_refused_and_nothing_kept(world, api):
    binary = _create(api)
    assert api.error("PUT", _path(binary), data=b"x" * 1001) == "DATA_TOO_BIG"
    assert world.store.objects == {}
    api("PUT", _path(binary), data=b"x" * 1000)
    assert api.error("PUT", _path(binary), data=b"y" * 1001) == "DATA_TOO_BIG"
    assert api("GET", _path(binary)).get_data() == b"x" * 1000


def test_nothing_is_no_upload(api):
    binary = _create(api)
    api("PUT", _path(binary), data=b"x")
    assert api.error("PUT", _path(binary), data=b"") == "BAD_JOB_BINARY"
    assert api("GET", _path(binary)).get_data() == b"x"


def test_not_at_2_0(api):
    assert api.error("POST", "/job-binaries", {"name": "a"}, version="2.0") == (
        "VALIDATION_ERROR"
    )
    binary = _create(api)
    api("PUT", _path(binary), data=b"x", version="2.0", status=404)


def test_bytes_elsewhere_are_not_ours(api):
    binary = _create(
        api, url="swift://box/app.jar", extra={"user": "u", "password": "p"}
    )
    assert api.error("GET", _path(binary)) == "BAD_JOB_BINARY"
    assert api.error("PUT", _path(binary), data=b"x") == "BAD_JOB_BINARY"


def test_bytes_stay_while_another_binary_points_to_them(world, api):
    binary = _create(api)
    api("PUT", _path(binary), data=b"x")
    second = _create(api, "second.jar", url=binary["url"])
    api("DELETE", f"/job-binaries/{binary['id']}")
    assert api("GET", _path(second)).get_data() == b"x"
    api("DELETE", f"/job-binaries/{second['id']}")
    assert world.store.objects == {}


def test_published_bytes_are_their_owners(world, api):
    binary = _create(api, is_public=True)
    api("PUT", _path(binary), data=b"good")
    internal = locations.internal_id(binary["url"])
    job_binary_internals.update(world.env.db, internal, is_public=True)
    mine = api(
        "POST",
        "/job-binaries",
        {"name": "app.jar", "url": binary["url"]},
        project=api.OTHER,
    )["job_binary"]
    assert (
        api.error("PUT", _path(mine), data=b"evil", project=api.OTHER)
        == "UPDATE_FAILED"
    )
    assert (
        api.error("PUT", _path(binary), data=b"evil", project=api.OTHER)
        == "UPDATE_FAILED"
    )
    api("DELETE", f"/job-binaries/{mine['id']}", project=api.OTHER)
    assert api("GET", _path(binary)).get_data() == b"good"


def test_bytes_of_others_cannot_be_pointed_to(api):
    binary = _create(api)
    body = {"name": "app.jar", "url": binary["url"]}
    answer = api.error("POST", "/job-binaries", body, project=api.OTHER)
    assert answer == "INVALID_REFERENCE"


def test_a_name_that_is_taken_leaves_no_room_behind(world, api):
    _create(api)
    assert api.error("POST", "/job-binaries", {"name": "app.jar"}) == (
        "DB_DUPLICATE_ENTRY"
    )
    query = model.Query()
    assert len(job_binary_internals.page(world.env.db, None, query).items) == 1


def test_bytes_of_a_job_to_come_are_not_replaced(api, binary, launch):
    job = launch()
    assert api.error("PUT", _path(binary), data=b"x") == "UPDATE_FAILED"
    path = f"/job-binaries/{binary['id']}"
    assert api.error("PATCH", path, {"name": "b"}) == "UPDATE_FAILED"
    api("PATCH", f"/jobs/{job['id']}", {"info": {"status": "cancel"}})
    api("PUT", _path(binary), data=b"x")


def test_a_binary_that_goes_while_its_bytes_come(world, api):
    binary = _create(api)
    caller = context.RequestContext(project_id=api.MINE, user_id="somebody")

    def chunks():
        yield b"one"
        api("DELETE", f"/job-binaries/{binary['id']}")
        yield b"two"

    with pytest.raises(exceptions.NotFound):
        job_binary_data.upload(world.env, caller, binary["id"], chunks())
    assert world.store.objects == {}
