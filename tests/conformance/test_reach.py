# SPDX-License-Identifier: Apache-2.0
"""How python-saharaclient finds the service, and what its tokens are worth."""

import json

import pytest
import requests

from tests.servers import keystone_shaped

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

VERSIONS = ("1.1", "2")
PLUGINS = {"1.1": "/v1.1/plugins", "2": "/v2/plugins"}


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("shape", sorted(keystone_shaped.SHAPES))
def test_each_catalog_entry_leads_to_each_version(version, shape, served, clients):
    served.requests()
    answer = clients.call(version, "plugins.list", {}, user=shape)
    assert [plugin["name"] for plugin in answer["result"]] == ["fake"]
    (asked,) = served.requests()
    path = asked.removeprefix("GET ").replace("/{project}", "")
    assert path == PLUGINS[version]
    assert ("{project}" in asked) == (shape == "templated")


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("project", ["", f"/{keystone_shaped.PROJECT}"])
def test_a_url_that_the_user_gives_is_taken_as_it_is(version, project, served, clients):
    served.requests()
    url = f"{served.url}{PLUGINS[version].removesuffix('/plugins')}{project}"
    answer = clients.call(version, "plugins.list", {}, url=url)
    assert [plugin["name"] for plugin in answer["result"]] == ["fake"]
    shown = "/{project}" if project else ""
    assert served.requests() == [
        f"GET {PLUGINS[version].replace('/plugins', shown + '/plugins')}"
    ]


@pytest.mark.parametrize("version", VERSIONS)
def test_openstack_as_a_process_of_its_own(version, served, clients):
    served.requests()
    done = clients.plain_openstack(version, "plugin", "list", "-f", "json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == [{"Name": "fake", "Versions": "0.1"}]
    assert served.requests() == [f"GET {PLUGINS[version]}"]


@pytest.mark.parametrize("version", VERSIONS)
def test_openstack_as_a_process_says_what_was_wrong(version, clients):
    done = clients.plain_openstack(version, "cluster", "show", "there-is-none")
    assert done.returncode == 1
    assert "No matches found." in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("headers", [{}, {"X-Auth-Token": "made-up"}])
@pytest.mark.parametrize("path", PLUGINS.values())
def test_without_a_token_of_keystone_s_nobody_comes_in(headers, path, served):
    answer = requests.get(f"{served.url}{path}", headers=headers, timeout=30)
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Keystone uri=")


@pytest.mark.parametrize("path", PLUGINS.values())
def test_a_foreign_project_is_refused(path, served):
    version = path.removesuffix("/plugins")
    answer = requests.get(
        f"{served.url}{version}/{'f' * 32}/plugins",
        headers={"X-Auth-Token": "token-unversioned"},
        timeout=30,
    )
    assert answer.status_code == 401
