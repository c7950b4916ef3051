# SPDX-License-Identifier: Apache-2.0
"""The door of the embedded default, and the project in the path."""

import pytest
import werkzeug.test

from sparkaas.api import auth
from sparkaas.api import routing
from sparkaas.testing import service

TOKEN = "a-token"


class Inner:
    """Remembers the environment of each request that came through."""

    def __init__(self):
        self.seen = []

    def __call__(self, environ, start_response):
        self.seen.append(environ)
        start_response("200 OK", [])
        return [b""]


@pytest.fixture
def inner():
    return Inner()


@pytest.fixture
def get(inner):
    conf = service.configuration()
    wrapped = auth.from_conf(conf, TOKEN)(auth.ProjectCheck(inner))
    client = werkzeug.test.Client(wrapped)

    def get(path="/v2/clusters", host="localhost:8386", token=TOKEN, **headers):
        more = {key.replace("_", "-"): value for key, value in headers.items()}
        if token is not None:
            more["X-Auth-Token"] = token
        return client.get(path, headers={"Host": host, **more})

    return get


def test_the_token_opens(get, inner):
    assert get().status_code == 200
    caller = inner.seen[0][routing.CONTEXT]
    assert caller.project_id == auth.LOCAL_PROJECT
    assert caller.user_id == auth.LOCAL_USER
    assert set(caller.roles) == {"admin", "member", "reader"}
    assert caller.is_admin


@pytest.mark.parametrize("token", [None, "", "b", TOKEN + "x", "\xe9"])
def test_nothing_else_does(get, inner, token):
    response = get(token=token)
    assert response.status_code == 401
    assert response.headers["WWW-Authenticate"]
    assert response.mimetype == "text/plain"
    assert not inner.seen


def test_an_empty_token_is_no_token():
    with pytest.raises(ValueError, match="empty"):
        auth.TokenAuth(Inner(), token="", project_id="p", user_id="u")


@pytest.mark.parametrize(
    "host", ["localhost", "LOCALHOST:1", "localhost.", "127.0.0.1:8386", "[::1]:8386"]
)
def test_our_own_names(get, host):
    assert get(host=host).status_code == 200


@pytest.mark.parametrize(
    "host",
    ["evil.example", "localhost.evil.example", "127.0.0.2", "[::2]", "", "[", "a@b:c"],
)
def test_names_that_a_web_page_brings(get, inner, host):
    response = get(host=host)
    assert response.status_code == 400
    assert b"Host" in response.data
    assert not inner.seen


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "", "file://"])
def test_pages_of_other_origins(get, inner, origin):
    assert get(Origin=origin).status_code == 403
    assert not inner.seen


def test_a_page_of_our_own(get):
    assert get(Origin="http://localhost:8386").status_code == 200


def test_an_identity_in_the_headers_is_not_believed(get, inner):
    get(
        X_Project_Id="b" * 32,
        X_User_Id="root",
        X_Roles="owner",
        X_Domain_Id="d",
        X_Service_Roles="service",
        OpenStack_System_Scope="all",
    )
    caller = inner.seen[0][routing.CONTEXT]
    assert caller.project_id == auth.LOCAL_PROJECT
    assert caller.user_id == auth.LOCAL_USER
    assert "owner" not in caller.roles
    assert caller.service_roles == []
    assert caller.domain_id is None
    assert caller.system_scope is None


@pytest.mark.parametrize(
    "path",
    [
        "/v2/clusters/x",
        "/v2/clusters/x.json",
        f"/v2/{auth.LOCAL_PROJECT}/clusters/x",
        f"/v2/{auth.LOCAL_PROJECT}/clusters/x.json",
        "/v2/00000000-0000-0000-0000-000000000001/clusters/x/",
    ],
)
def test_four_spellings_of_one_path(get, inner, path):
    assert get(path).status_code == 200
    assert inner.seen[0]["PATH_INFO"] == "/v2/clusters/x"


def test_another_project_in_the_path(get, inner):
    response = get("/v2/00000000-0000-0000-0000-000000000002/clusters")
    assert response.status_code == 401
    assert response.mimetype == "text/plain"
    assert not inner.seen


@pytest.mark.parametrize("path", ["/x", "/x/", "/v2/a%00b"])
def test_no_path(get, path):
    assert get(path).status_code == 404
