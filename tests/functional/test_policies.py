# SPDX-License-Identifier: Apache-2.0
"""Rules: their defaults, and an operator's file over them."""

import pytest
import werkzeug.test

from sparkaas import context
from sparkaas import exceptions
from sparkaas import policies
from sparkaas import policy
from sparkaas.api import app
from sparkaas.policies import v1
from sparkaas.testing import service
from tests.functional import fixtures

RULES = policies.list_rules()
OLD = v1.RULES
NEW = [rule for rule in RULES if rule not in OLD]


#: Whose token is one of the whole system.
SYSTEM = {"project": None, "scope": "all"}


def caller(*roles, project="a" * 32, scope=None):
    return context.RequestContext(
        user_id="somebody",
        project_id=project,
        system_scope=scope,
        roles=list(roles),
        overwrite=False,
    )


def may(enforcer, who, rule):
    try:
        policy.authorize(enforcer, who, rule)
    except exceptions.Forbidden:
        return False
    return True


def with_file(file):
    conf = service.configuration()
    policy.enforcer(conf)  # Makes the library's options known.
    conf.set_override("policy_file", str(file), group="oslo_policy")
    return policy.enforcer(conf)


@pytest.fixture
def enforcer():
    return policy.enforcer(service.configuration())


@pytest.mark.parametrize("rule", NEW, ids=lambda r: r.name)
def test_the_defaults_are_keystones_roles(enforcer, rule):
    wider = rule.name.endswith(":list-all")
    reading = all(o["method"] == "GET" for o in rule.operations) and not wider
    assert may(enforcer, caller("reader"), rule.name) == reading
    everyone = caller("admin", "member", "reader")
    assert may(enforcer, everyone, rule.name) != wider
    changes_labels = rule.name == "data-processing:plugin:update"
    beyond = changes_labels or wider
    assert may(enforcer, caller("member", "reader"), rule.name) != beyond
    assert not may(enforcer, caller(), rule.name)


#: What is read of a project's own: its part of the cloud, its users' content.
OWN = ("flavor", "image", "quota", "get-data", "get-logs", "logins")


@pytest.mark.parametrize("rule", RULES, ids=lambda r: r.name)
def test_the_whole_system_is_read_and_not_changed(enforcer, rule):
    reading = all(o["method"] == "GET" for o in rule.operations)
    looking = rule in NEW and reading and not any(word in rule.name for word in OWN)
    role = ("reader",) if looking else ("admin", "member", "reader")
    if rule in NEW:
        assert may(enforcer, caller(*role, **SYSTEM), rule.name) == looking
    elif not reading:
        assert not may(enforcer, caller(*role, **SYSTEM), rule.name)
    assert not may(enforcer, caller(**SYSTEM), rule.name)


@pytest.mark.parametrize("rule", NEW, ids=lambda r: r.name)
def test_an_operators_role_reads_everything_and_is_no_other_role(enforcer, rule):
    wider = rule.name.endswith(":list-all")
    assert may(enforcer, caller("data_processing_operator"), rule.name) == wider


@pytest.mark.parametrize("rule", OLD, ids=lambda r: r.name)
def test_an_old_rule_follows_its_new_twin(rule, tmp_path):
    twin = rule.check_str.removeprefix("rule:")
    assert twin in {other.name for other in NEW}
    file = tmp_path / "policy.yaml"
    file.write_text(f'"{twin}": "role:auditor"\n')
    enforcer = with_file(file)
    assert may(enforcer, caller("auditor"), rule.name)
    assert not may(enforcer, caller("admin", "member", "reader"), rule.name)


def test_an_old_rule_can_be_set_alone(tmp_path):
    file = tmp_path / "policy.yaml"
    file.write_text('"data-processing:clusters:get_all": "role:auditor"\n')
    enforcer = with_file(file)
    assert may(enforcer, caller("auditor"), "data-processing:clusters:get_all")
    assert may(enforcer, caller("reader"), "data-processing:cluster:list")
    assert not may(enforcer, caller("reader"), "data-processing:clusters:get_all")


def test_names_are_sahara_s():
    names = {rule.name for rule in RULES}
    assert {
        "data-processing:cluster:scale",
        "data-processing:node-group-template:update",
        "data-processing:image:set-tags",
        "data-processing:plugin:get-version",
        "data-processing:job:execute",
        "data-processing:job-template:get-config-hints",
        "data-processing:data-source:register",
    } <= names


def test_an_operators_file_wins(tmp_path):
    file = tmp_path / "policy.yaml"
    file.write_text('"data-processing:cluster:list": "role:auditor"\n')
    enforcer = with_file(file)
    assert may(enforcer, caller("auditor"), "data-processing:cluster:list")
    assert not may(enforcer, caller("member"), "data-processing:cluster:list")
    assert may(enforcer, caller("reader"), "data-processing:cluster:get")


def test_tools_get_an_enforcer_without_arguments():
    assert may(policy.get_enforcer(), caller("reader"), "data-processing:cluster:list")


@pytest.mark.parametrize("path", ["/v2", "/v1.1", f"/v1.1/{'a' * 32}"])
def test_a_list_of_everything_is_one_by_whatever_way(path, tmp_path):
    file = tmp_path / "policy.yaml"
    file.write_text('"data-processing:data-source:list-all": "!"\n')
    headers = {
        "X-Auth-Token": "token",
        "X-User-Id": "auditor",
        "X-Roles": "reader",
        "OpenStack-System-Scope": "all",
    }
    with service.World() as world:
        policy.enforcer(world.env.conf)
        world.env.conf.set_override("policy_file", str(file), group="oslo_policy")
        asking = werkzeug.test.Client(app.create_app(world.env, fixtures.believing))
        answer = asking.get(f"{path}/data-sources", headers=headers)
        assert answer.status_code == (401 if "aaa" in path else 403)
        assert asking.get("/v2/clusters", headers=headers).status_code == 200
