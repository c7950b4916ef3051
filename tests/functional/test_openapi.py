# SPDX-License-Identifier: Apache-2.0
"""The served OpenAPI documents are valid, and tell versions apart."""

import re

import openapi_spec_validator
import pytest
import werkzeug.test

from sparkaas.api import app
from sparkaas.api import versions
from sparkaas.testing import service
from tests.functional import fixtures


@pytest.fixture(scope="module")
def get():
    with service.World() as world:
        client = werkzeug.test.Client(app.create_app(world.env, fixtures.believing))

        def get(version=None, status=200, api="v2"):
            asked = {versions.HEADER: f"data-processing {version}"} if version else {}
            response = client.get(f"/{api}/openapi.json", headers=asked)
            assert response.status_code == status
            return response.json

        yield get


@pytest.mark.parametrize("version", ["2.0", "2.1"])
def test_it_is_valid(get, version):
    openapi_spec_validator.validate(get(version))


@pytest.mark.parametrize("api", ["v1.0", "v1.1"])
def test_an_old_one_is_valid_and_knows_of_no_microversions(get, api):
    document = get(api=api)
    openapi_spec_validator.validate(document)
    assert document["info"]["version"].endswith(f"+api.{api[1:]}")
    assert document["servers"] == [{"url": f"/{api}"}]
    for path in document["paths"].values():
        for operation in path.values():
            told = {one.get("$ref") for one in operation["parameters"]}
            assert told <= {None}
            assert "x-min-version" not in operation
            for answer in operation["responses"].values():
                headers = set(answer.get("headers", {}))
                assert headers <= {"X-OpenStack-Request-ID"}
    # A header of the request does not matter there.
    assert get("2.9", api=api) == document


def test_v1_0_is_the_part_of_v1_1_without_jobs(get):
    old, older = get(api="v1.1")["paths"], get(api="v1.0")["paths"]
    assert {path: old[path] for path in older} == older
    assert {path.split("/")[1] for path in old.keys() - older.keys()} == {
        "data-sources",
        "job-binaries",
        "job-binary-internals",
        "job-executions",
        "job-types",
        "jobs",
    }


def test_the_newest_comes_unasked(get):
    assert get() == get("2.1") == get("latest")


def test_an_older_one_knows_less(get):
    assert "/flavors" in get("2.1")["paths"]
    assert "/flavors" not in get("2.0")["paths"]


@pytest.mark.parametrize("api", ["v1.1", "v2"])
def test_no_path_is_another_by_other_names(get, api):
    paths = [re.sub("{.*?}", "{}", path) for path in get(api=api)["paths"]]
    assert len(set(paths)) == len(paths)


@pytest.mark.parametrize("api", ["v1.1", "v2"])
def test_no_operation_has_anothers_id(get, api):
    ids = [
        operation["operationId"]
        for path in get(api=api)["paths"].values()
        for operation in path.values()
    ]
    assert len(set(ids)) == len(ids)


def test_an_unknown_version(get):
    assert get("2.9", status=406)["error_name"] == "NOT_ACCEPTABLE"
