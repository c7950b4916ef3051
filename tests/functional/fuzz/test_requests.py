# SPDX-License-Identifier: Apache-2.0
"""Bytes as they come from the network: whatever a path, a query, a header or a body
is made of, the answer is one, and the service says that it is the request's fault.
"""

import io
import os

import hypothesis
import pytest
from hypothesis import strategies as st

from sparkaas.api import app
from sparkaas.api import auth
from sparkaas.api import routes
from sparkaas.api import versions
from sparkaas.testing import records
from tests.functional.fuzz import asking
from tests.functional.fuzz import ground as grounds

pytestmark = pytest.mark.slow

_LONG = int(os.environ.get("SPARKAAS_FUZZ", "0"))
_SETTINGS = hypothesis.settings(
    max_examples=_LONG * 10 or 500,
    derandomize=not _LONG,
    database=None,
    deadline=None,
    suppress_health_check=list(hypothesis.HealthCheck),
    print_blob=True,
)
#: One of each version.
_DOCUMENTS = list({one.api.name: one for one in asking.DOCUMENTS}.values())
#: Text as WSGI has it: each character is a byte.
_BYTES = st.binary(max_size=40).map(lambda raw: raw.decode("latin-1"))
_WORDS = sorted(
    {
        part
        for api in routes.APIS
        for route in api.routes
        for part in route.path.split("/")
    }
    | {key for api in routes.APIS for route in api.routes for key in route.query}
)
_ODD = [
    *("", ".", "..", "%00", "%2e%2e%2f", "\0", ".json", "openapi.json", "\xff", "v2"),
    "v1.1",
    *("-1", "0", "1e400", "9" * 400, "true", "null", "[]", "{", "'", "\\", "\r\n"),
    *("a" * 300, "\xf0\x9f\x92\xa9", "%F0%9F%92%A9", "%ED%A0%80", "%"),
    *(records.PROJECT, "f" * 32, grounds.MISSING),
]
_HEADERS = [
    *("ACCEPT", "CONTENT_ENCODING", "EXPECT", "HOST", "IDEMPOTENCY_KEY", "ORIGIN"),
    *("OPENSTACK_API_VERSION", "RANGE", "TRANSFER_ENCODING", "X_AUTH_TOKEN"),
    *("X_FORWARDED_FOR", "X_FORWARDED_HOST", "X_FORWARDED_PREFIX", "FORWARDED"),
    *("X_FORWARDED_PROTO", "X_OPENSTACK_REQUEST_ID", "X_PROJECT_ID", "X_ROLES"),
    *("X_USER_ID", "X_SERVICE_CATALOG", "X_DOMAIN_ID", "X_IS_ADMIN_PROJECT"),
]
_VERSIONS = [
    *(f"data-processing {versions.text(one)}" for one in versions.MICROVERSIONS),
    *("data-processing", "data-processing 2", "data-processing 99999.1", "latest"),
    *("compute 2.90, data-processing latest", "data-processing \u0662.\u0660"[:15]),
]


@pytest.fixture(scope="module")
def ground(tmp_path_factory):
    with grounds.Ground(tmp_path_factory.mktemp("ground")) as ground:
        yield ground


def _pieces(ground):
    ids = [id for each in ground.ids.values() for id in each]
    return st.one_of(st.sampled_from([*_WORDS, *ids, *_ODD]), _BYTES)


def _known_requests(ground):
    """The method and path of something that exists."""

    def real(document, route):
        noun, path = document.noun(route.path), route.path
        for name in route.variables:
            path = path.replace(f"{{{name}}}", ground.in_path(noun, name)[0])
        return route.method, f"/{document.api.name}{path}"

    return st.sampled_from(
        [
            real(document, route)
            for document in _DOCUMENTS
            for route in document.api.routes
        ]
    )


def _any_requests(pieces):
    methods = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "LOCK"]
    paths = st.lists(pieces, max_size=5).map(lambda parts: "/".join(["", *parts]))
    return st.tuples(
        st.sampled_from(methods),
        paths
        | paths.map(lambda path: f"/v2{path}")
        | paths.map(lambda path: f"/v1.1{path}"),
    )


@st.composite
def _environs(draw, ground):
    """A request as a WSGI server hands it on."""
    pieces = _pieces(ground)
    method, path = draw(_known_requests(ground) | _any_requests(pieces))
    pairs = draw(st.lists(st.tuples(pieces, pieces), max_size=3))
    headers = draw(
        st.dictionaries(st.sampled_from(_HEADERS), pieces | st.sampled_from(_VERSIONS))
    )
    body = draw(st.sampled_from([b"", b"{}", b"[]", b"{" * 1000]) | st.binary())
    length = draw(st.sampled_from([str(len(body)), "", "-1", "x", "9" * 30]))
    kind = draw(st.sampled_from(["application/json", "", "text/plain"]) | pieces)
    return {
        "REQUEST_METHOD": method,
        "SCRIPT_NAME": "",
        "PATH_INFO": path,
        "QUERY_STRING": "&".join(f"{key}={value}" for key, value in pairs),
        "SERVER_NAME": "host",
        "SERVER_PORT": "8386",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "CONTENT_TYPE": kind,
        "CONTENT_LENGTH": length,
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(body),
        "wsgi.input_terminated": draw(st.booleans()),
        "wsgi.errors": io.StringIO(),
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
        **{
            f"HTTP_{key.upper().replace('-', '_')}": value
            for key, value in grounds.HEADERS.items()
        },
        **{f"HTTP_{key}": value for key, value in headers.items()},
    }


def _ask(application, environ) -> tuple[int, bytes]:
    """The status and the body."""
    begun = []

    def start_response(status, headers, exc_info=None):
        for name, value in headers:
            assert "\n" not in name + value
            (name + value).encode("latin-1")
        begun.append(int(status.split()[0]))

    answer = application(environ, start_response)
    try:
        data = b"".join(answer)
    finally:
        if hasattr(answer, "close"):
            answer.close()
    return begun[-1], data


@pytest.mark.parametrize("door", ["open", "token"])
def test_no_request_makes_the_service_fail(ground, door):
    authenticate = {
        "open": lambda inner: inner,
        "token": auth.TokenAuth.middleware(
            token="token",
            project_id=records.PROJECT,
            user_id=records.USER,
            allowed_hosts=("host",),
        ),
    }[door]
    application = app.create_app(ground.world.env, authenticate)

    @_SETTINGS
    @hypothesis.given(_environs(ground))
    def check(environ):
        asked = dict(environ)
        # 503: as Keystone's middleware leaves a token that is for no project
        allowed = set() if environ["HTTP_X_PROJECT_ID"] else {503}
        status, data = _ask(application, environ)
        assert status < 500 or status in allowed, (asked, data)
        if ground.changed():
            assert status < 400, (asked, data)
            ground.restore()

    check()
