# SPDX-License-Identifier: Apache-2.0
"""The microversion header, and what discovery says."""

import pytest

from sparkaas import exceptions
from sparkaas.api import versions


@pytest.mark.parametrize(
    ("header", "version"),
    [
        (None, (2, 0)),
        ("", (2, 0)),
        ("compute 2.90", (2, 0)),
        ("data-processing 2.0", (2, 0)),
        ("data-processing 2.1", (2, 1)),
        ("data-processing latest", (2, 1)),
        ("compute 2.1, data-processing 2.1", (2, 1)),
        ("  data-processing   2.1 ", (2, 1)),
    ],
)
def test_a_header_that_means_something(header, version):
    assert versions.negotiate(header) == version


@pytest.mark.parametrize("asked", ["foo", "", "2", "2.x", "2.0.0", "-2.0", "٢.٠"])
def test_a_header_that_means_nothing(asked):
    with pytest.raises(exceptions.BadMicroversion):
        versions.negotiate(f"data-processing {asked}")


@pytest.mark.parametrize("asked", ["2.7", "1.0", "3.0", "9999.9999"])
def test_a_version_that_is_not_spoken(asked):
    with pytest.raises(exceptions.NotAcceptable):
        versions.negotiate(f"data-processing {asked}")


@pytest.mark.parametrize("path", ["", "/", "//"])
def test_all_versions(path):
    status, document = versions.document(path, "https://host:8386/base")
    assert status == 300
    assert document["versions"][-1] == {
        "id": "v2",
        "status": "CURRENT",
        "links": [{"rel": "self", "href": "https://host:8386/base/v2/"}],
        "min_version": "2.0",
        "max_version": "2.1",
    }


@pytest.mark.parametrize("path", ["/v2/clusters", "/v3", "/healthcheck"])
def test_no_version(path):
    assert versions.document(path, "http://host") is None
