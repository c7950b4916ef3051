# SPDX-License-Identifier: Apache-2.0
"""Walks the routes: each is whole, and has its counterpart on every floor."""

import json

import jsonschema
import pytest
import werkzeug.test

from sparkaas import policies
from sparkaas.api import app
from sparkaas.api import openapi
from sparkaas.api import routes
from sparkaas.api import versions
from sparkaas.testing import service
from tests.functional import fixtures

ROUTES = routes.ROUTES
#: Every route of every version but v1.0, whose routes are some of v1.1's.
ALL = [(api.name, route) for api in routes.APIS[1:] for route in api.routes]
RULES = {rule.name: rule for rule in policies.list_rules()}

each_route = pytest.mark.parametrize(
    ("api", "route"),
    ALL,
    ids=[f"{a} {r.method} {r.path} {versions.text(r.min_version)}" for a, r in ALL],
)


@pytest.fixture(scope="module")
def client():
    with service.World() as world:
        yield werkzeug.test.Client(
            app.create_app(world.env, fixtures.believing, check_answers=True)
        )


def ask(client, api, route, roles, **more):
    path = route.path
    for variable in route.variables:
        path = path.replace(f"{{{variable}}}", "99999999-9999-4999-8999-999999999999")
    return client.open(
        f"/{api}{path}",
        method=route.method,
        headers={
            "X-Auth-Token": "token",
            "X-Project-Id": "a" * 32,
            "X-User-Id": "somebody",
            "X-Roles": roles,
            versions.HEADER: f"data-processing {versions.text(route.min_version)}",
        },
        **more,
    )


def test_every_noun_is_there():
    assert {route.path.split("/")[1] for route in ROUTES} == {
        "plugins",
        "images",
        "flavors",
        "node-group-templates",
        "cluster-templates",
        "clusters",
        "data-sources",
        "job-binaries",
        "job-types",
        "job-templates",
        "jobs",
        "quotas",
    }


def test_a_version_of_a_request_has_one_route():
    keys = [(r.method, r.path, r.min_version) for r in ROUTES]
    assert len(set(keys)) == len(keys)


@each_route
def test_it_has_a_rule_that_tells_of_it(api, route):
    operations = RULES[route.policy].operations
    assert {"method": route.method, "path": f"/{api}{route.path}"} in operations


def test_rules_tell_of_nothing_else():
    told = {(o["method"], o["path"]) for r in RULES.values() for o in r.operations}
    assert told == {(r.method, f"/{api}{r.path}") for api, r in ALL}
    wider = {route.everywhere for _, route in ALL if route.everywhere}
    assert set(RULES) == {route.policy for _, route in ALL} | wider


@each_route
def test_it_has_its_schemas(api, route):
    answers = {route.status: route.answer, **route.also}
    for status, schema in answers.items():
        if route.raw:
            assert schema is None
        else:
            assert (schema is None) == (status == 204)
    if route.method in {"POST", "PUT", "PATCH"}:
        assert route.stream or route.body is not None
    if route.body is not None:
        assert not route.stream
        assert route.body["additionalProperties"] is False


@each_route
def test_its_schemas_are_schemas(api, route):
    for schema in (route.body, route.answer, *route.also.values()):
        if schema is not None:
            jsonschema.Draft202012Validator.check_schema(schema)
    for schema in route.query.values():
        jsonschema.Draft202012Validator.check_schema(schema)


@each_route
def test_it_answers_with_the_status_of_its_method(api, route):
    if route.path == "/images/{id}/tags" and route.method == "PUT":
        assert route.status == 200
    else:
        wanted = {"GET": 200, "POST": 202, "PUT": 202, "PATCH": 202, "DELETE": 204}
        assert route.status == wanted[route.method]


@each_route
def test_what_it_finds_is_named_in_its_path(api, route):
    assert route.find is None or route.variables


@each_route
def test_it_asks_its_policy_first(client, api, route):
    response = ask(client, api, route, roles="nobody", data=b"{", query_string="nope=1")
    assert response.status_code == 403
    assert response.json["error_name"] == "FORBIDDEN"
    assert route.policy in response.json["error_message"]


@each_route
def test_its_rule_lets_administrators_through(client, api, route):
    response = ask(
        client, api, route, roles="admin,member,reader", query_string="nope=1"
    )
    assert response.status_code in {400, 404}


@each_route
def test_it_is_described(api, route):
    whole = next(each for each in routes.APIS if each.name == api)
    document = openapi.document(
        whole.routes, route.min_version, api, microversions=whole.microversions
    )
    operation = document["paths"][route.path][route.method.lower()]
    assert operation["x-policy"] == route.policy
    assert str(route.status) in operation["responses"]
    assert ("requestBody" in operation) == (route.stream or route.body is not None)


@pytest.mark.parametrize("version", versions.MICROVERSIONS, ids=versions.text)
def test_a_newer_route_is_not_there_before_its_time(client, version):
    for route in ROUTES:
        if route.min_version > version and not any(
            (r.method, r.path) == (route.method, route.path)
            and r.min_version <= version
            for r in ROUTES
        ):
            path = route.path.replace("{", "").replace("}", "")
            response = client.open(
                f"/v2{path}",
                method=route.method,
                headers={
                    "X-Auth-Token": "token",
                    "X-Project-Id": "a" * 32,
                    "X-Roles": "admin",
                    versions.HEADER: f"data-processing {versions.text(version)}",
                },
            )
            assert response.status_code == 404
            assert json.loads(response.data)["error"] == 404
