# SPDX-License-Identifier: Apache-2.0
"""Finding the service."""

import json
import os

import pytest

from sparkaas.client import connection
from sparkaas.client import errors


@pytest.fixture
def state(tmp_path):
    """``state(mode=..., text=...)`` writes the embedded service's file."""

    def write(mode=0o600, text=None):
        path = tmp_path / connection.ENDPOINT_FILE
        document = {"url": "http://127.0.0.1:8386", "token": "secret"}
        path.write_text(json.dumps(document) if text is None else text)
        path.chmod(mode)
        return {"SPARKAAS_STATE": str(tmp_path)}

    return write


def auth_of(client):
    return client.transport._adapter.session.auth


def test_the_embedded_service_is_found(state):
    found = connection.embedded(state())
    assert found == connection.Endpoint("http://127.0.0.1:8386", "secret")


def test_its_place_is_in_the_home_directory(tmp_path):
    assert connection.state_path({"HOME": str(tmp_path)}) == (
        tmp_path / ".local" / "state" / "sparkaas"
    )


def test_nothing_runs(tmp_path):
    with pytest.raises(errors.NoService, match="No sparkaas service was found") as no:
        connection.connect(environ={"SPARKAAS_STATE": str(tmp_path)})
    assert "sparkaas-all or ./quickstart" in no.value.hint


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o620, 0o604])
def test_a_token_that_others_can_read_is_refused(state, mode):
    with pytest.raises(errors.NoService, match="others can read it") as no:
        connection.embedded(state(mode))
    assert "chmod 600" in no.value.hint
    assert "secret" not in str(no.value)


@pytest.mark.parametrize("text", ["", "{", "[]", '{"url": "http://x"}', "null"])
def test_a_damaged_file_is_told(state, text):
    with pytest.raises(errors.NoService, match="is damaged"):
        connection.embedded(state(text=text))


def test_a_directory_is_no_file(tmp_path):
    (tmp_path / connection.ENDPOINT_FILE).mkdir(mode=0o700)
    with pytest.raises(errors.NoService, match="cannot be read"):
        connection.embedded({"SPARKAAS_STATE": str(tmp_path)})


def test_told_goes_before_found(state):
    environ = {**state(), "SPARKAAS_URL": "http://other:1", "SPARKAAS_TOKEN": "t"}
    auth = auth_of(connection.connect(environ=environ))
    assert (auth.endpoint, auth.token) == ("http://other:1", "t")
    auth = auth_of(connection.connect("http://third:1", "u", environ=environ))
    assert (auth.endpoint, auth.token) == ("http://third:1", "u")


@pytest.mark.parametrize(
    "url", ["http://h:1", "http://h:1/", "http://h:1/v2", "http://h:1/v1.1/abc"]
)
def test_a_url_may_have_a_version(url):
    assert auth_of(connection.connect(url, "t", environ={})).endpoint == "http://h:1"


def test_a_url_may_have_a_path():
    client = connection.connect("https://h/data-processing/v2/", "t", environ={})
    assert auth_of(client).endpoint == "https://h/data-processing"


@pytest.mark.parametrize("url", ["127.0.0.1:8386", "ftp://h", "http://", "http:///x"])
def test_not_a_url(url):
    with pytest.raises(errors.UsageError, match="is not the URL of a service"):
        connection.connect(url, "t", environ={})


def test_a_token_without_a_url():
    with pytest.raises(errors.UsageError, match="without a URL"):
        connection.connect(token="t", environ={})


def test_no_token_means_no_authentication():
    assert auth_of(connection.connect("http://h:1", environ={})).get_token(None) == (
        "notused"
    )


@pytest.mark.filterwarnings("ignore:Support for InfluxDB")
def test_a_cloud_goes_before_the_embedded_service(state, monkeypatch):
    environ = {
        **state(),
        "OS_AUTH_TYPE": "admin_token",
        "OS_ENDPOINT": "http://cloud:8386",
        "OS_TOKEN": "cloud-token",
    }
    for name in list(os.environ):
        if name.startswith("OS_"):
            monkeypatch.delenv(name)
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    auth = auth_of(connection.connect())
    assert (auth.endpoint, auth.token) == ("http://cloud:8386", "cloud-token")


@pytest.mark.filterwarnings("ignore:Support for InfluxDB")
def test_an_unknown_cloud_is_told(tmp_path, monkeypatch):
    monkeypatch.setenv("OS_CLIENT_CONFIG_FILE", str(tmp_path / "clouds.yaml"))
    (tmp_path / "clouds.yaml").write_text("clouds: {}\n")
    with pytest.raises(errors.ClientError, match="nowhere") as caught:
        connection.connect(cloud="nowhere", environ={})
    assert "clouds.yaml" in caught.value.hint
