# SPDX-License-Identifier: Apache-2.0
"""The served OpenAPI documents are valid, and tell versions apart."""

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

        def get(version=None, status=200):
            asked = {versions.HEADER: f"data-processing {version}"} if version else {}
            response = client.get("/v2/openapi.json", headers=asked)
            assert response.status_code == status
            return response.json

        yield get


@pytest.mark.parametrize("version", ["2.0", "2.1"])
def test_it_is_valid(get, version):
    openapi_spec_validator.validate(get(version))


def test_the_newest_comes_unasked(get):
    assert get() == get("2.1") == get("latest")


def test_an_older_one_knows_less(get):
    assert "/flavors" in get("2.1")["paths"]
    assert "/flavors" not in get("2.0")["paths"]


def test_no_operation_has_anothers_id(get):
    ids = [
        operation["operationId"]
        for path in get()["paths"].values()
        for operation in path.values()
    ]
    assert len(set(ids)) == len(ids)


def test_an_unknown_version(get):
    assert get("2.9", status=406)["error_name"] == "NOT_ACCEPTABLE"
