# SPDX-License-Identifier: Apache-2.0
"""What stands around the API: request ids, proxies, CORS, Keystone, broken requests."""

import io
import json

import pytest
import werkzeug.test
from keystonemiddleware import auth_token

from sparkaas.api import app
from sparkaas.api import auth
from sparkaas.api import routes as api_routes
from sparkaas.api import routing
from sparkaas.testing import service
from tests.functional import fixtures

IDENTITY = {
    "X-Auth-Token": "token",
    "X-Project-Id": "a" * 32,
    "X-User-Id": "somebody",
    "X-Roles": "member,reader",
}


@pytest.fixture
def world():
    with service.World(api__max_body_bytes=2000) as world:
        yield world


def client(world, authenticate=fixtures.believing, *, routes=None, **options):
    if routes is not None:
        options["apis"] = [api_routes.Api("v2", tuple(routes), microversions=True)]
    return werkzeug.test.Client(app.create_app(world.env, authenticate, **options))


def override(world, group, **options):
    """Set options of libraries, which are known once an application was made."""
    client(world)
    for name, value in options.items():
        world.env.conf.set_override(name, value, group=group)


@pytest.mark.parametrize("path", ["/", "/v2/clusters", "/v2/nothing", "/healthcheck"])
def test_every_answer_has_a_request_id(world, path):
    response = client(world).get(path)
    assert response.headers["x-openstack-request-id"].startswith("req-")


def test_a_proxy_is_believed_when_told_to(world):
    headers = {"X-Forwarded-Proto": "https", "X-Forwarded-Host": "api.example"}

    def link():
        document = client(world).get("/", headers=headers).json
        return document["versions"][-1]["links"][0]["href"]

    assert link() == "http://localhost/v2/"
    override(world, "oslo_middleware", enable_proxy_headers_parsing=True)
    assert link() == "https://api.example/v2/"


def test_a_web_page_of_an_allowed_origin(world):
    override(world, "cors", allowed_origin=["http://dashboard.example"])
    preflight = client(world).options(
        "/v2/clusters",
        headers={
            "Origin": "http://dashboard.example",
            "Access-Control-Request-Method": "PATCH",
            "Access-Control-Request-Headers": "X-Auth-Token",
        },
    )
    assert preflight.status_code == 200
    allowed = preflight.headers["Access-Control-Allow-Origin"]
    assert allowed == "http://dashboard.example"


def test_what_a_web_page_may_send_and_read(world):
    override(world, "cors", allowed_origin=["http://dashboard.example"])
    asking = client(world)
    origin = {"Origin": "http://dashboard.example"}
    for header in (
        "X-Auth-Token",
        "X-Identity-Status",
        "X-Roles",
        "X-Service-Catalog",
        "X-User-Id",
        "X-Tenant-Id",
        "X-OpenStack-Request-ID",
        "OpenStack-API-Version",
        "Content-Type",
    ):
        for method in ("GET", "PUT", "POST", "DELETE", "PATCH"):
            preflight = asking.options(
                "/v2/clusters",
                headers={
                    **origin,
                    "Access-Control-Request-Method": method,
                    "Access-Control-Request-Headers": header,
                },
            )
            assert header in preflight.headers["Access-Control-Allow-Headers"]
            assert preflight.headers["Access-Control-Allow-Methods"] == method
    answer = asking.get("/v2/clusters", headers={**IDENTITY, **origin})
    assert answer.status_code == 200
    exposed = answer.headers["Access-Control-Expose-Headers"].split(",")
    assert set(exposed) >= {
        "X-Auth-Token",
        "X-Subject-Token",
        "X-Service-Token",
        "X-OpenStack-Request-ID",
        "OpenStack-API-Version",
    }


def test_a_web_page_of_any_other_origin_is_told_nothing(world):
    override(world, "cors", allowed_origin=["http://dashboard.example"])
    origin = {"Origin": "http://other.example"}
    answer = client(world).get("/v2/clusters", headers={**IDENTITY, **origin})
    assert "Access-Control-Allow-Origin" not in answer.headers


def test_the_project_may_come_under_its_old_name(world):
    headers = {k: v for k, v in IDENTITY.items() if k != "X-Project-Id"}
    asking = client(world)
    assert asking.get("/v2/clusters", headers=headers).status_code == 503
    headers["X-Tenant-Id"] = "a" * 32
    assert asking.get("/v2/clusters", headers=headers).status_code == 200
    path = f"/v2/{'a' * 32}/clusters"
    assert asking.get(path, headers=headers).status_code == 200


@pytest.fixture
def keystone(world):
    """The options of a Keystone that nobody asks."""
    conf = world.env.conf
    for group, options in auth_token.list_opts():
        conf.register_opts(options, group=group)
    uri = "http://keystone.invalid/v3"
    conf.set_override("www_authenticate_uri", uri, group="keystone_authtoken")
    conf.set_override("auth", "keystone", group="api")
    return auth.from_conf(conf, "")


def test_keystone_refuses_who_brings_no_token(world, keystone):
    asking = client(world, keystone)
    refused = asking.get("/v2/clusters", headers={"X-Roles": "admin"})
    assert refused.status_code == 401
    assert "keystone.invalid" in refused.headers["WWW-Authenticate"]
    assert asking.get("/").status_code == 300


def post(world, data, **more):
    return client(world).post(
        "/v2/node-group-templates", data=data, headers=IDENTITY, **more
    )


def test_a_body_that_is_too_big(world):
    response = post(world, b'{"name": "' + b"x" * 2000 + b'"}')
    assert response.status_code == 400
    assert response.json["error_name"] == "DATA_TOO_BIG"


def test_a_body_of_unknown_length_that_is_too_big(world):
    response = post(
        world,
        None,
        input_stream=io.BytesIO(b" " * 3000),
        environ_base={"wsgi.input_terminated": True},
    )
    assert response.json["error_name"] == "DATA_TOO_BIG"


def test_a_body_that_breaks_off(world):
    environ = werkzeug.test.EnvironBuilder(
        "/v2/node-group-templates", method="POST", data=b"{}", headers=IDENTITY
    ).get_environ()
    environ["CONTENT_LENGTH"] = "100"
    api = app.create_app(world.env, fixtures.believing)
    chunks, status, _ = werkzeug.test.run_wsgi_app(api, environ)
    assert status.startswith("400 ")
    answer = json.loads(b"".join(chunks))
    assert answer["error_name"] == "MALFORMED_REQUEST_BODY"


def broken(call):
    raise RuntimeError("the password is hunter2")


def talkative(call):
    return {"more": 1}


def route(handler, **fields):
    return routing.Route(
        method="GET",
        path="/things",
        handler=handler,
        policy="data-processing:cluster:list",
        summary="List things.",
        **{"answer": {"type": "object", "additionalProperties": False}} | fields,
    )


def test_an_accident_keeps_its_secrets(world):
    response = client(world, routes=[route(broken)]).get("/v2/things", headers=IDENTITY)
    assert response.status_code == 500
    assert response.json["error_name"] == "INTERNAL_SERVER_ERROR"
    assert b"hunter2" not in response.data
    assert response.headers["OpenStack-API-Version"] == "data-processing 2.0"


def test_an_answer_that_was_not_promised_is_noticed_in_tests(world):
    checked = client(world, routes=[route(talkative)], check_answers=True)
    with pytest.raises(routing.BadAnswer, match="unexpected more"):
        checked.get("/v2/things", headers=IDENTITY)
    unchecked = client(world, routes=[route(talkative)])
    assert unchecked.get("/v2/things", headers=IDENTITY).status_code == 200


@pytest.mark.parametrize(
    "answer",
    [
        routing.Answer(body={}, status=299),
        routing.Answer(chunks=[b"raw"]),
        None,
    ],
)
def test_so_are_other_surprises(world, answer):
    checked = client(world, routes=[route(lambda call: answer)], check_answers=True)
    with pytest.raises(routing.BadAnswer):
        checked.get("/v2/things", headers=IDENTITY)


def test_bytes_are_streamed_in_both_directions(world):
    def echo(call):
        assert not isinstance(call.data, bytes)
        return routing.Answer(chunks=(chunk.upper() for chunk in call.data))

    streaming = route(echo, answer=None, raw=True, stream=True)
    response = client(world, routes=[streaming]).get(
        "/v2/things", headers=IDENTITY, data=b"abc" * 100_000
    )
    assert response.data == b"ABC" * 100_000
    assert response.mimetype == "application/octet-stream"


def test_bytes_have_a_limit(world):
    world.env.conf.set_override("max_binary_bytes", 10, group="edp")

    def swallow(call):
        return {"size": sum(map(len, call.data))}

    swallowing = client(world, routes=[route(swallow, stream=True)])
    told = swallowing.get("/v2/things", headers=IDENTITY, data=b"x" * 11)
    untold = swallowing.get(
        "/v2/things",
        headers=IDENTITY,
        input_stream=io.BytesIO(b"x" * 11),
        environ_base={"wsgi.input_terminated": True},
    )
    for response in (told, untold):
        assert json.loads(response.data)["error_name"] == "DATA_TOO_BIG"


def test_the_newest_route_that_is_not_too_new_answers(world):
    def version(name):
        return lambda call: {"version": name}

    open_answer = {"type": "object"}
    both = [
        route(version("new"), min_version=(2, 1), answer=open_answer),
        route(version("old"), answer=open_answer),
    ]
    asking = client(world, routes=both)

    def ask(version):
        headers = {**IDENTITY, "OpenStack-API-Version": f"data-processing {version}"}
        return asking.get("/v2/things", headers=headers).json["version"]

    assert (ask("2.0"), ask("2.1")) == ("old", "new")


def test_every_route_of_the_service_can_be_compiled(world):
    routing.Dispatcher(world.env, None, api_routes.ROUTES)
