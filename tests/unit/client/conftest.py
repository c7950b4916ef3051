# SPDX-License-Identifier: Apache-2.0
"""A service that answers exactly the calls that a test has written down."""

import json
import urllib.parse

import pytest
import requests
import requests_mock
from keystoneauth1 import adapter as ksa_adapter
from keystoneauth1 import session as ksa_session
from keystoneauth1 import token_endpoint

from sparkaas.client import client as client_module
from sparkaas.client import transport as transport_module

URL = "http://sparkaas.test:8386"


def versions(newest="2.1"):
    return {
        "versions": [
            {
                "id": "v1.1",
                "status": "SUPPORTED",
                "links": [{"rel": "self", "href": f"{URL}/v1.1/"}],
            },
            {
                "id": "v2",
                "status": "CURRENT",
                "links": [{"rel": "self", "href": f"{URL}/v2/"}],
                "min_version": "2.0",
                "max_version": newest,
            },
        ]
    }


class FakeClock:
    """Time that passes only by sleeping."""

    def __init__(self):
        self.now = 0.0
        self.slept = []

    def monotonic(self):
        return self.now

    def sleep(self, seconds):
        self.slept.append(seconds)
        self.now += seconds


class Script:
    """Calls in the order in which they must come; one too many fails at once, one
    too few at the end."""

    def __init__(self, mocker):
        self.calls = []
        self.sent = []
        mocker.add_matcher(self._match)

    def expect(
        self,
        method,
        path,
        answer=None,
        *,
        status=None,
        query=None,
        body=None,
        headers=None,
        error=None,
        raw=None,
        answer_headers=None,
    ):
        """``body``: the JSON, or bytes, that must be sent. ``error`` is raised."""
        self.calls.append(
            {
                "method": method,
                "path": path,
                "answer": answer,
                "status": status or {"GET": 200, "DELETE": 204}.get(method, 202),
                "query": query or {},
                "body": body,
                "headers": headers or {},
                "error": error,
                "raw": raw,
                "answer_headers": answer_headers or {},
            }
        )

    def expect_versions(self, newest="2.1"):
        self.expect("GET", "/", versions(newest), status=300)

    def _match(self, request):
        assert self.calls, f"one too many: {request.method} {request.url}"
        call = self.calls.pop(0)
        parts = urllib.parse.urlsplit(request.url)
        assert (request.method, parts.path) == (call["method"], call["path"])
        query = dict(urllib.parse.parse_qsl(parts.query))
        assert query == {key: str(value) for key, value in call["query"].items()}
        assert_body(request, call["body"])
        for name, value in call["headers"].items():
            assert request.headers.get(name) == value, name
        self.sent.append(request)
        if call["error"] is not None:
            raise call["error"]
        content = call["raw"]
        if content is None:
            content = b"" if call["answer"] is None else json.dumps(call["answer"])
        if isinstance(content, str):
            content = content.encode()
        return requests_mock.create_response(
            request,
            status_code=call["status"],
            content=content,
            headers=call["answer_headers"],
        )

    def finish(self):
        left = [(call["method"], call["path"]) for call in self.calls]
        assert not left, f"never called: {left}"


def assert_body(request, expected):
    sent = request.body
    if isinstance(expected, bytes):
        assert b"".join(sent) == expected
    elif expected is None:
        assert not sent
    else:
        assert json.loads(sent) == expected


@pytest.fixture
def clock():
    return FakeClock()


@pytest.fixture
def script():
    with requests_mock.Mocker() as mocker:
        script = Script(mocker)
        yield script
        script.finish()


@pytest.fixture
def transport(script, clock):
    """Not settled yet: the first call asks for the versions."""
    auth = token_endpoint.Token(URL, "secret")
    session = ksa_session.Session(auth=auth, session=requests.Session())
    adapter = ksa_adapter.Adapter(
        session, service_type=transport_module.SERVICE_TYPE, min_version="2"
    )
    return transport_module.Transport(adapter, sleep=clock.sleep)


@pytest.fixture
def client(transport, script, clock):
    """A client that has settled on 2.1 already."""
    script.expect_versions()
    assert transport.microversion == (2, 1)
    return client_module.Client(transport, clock=clock)
