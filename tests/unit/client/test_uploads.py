# SPDX-License-Identifier: Apache-2.0
"""Uploads: in pieces, once, named by content."""

import hashlib

import pytest
import requests

from sparkaas.client import errors
from sparkaas.client import uploads

CONTENT = b"print(1)\n"
NAME = f"app-{hashlib.sha256(CONTENT).hexdigest()[:12]}.py"
BINARY = {"id": "b", "name": NAME, "url": "internal-db://i"}


@pytest.fixture
def app(tmp_path):
    path = tmp_path / "app.py"
    path.write_bytes(CONTENT)
    return path


def expect_put(script, **options):
    script.expect(
        "PUT",
        "/v2/job-binaries/b/data",
        {"job_binary": BINARY},
        body=CONTENT,
        **options,
    )


def expect_create(script, **options):
    script.expect(
        "POST",
        "/v2/job-binaries",
        {"job_binary": BINARY},
        body={"name": NAME, "description": "app.py"},
        **options,
    )


def expect_list(script, *found):
    script.expect(
        "GET", "/v2/job-binaries", {"binaries": list(found)}, query={"name": NAME}
    )


def test_a_new_file_is_sent(client, script, app):
    expect_list(script)
    expect_create(script)
    expect_put(script, headers={"Content-Length": str(len(CONTENT))})
    told = []
    made = client.upload(app, on_progress=lambda *bytes: told.append(bytes))
    assert made.name == NAME
    assert told == [(9, 9)]


def test_the_same_file_is_not_sent_again(client, script, app):
    expect_list(script, BINARY)
    script.expect("GET", "/v2/job-binaries/b/data", raw=CONTENT)
    assert client.upload(app).id == "b"


def test_what_a_broken_upload_left_is_filled(client, script, app):
    expect_list(script, BINARY)
    script.expect("GET", "/v2/job-binaries/b/data", {}, status=404)
    expect_put(script)
    assert client.upload(app).id == "b"


def test_a_failed_upload_leaves_nothing(client, script, app):
    expect_list(script)
    expect_create(script)
    expect_put(script, error=requests.exceptions.ConnectionError("reset"))
    script.expect("DELETE", "/v2/job-binaries/b")
    with pytest.raises(errors.Unreachable):
        client.upload(app)


def test_two_at_the_same_time_share_one(client, script, app):
    expect_list(script)
    expect_create_refused(script)
    expect_list(script, BINARY)
    expect_put(script)
    assert client.upload(app).id == "b"


def expect_create_refused(script):
    script.expect(
        "POST",
        "/v2/job-binaries",
        {"error_code": 400, "error_name": "DB_DUPLICATE_ENTRY", "error_message": "x"},
        status=400,
        body={"name": NAME, "description": "app.py"},
    )


def test_a_name_of_ones_own_is_never_shared(client, script, app):
    script.expect(
        "POST",
        "/v2/job-binaries",
        {"error_code": 400, "error_name": "DB_DUPLICATE_ENTRY", "error_message": "x"},
        status=400,
        body={"name": "mine", "description": "app.py"},
    )
    with pytest.raises(errors.BadRequest):
        client.upload(app, "mine")


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda path: None, "There is no file"),
        (lambda path: path.mkdir(), "is a directory"),
        (lambda path: path.write_bytes(b""), "is empty"),
    ],
)
def test_what_cannot_be_sent(client, tmp_path, make, sentence):
    path = tmp_path / "x.py"
    make(path)
    with pytest.raises(errors.UsageError, match=sentence):
        client.upload(path)


def test_a_body_can_be_sent_twice(app):
    body = uploads.FileBody(app)
    assert len(body) == len(CONTENT)
    assert b"".join(body) == b"".join(body) == CONTENT


def test_a_growing_file_is_sent_as_it_was_announced(app):
    body = uploads.FileBody(app)
    app.write_bytes(CONTENT * 2)
    assert b"".join(body) == CONTENT


def test_a_shrinking_file_is_noticed(app):
    body = uploads.FileBody(app)
    app.write_bytes(CONTENT[:3])
    with pytest.raises(errors.ClientError, match="became shorter"):
        b"".join(body)


def test_memory_does_not_hold_the_file(tmp_path):
    path = tmp_path / "big"
    with path.open("wb") as file:
        file.truncate(10 * uploads.PIECE_BYTES)
    assert max(map(len, uploads.FileBody(path))) == uploads.PIECE_BYTES


@pytest.mark.parametrize(
    ("file_name", "expected"),
    [
        ("app.py", "app-0123456789ab.py"),
        ("my app (1).py", "my-app-1-0123456789ab.py"),
        ("-x.jar", "x-0123456789ab.jar"),
        ("データ.csv", "x-0123456789ab.csv"),
        ("Makefile", "Makefile-0123456789ab"),
        ("a" * 80 + ".py", "a" * 34 + "-0123456789ab.py"),
    ],
)
def test_names_are_valid(file_name, expected):
    name = uploads.content_name(file_name, "0123456789abcdef")
    assert name == expected
    assert len(name) <= uploads.NAME_LENGTH


def test_a_download_comes_in_pieces(client, script):
    script.expect("GET", "/v2/job-binaries/b/data", raw=CONTENT)
    assert b"".join(client.job_binaries.download("b")) == CONTENT
