# SPDX-License-Identifier: Apache-2.0
"""A node fetches a file from a store that is busy, refuses, lies or breaks off."""

import hashlib
import http.server
import os
import stat

import pytest

from sparkaas import exceptions
from sparkaas.edp import pulling
from tests.functional.edp import pulled
from tests.servers import answering

DATA = os.urandom(3 << 20)


class Store(http.server.BaseHTTPRequestHandler):
    """Answers each GET with the next of the server's ``answers``."""

    def do_GET(self):
        status, data, length = self.server.answers.pop(0)
        self.send_response(status)
        if length is not None:
            self.send_header("Content-Length", str(length))
        if status == 302:
            self.send_header("Location", "/other")
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_):
        return


@pytest.fixture
def store():
    with answering.answering(http.server.HTTPServer(("127.0.0.1", 0), Store)) as server:
        yield server


@pytest.fixture
def pull(store, tmp_path):
    """(what the node tells, the file)."""

    def run(*answers, limit=1 << 30, seconds=20.0):
        store.answers = [
            (status, data, len(data) if length == "its" else length)
            for status, data, length in answers
        ]
        target = tmp_path / "job" / "app.jar"
        asked = {
            "url": f"http://127.0.0.1:{store.server_port}/box/app.jar?X-Amz-S=1",
            "path": str(target),
            "limit": limit,
            "seconds": seconds,
        }
        told = pulled.told(asked)
        assert store.answers == []
        assert not list(target.parent.glob("*.part"))
        return told, target

    return run


def test_a_whole_file_for_its_owner_only(pull):
    told, target = pull((200, DATA, "its"))
    assert told == {"size": len(DATA), "sha256": hashlib.sha256(DATA).hexdigest()}
    assert target.read_bytes() == DATA
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    assert stat.S_IMODE(target.parent.stat().st_mode) == 0o700


def test_one_of_no_bytes(pull):
    assert pull((200, b"", "its"))[1].read_bytes() == b""


def test_a_store_that_is_busy_and_breaks_off(pull):
    busy, broken = (503, b"", 0), (200, DATA[:1000], len(DATA))
    told, target = pull(busy, broken, (200, DATA, "its"))
    assert told["size"] == len(DATA)
    assert target.read_bytes() == DATA


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        ((404, b"", 0), "BINARY_NOT_FOUND"),
        ((401, b"", 0), "OBJECT_STORE_DENIED"),
        ((403, b"", 0), "OBJECT_STORE_DENIED"),
        ((400, b"", 0), "OBJECT_STORE_REFUSED"),
        ((302, b"", 0), "OBJECT_STORE_REFUSED"),
        ((200, DATA, "its"), "BINARY_TOO_LARGE"),
        ((200, DATA, None), "BINARY_TOO_LARGE"),
    ],
)
def test_what_will_not_change(pull, answer, code):
    told, target = pull(answer, limit=1 << 20)
    assert not target.exists()
    error = pulling.failure(told, "swift://box/app.jar", 1 << 20)
    assert isinstance(error, exceptions.Permanent)
    assert error.code == code
    assert error.hint
    assert "X-Amz" not in error.message


def test_what_may_change(pull):
    told, target = pull((503, b"", 0), seconds=0.1)
    error = pulling.failure(told, "swift://box/app.jar", 10)
    assert isinstance(error, exceptions.Transient)
    assert error.code == "OBJECT_STORE_UNAVAILABLE"
    assert not target.exists()


def test_a_full_disk():
    error = pulling.failure({"error": "x", "full": True}, "s3://b/k", 10)
    assert error.code == "DISK_FULL"
