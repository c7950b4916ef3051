# SPDX-License-Identifier: Apache-2.0
"""Rules: their defaults, and an operator's file over them."""

import pytest

from sparkaas import context
from sparkaas import exceptions
from sparkaas import policies
from sparkaas import policy
from sparkaas.policies import v1
from sparkaas.testing import service

RULES = policies.list_rules()
OLD = v1.RULES
NEW = [rule for rule in RULES if rule not in OLD]


def caller(*roles, project="a" * 32):
    return context.RequestContext(
        user_id="somebody", project_id=project, roles=list(roles), overwrite=False
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
    secret = rule.name.endswith(":entrances")
    reading = all(o["method"] == "GET" for o in rule.operations) and not (
        wider or secret
    )
    assert may(enforcer, caller("reader"), rule.name) == reading
    everyone = caller("admin", "member", "reader")
    assert may(enforcer, everyone, rule.name)
    changes_labels = rule.name == "data-processing:plugin:update"
    administers = changes_labels or wider
    assert may(enforcer, caller("member", "reader"), rule.name) != administers
    assert not may(enforcer, caller(), rule.name)


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
