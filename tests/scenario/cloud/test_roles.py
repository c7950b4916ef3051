# SPDX-License-Identifier: Apache-2.0
"""Who may do what, by the roles of the real Keystone."""

from __future__ import annotations

import pytest

from tests.scenario.cloud import asking


@pytest.fixture
def who(service):
    """A user by name."""

    def make(user: str, project: str = "") -> asking.Asking:
        return asking.Asking(service, user, project)

    return make


def test_a_reader_looks_and_touches_nothing(who, demo, cluster):
    reader = who("demo-reader")
    path = f"clusters/{cluster['id']}"
    assert reader.show(cluster["id"])["name"] == cluster["name"]
    assert cluster["id"] in {
        each["id"] for each in reader.call("GET", "clusters")["clusters"]
    }
    resized = {"resize_node_groups": [{"name": "worker", "count": 3}]}
    for method, where, body in (
        ("POST", "clusters", demo.cluster()),
        ("PUT", path, resized),
        ("PATCH", path, {"name": "mine"}),
        ("DELETE", path, None),
        ("POST", "job-binaries", {"name": "x.py"}),
    ):
        answer = reader.ask(method, where, body)
        assert answer.status_code == 403, (method, where, answer.text)
    assert demo.show(cluster["id"])["status"] == "Active"


def test_an_administrator_lists_those_of_all_projects(who, demo, cluster):
    found = who("admin").call("GET", "clusters?all_projects=true")["clusters"]
    assert cluster["id"] in {each["id"] for each in found}
    for user in ("demo", "demo-reader", "other"):
        answer = who(user).ask("GET", "clusters?all_projects=true")
        assert answer.status_code == 403, (user, answer.text)


def test_a_role_in_one_project_is_none_in_another(who, cluster):
    path = f"clusters/{cluster['id']}"
    for user in ("other", "other-admin"):
        assert who(user).ask("GET", path).status_code == 404


def test_a_reader_of_the_system_has_no_project_here(who, cluster):
    answer = who("system-reader", "system").ask("GET", "clusters")
    assert answer.status_code == 503
    assert answer.text == "The token is not scoped to a project."


def test_nobody_is_let_in_without_a_token(demo, cluster):
    for token in ("", "nonsense"):
        answer = demo.ask("GET", "clusters", headers={"X-Auth-Token": token})
        assert answer.status_code == 401
