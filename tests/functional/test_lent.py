# SPDX-License-Identifier: Apache-2.0
"""What an owner lends the service for a cluster: given with it, gone with it, and
renewed by whoever asks something of the cluster when it does not do any more."""

import pytest

from sparkaas import exceptions
from sparkaas.db import clusters
from sparkaas.service import janitor
from sparkaas.testing import ground
from sparkaas.testing import infrastructure as fakes
from sparkaas.testing import service
from tests.functional import nouns


class World(service.World):
    """With a cluster that is Active, and the trust that it was made through."""

    def __enter__(self):
        self.api = nouns.Api(self)
        self.id = self.api.make("clusters")["id"]
        self.api.settle()
        return self

    @property
    def trusts(self):
        return self.infrastructure.trusts

    @property
    def recorded(self):
        return clusters.get(self.env.db, self.id).trust_id


@pytest.fixture
def world():
    with World() as made:
        yield made


def cloud_of(kind):
    clock = ground.FakeClock()
    return World(clock=clock, infrastructure=kind(clock))


REQUESTS = {
    "resize": (
        "PUT",
        {"resize_node_groups": [{"name": "worker", "count": 1}]},
    ),
    "verify": ("PATCH", {"verification": {"status": "START"}}),
    "delete": ("DELETE", None),
}
each_request = pytest.mark.parametrize("request_", sorted(REQUESTS))


def ask(world, name):
    method, body = REQUESTS[name]
    answer = world.api.ask(method, f"/clusters/{world.id}", body)
    assert answer.status_code in (200, 202, 204), answer.text


@each_request
def test_what_does_is_left_as_it_is(world, request_):
    before = dict(world.trusts)
    ask(world, request_)
    assert world.trusts == before == {world.recorded: nouns.MINE}


@each_request
def test_what_does_not_do_any_more_is_renewed(world, request_):
    old = world.recorded
    world.trusts.clear()
    ask(world, request_)
    assert world.trusts == {world.recorded: nouns.MINE}
    assert world.recorded != old
    world.api.settle()
    if request_ != "delete":
        world.api.ask("DELETE", f"/clusters/{world.id}")
        world.api.settle()
    assert not world.trusts


@each_request
def test_a_cloud_that_cannot_say_whether_it_does_is_in_nobody_s_way(request_):
    class Silent(fakes.FakeInfrastructure):
        def renew(self, trust_id):
            raise exceptions.Transient("Keystone does not answer.")

    with cloud_of(Silent) as world:
        before = dict(world.trusts)
        ask(world, request_)
        assert world.trusts == before == {world.recorded: nouns.MINE}


def test_a_request_that_another_one_overtook_leaves_nothing_lent():
    class Overtaken(fakes.FakeInfrastructure):
        def renew(self, trust_id):
            renewed = super().renew(trust_id)
            now = world.clock.now()
            clusters.set_intent(world.env.db, world.id, now, force=True)
            return renewed

    with cloud_of(Overtaken) as world:
        old = world.recorded
        world.trusts.clear()
        method, body = REQUESTS["resize"]
        answer = world.api.ask(method, f"/clusters/{world.id}", body)
        assert answer.status_code == 400
        assert not world.trusts
        assert world.recorded == old


def test_the_trust_goes_also_when_the_nodes_went_first(world):
    for name in list(world.infrastructure.nodes):
        del world.infrastructure.nodes[name]
    ask(world, "delete")
    world.api.settle()
    assert not world.trusts


def test_a_forced_deletion_leaves_the_trust_as_long_as_something_is_there():
    class Slow(fakes.DeleteFails):
        def delete(self, cluster):
            if not self.broken:
                assert self.trusts, "nobody is left who may"
            return super().delete(cluster)

        def list_owned(self):
            found = super().list_owned()
            return tuple(
                type(each)(each.cluster_id, each.kind, each.name, nouns.MINE)
                for each in found
            )

    with cloud_of(Slow) as world:
        newer = nouns.Api(world, version="2.1")
        newer.ask("DELETE", f"/clusters/{world.id}", {"force": True})
        newer.settle()
        assert world.api.ask("GET", f"/clusters/{world.id}").status_code == 404
        assert world.trusts
        sweeper = janitor.Janitor(world.env)
        sweeper.sweep()
        world.infrastructure.broken = False
        for _ in range(4):
            sweeper.sweep()
        assert not world.infrastructure.nodes
        assert not world.trusts


def test_one_that_cannot_be_taken_back_is_left_to_the_janitor():
    class Picky(fakes.FakeInfrastructure):
        broken = True

        def revoke(self, trust_id):
            if self.broken:
                raise exceptions.Permanent("The owner is disabled.")
            super().revoke(trust_id)

    with cloud_of(Picky) as world:
        ask(world, "delete")
        world.api.settle()
        assert world.api.ask("GET", f"/clusters/{world.id}").status_code == 404
        assert world.trusts
        world.infrastructure.broken = False
        sweeper = janitor.Janitor(world.env)
        sweeper.sweep()
        sweeper.sweep()
        assert not world.trusts
