# SPDX-License-Identifier: Apache-2.0
"""Requests that once made the service fail: each is the fault of its sender."""

import pytest
import werkzeug.test

from sparkaas.api import app
from sparkaas.testing import service
from tests.functional.fuzz import ground


@pytest.fixture(scope="module")
def ask():
    with service.World() as world:
        client = werkzeug.test.Client(app.create_app(world.env, lambda inner: inner))

        def ask(method, path, **more):
            return client.open(path, method=method, headers=ground.HEADERS, **more)

        yield ask


def test_a_query_that_is_not_utf_8(ask):
    raw = b"name=\xff".decode("latin-1")
    answer = ask("GET", "/v2/clusters", environ_overrides={"QUERY_STRING": raw})
    assert answer.status_code == 400
    assert answer.json["error_name"] == "INVALID_DATA"
    assert "UTF-8" in answer.json["error_message"]


@pytest.mark.parametrize("host", ["", ".", "a..b", "a" * 64])
def test_a_host_that_names_none(ask, host):
    answer = ask("GET", "/v2/clusters", environ_overrides={"HTTP_HOST": host})
    assert answer.status_code in {200, 400}
    if answer.status_code == 400:
        assert answer.json["error_name"] == "INVALID_DATA"
        assert "Host" in answer.json["error_message"]
