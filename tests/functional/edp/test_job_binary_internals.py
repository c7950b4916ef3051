# SPDX-License-Identifier: Apache-2.0
"""The bytes that v1.1 keeps under names of their own."""

import functools

import pytest

from sparkaas import context
from sparkaas import exceptions
from sparkaas import model
from sparkaas.db import job_binary_internals
from sparkaas.service import job_binary_data
from sparkaas.service import job_binary_internals as service

ALL = "/job-binary-internals"


@pytest.fixture
def old(api):
    ask = functools.partial(api, below="/v1.1")
    ask.error = functools.partial(api.error, below="/v1.1")
    return ask


def _upload(old, name="a.jar", data=b"bytes", **more):
    return old("PUT", f"{ALL}/{name}", data=data, **more)["job_binary_internal"]


def _kept(world):
    return {key: bytes(data) for key, data in world.store.objects.items()}


def test_up_and_down(world, old):
    made = _upload(old, data=b"\x00\xff" * 300)
    assert (made["datasize"], made["updated_at"]) == (600, None)
    down = old("GET", f"{ALL}/{made['id']}/data")
    assert down.get_data() == b"\x00\xff" * 300
    assert down.mimetype == "application/octet-stream"
    old("DELETE", f"{ALL}/{made['id']}")
    assert _kept(world) == {}


def test_the_limit_is_that_of_every_binary(world, old):
    assert old.error("PUT", f"{ALL}/a", data=b"x" * 1001) == "DATA_TOO_BIG"
    assert _kept(world) == {}
    assert old("GET", ALL) == {"binaries": []}
    assert _upload(old, "a", b"x" * 1000)["datasize"] == 1000


@pytest.mark.parametrize("name", ["a.json", "a.json.json", "a.tar.gz", "1", "A_-."])
def test_a_name_is_kept_as_it_was_given(old, name):
    plain = _upload(old, "a")
    made = _upload(old, name)
    assert (plain["name"], made["name"]) == ("a", name)
    path = f"{ALL}/{made['id']}"
    assert old("GET", f"{path}.json") == old("GET", path)


@pytest.mark.parametrize(
    "name", ["-a", ".a", "_a", "a%20b", "a%0A", "%C3%A9", 51 * "a"]
)
def test_a_name_that_cannot_be(world, old, name):
    assert old.error("PUT", f"{ALL}/{name}", data=b"x") == "BAD_JOB_BINARY"
    assert _kept(world) == {}


def test_a_taken_name_is_not_overwritten(world, old):
    made = _upload(old, data=b"first")
    before = _kept(world)
    assert old.error("PUT", f"{ALL}/a.jar", data=b"second") == "DB_DUPLICATE_ENTRY"
    assert _kept(world) == before
    assert old("GET", f"{ALL}/{made['id']}/data").get_data() == b"first"
    theirs = _upload(old, data=b"second", project=old.func.OTHER)
    assert theirs["id"] != made["id"]


def test_nobody_sees_half_an_upload(world):
    seen = []

    def chunks():
        yield b"half"
        page = job_binary_internals.page(world.env.db, None, model.Query())
        seen.append(page.items)
        raise exceptions.MalformedBody("The request ended before its body did.")

    who = context.RequestContext(user_id="u", project_id="p")
    with pytest.raises(exceptions.MalformedBody):
        service.create(world.env, who, "a.jar", chunks())
    assert seen == [()]
    assert _kept(world) == {}
    made = service.create(world.env, who, "a.jar", [b"who", b"le"])
    assert _kept(world) == {job_binary_data.key(made.id): b"whole"}


def test_old_clients_delete_the_bytes_before_what_leads_to_them(world, old):
    made = _upload(old)
    url = f"internal-db://{made['id']}"
    binary = old("POST", "/job-binaries", {"name": "b", "url": url})["job_binary"]
    old("DELETE", f"{ALL}/{made['id']}")
    assert old.error("GET", f"{ALL}/{made['id']}", status=404) == "NOT_FOUND"
    path = f"/job-binaries/{binary['id']}"
    assert old("GET", path)["job_binary"]["url"] == url
    assert old.error("GET", f"{path}/data", status=404) == "NOT_FOUND"
    old("DELETE", path)


def test_others_delete_what_leads_to_the_bytes_before_them(world, old):
    made = _upload(old)
    url = f"internal-db://{made['id']}"
    binary = old("POST", "/job-binaries", {"name": "b", "url": url})["job_binary"]
    old("DELETE", f"/job-binaries/{binary['id']}")
    again = old("POST", "/job-binaries", {"name": "b", "url": url})["job_binary"]
    data = old("GET", f"/job-binaries/{again['id']}/data").get_data()
    assert data == b"bytes"
    old("DELETE", f"/job-binaries/{again['id']}")
    old("DELETE", f"{ALL}/{made['id']}")
    assert _kept(world) == {}


def test_the_room_that_v2_made_goes_with_its_binary(world, api, old):
    binary = api("POST", "/job-binaries", {"name": "b"})["job_binary"]
    (room,) = old("GET", ALL)["binaries"]
    assert binary["url"] == f"internal-db://{room['id']}"
    old("DELETE", f"/job-binaries/{binary['id']}")
    assert old("GET", ALL) == {"binaries": []}


def test_protected_bytes_stay_as_they_are(old):
    made = _upload(old)
    path = f"{ALL}/{made['id']}"
    old("PATCH", path, {"is_protected": True})
    assert old.error("DELETE", path) == "DELETION_FAILED"
    assert old.error("PATCH", path, {"name": "b"}) == "UPDATE_FAILED"
    changed = old("PATCH", path, {"is_protected": False, "name": "b"})
    assert changed["job_binary_internal"]["name"] == "b"
    assert changed["job_binary_internal"]["updated_at"] is not None
    old("DELETE", path)


def test_published_bytes_are_read_by_all_and_changed_by_their_project(old):
    made = _upload(old)
    path, them = f"{ALL}/{made['id']}", {"project": old.func.OTHER}
    assert old.error("GET", f"{path}/data", status=404, **them) == "NOT_FOUND"
    old("PATCH", path, {"is_public": True})
    assert old("GET", f"{path}/data", **them).get_data() == b"bytes"
    assert [one["id"] for one in old("GET", ALL, **them)["binaries"]] == [made["id"]]
    assert old.error("PATCH", path, {"name": "x"}, **them) == "UPDATE_FAILED"
    assert old.error("DELETE", path, **them) == "DELETION_FAILED"


def test_lists_are_sorted_filtered_and_paged(world, old):
    names = ["a.jar", "b.jar", "c.py"]
    for number, name in enumerate(names):
        _upload(old, name, b"x" * (number + 1))
        world.clock.advance(1)

    def listed(query):
        answer = old("GET", f"{ALL}?{query}")
        return [one["name"] for one in answer["binaries"]], answer.get("markers")

    assert listed("sort_by=name") == (names, None)
    assert listed("sort_by=-created_at")[0] == names[::-1]
    assert listed("name=JAR&sort_by=name")[0] == names[:2]
    assert listed("datasize=3")[0] == ["c.py"]
    assert listed("is_public=true")[0] == []
    page, markers = listed("sort_by=name&limit=2")
    assert (page, markers["prev"]) == (names[:2], None)
    page, markers = listed(f"sort_by=name&limit=2&marker={markers['next']}")
    assert (page, markers) == (names[2:], {"prev": None, "next": None})
    for query in ("nope=1", "sort_by=datasize", "limit=0", "sha256=x", "datasize=x"):
        old.error("GET", f"{ALL}?{query}")
