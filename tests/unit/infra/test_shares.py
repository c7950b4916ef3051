# SPDX-License-Identifier: Apache-2.0
"""Nodes and the shares that they may mount."""

import dataclasses
import types

import pytest

from sparkaas import exceptions
from sparkaas import model
from sparkaas.infra.openstack import names
from sparkaas.infra.openstack import shares
from tests.unit.infra import test_telling

SHARE = {"id": "s", "path": "/data", "access_level": "ro"}


class Manila:
    """A share service of one share, whose rules apply at once unless it is slow."""

    state = "active"

    def __init__(self):
        self.rules = {}

    def access_rules(self, share):
        return [rule for rule in self.rules.values() if rule.share == share]

    def create_access_rule(self, share, *, access_to, metadata, **attributes):
        id = f"rule-{len(self.rules)}"
        taken = {rule.access_to for rule in self.access_rules(share)}
        assert access_to not in taken
        self.rules[id] = types.SimpleNamespace(
            id=id,
            share=share,
            access_to=access_to,
            metadata=metadata,
            state=self.state,
            access_level=attributes["access_level"],
        )

    def delete_access_rule(self, id, share, ignore_missing):
        self.rules.pop(id, None)

    def export_locations(self, share):
        make = types.SimpleNamespace
        return [
            make(path="admin:/s", is_admin=True, is_preferred=True),
            make(path="slow:/s", is_admin=False, is_preferred=False),
            make(path="fast:/s", is_admin=False, is_preferred=True),
        ]

    def levels(self):
        return {rule.access_to: rule.access_level for rule in self.rules.values()}


@pytest.fixture
def manila():
    return Manila()


@pytest.fixture
def cloud(manila):
    return types.SimpleNamespace(sdk=types.SimpleNamespace(shared_file_system=manila))


def cluster(**more):
    return test_telling.cluster(**more)


def test_every_node_is_let_in_by_its_address(cloud, manila):
    found = shares.admit(cloud, cluster(shares=(SHARE,)))
    assert manila.levels() == {"10.0.0.0": "ro", "10.0.0.1": "ro"}
    assert found["c-work-0"] == [
        {"kind": "nfs", "source": "fast:/s", "path": "/data", "readonly": True}
    ]


def test_doing_it_again_changes_nothing(cloud, manila):
    shares.admit(cloud, cluster(shares=(SHARE,)))
    before = dict(manila.rules)
    shares.admit(cloud, cluster(shares=(SHARE,)))
    assert manila.rules == before


def test_a_level_can_be_changed(cloud, manila):
    shares.admit(cloud, cluster(shares=(SHARE,)))
    shares.admit(cloud, cluster(shares=({**SHARE, "access_level": "rw"},)))
    assert set(manila.levels().values()) == {"rw"}


def test_a_share_that_is_not_wanted_any_more_is_closed(cloud, manila):
    wanted = cluster(shares=(SHARE,))
    manila.create_access_rule("s", access_to="10.9.9.9", metadata={}, access_level="rw")
    shares.admit(cloud, wanted)
    groups = model.wanted_instances(wanted)
    noted = tuple(
        shares.noted(wanted, groups[each.name], each) for each in wanted.instances
    )
    without = dataclasses.replace(wanted, shares=(), instances=noted)
    assert shares.admit(cloud, without) == {"c-work-0": [], "c-work-1": []}
    assert manila.levels() == {"10.9.9.9": "rw"}


def test_with_the_cluster_its_rules_go_and_no_others(cloud, manila):
    manila.create_access_rule(
        "s", access_to="10.9.9.9", metadata={names.OWNER: "x"}, access_level="rw"
    )
    wanted = cluster(shares=(SHARE,))
    shares.admit(cloud, wanted)
    shares.dismiss(cloud, wanted)
    assert manila.levels() == {"10.9.9.9": "rw"}


def test_whom_somebody_else_let_in_is_not_let_in_twice(cloud, manila):
    manila.create_access_rule("s", access_to="10.0.0.0", metadata={}, access_level="ro")
    shares.admit(cloud, cluster(shares=(SHARE,)))
    assert len(manila.rules) == 2


def test_a_rule_that_is_not_applied_yet_is_waited_for(cloud, manila):
    manila.state = "queued_to_apply"
    with pytest.raises(exceptions.Transient, match="not open to 10.0.0.0"):
        shares.admit(cloud, cluster(shares=(SHARE,)))


def test_a_rule_that_cannot_be_applied_ends_the_matter(cloud, manila):
    manila.state = "error"
    with pytest.raises(exceptions.Permanent) as caught:
        shares.admit(cloud, cluster(shares=(SHARE,)))
    assert caught.value.code == "SHARE_REFUSED"


def test_a_cluster_without_shares_asks_nobody():
    assert shares.admit(None, cluster()) == {"c-work-0": [], "c-work-1": []}
    shares.dismiss(None, cluster())
