# SPDX-License-Identifier: Apache-2.0
"""The driver ``openstack`` over a cloud in memory: what it makes of what it finds."""

import dataclasses
import datetime
import re

import pytest

from sparkaas import exceptions
from sparkaas import interfaces
from sparkaas import keys
from sparkaas import manifest
from sparkaas import model
from sparkaas.infra.openstack import driver
from sparkaas.infra.openstack import names
from sparkaas.infra.openstack import resources
from sparkaas.infra.openstack import userdata
from sparkaas.testing import heat
from tests.unit.infra import test_openstack_template as small

START = datetime.datetime(2030, 1, 1, tzinfo=datetime.UTC)


class Cloud:
    """The driver, its cloud, and a cluster that follows what is done to it."""

    def __init__(self, **options):
        self.world = heat.World()
        self.now = START
        self.driver = driver.OpenStackInfrastructure(
            heat.Clouds(self.world),
            heat.Reach(self.world),
            site=resources.Site(),
            stack_minutes=60,
            trust_roles=("member",),
            installation=lambda: "mark",
            now=lambda: self.now,
            **options,
        )
        caller = interfaces.Caller(user_id="u", project_id="p", token="t")
        trust = self.driver.for_caller(caller).delegate()
        self.cluster = small.cluster(
            small.group("head", [0], "master"), work(0, 1), trust_id=trust
        )

    def manifests(self, text=""):
        path = f"{manifest.ROOT}/x"
        return {
            name: manifest.Manifest(files=(manifest.File(path, text),))
            for name in model.wanted_instances(self.cluster)
        }

    def once(self, text=""):
        """One pass; its outcome."""
        names = keys.names(self.cluster)
        secrets = {name: keys.derive("00" * 32, name) for name in names}
        outcome = self.driver.ensure(self.cluster, self.manifests(text), secrets)
        self.cluster = dataclasses.replace(self.cluster, **outcome.facts)
        return outcome

    def ensure(self, text=""):
        """Passes until it is done."""
        for _ in range(20):
            if isinstance(self.once(text), model.Done):
                return
        raise AssertionError("it is never done")

    def settle(self):
        """What was asked for is there, and the conductor has noted that."""
        self.ensure()
        self.cluster = dataclasses.replace(
            self.cluster,
            active_at=START,
            observed_generation=self.cluster.generation,
        )

    def ask(self, *groups):
        """The user asks for other groups."""
        self.cluster = dataclasses.replace(
            self.cluster,
            node_groups=groups or self.cluster.node_groups,
            generation=self.cluster.generation + 1,
        )

    def verify(self):
        asked = self.cluster.verify_asked + 1
        self.cluster = dataclasses.replace(self.cluster, verify_asked=asked)

    def servers(self):
        return {server.name: server.id for server in self.world.servers.values()}

    def recorded(self):
        return {each.name: each.instance_id for each in self.cluster.instances}

    def delete(self):
        for _ in range(20):
            if isinstance(self.driver.delete(self.cluster), model.Done):
                return
        raise AssertionError("it is never gone")


def work(*indices, **more):
    return small.group("work", indices, "slave", auto_security_group=True, **more)


@pytest.fixture
def cloud():
    return Cloud()


def test_servers_are_made_and_told(cloud):
    cloud.ensure()
    assert cloud.recorded() == cloud.servers()
    assert set(cloud.servers()) == {"c-head-0", "c-work-0", "c-work-1"}
    for node in cloud.world.nodes.values():
        (told,) = node.told
        assert len(told["hosts"]) == 3


def test_a_stack_under_way_is_looked_at_without_what_it_makes(cloud):
    shown = []
    cloud.world.when_shown = shown.append
    cloud.once()
    assert "CREATE in progress" in cloud.once().why
    assert not shown
    cloud.ensure()
    assert len(shown) == 1


@pytest.mark.parametrize(
    ("waited", "seconds"), [(None, 1), (0, 1), (20, 1), (100, 5), (200, 10), (900, 10)]
)
def test_the_longer_it_lasts_the_rarer_it_is_looked_at(cloud, waited, seconds):
    since = None if waited is None else START - datetime.timedelta(seconds=waited)
    cloud.once()
    cloud.cluster = dataclasses.replace(cloud.cluster, step_started_at=since)
    assert cloud.once().seconds == seconds
    assert cloud.driver.delete(cloud.cluster).seconds == seconds


def test_a_stack_that_goes_between_two_looks_is_waited_for(cloud):
    cloud.ensure()
    cloud.world.when_shown = cloud.world.stacks.pop
    assert isinstance(cloud.once(), model.Wait)


def test_servers_of_other_clusters_are_not_asked_for(cloud):
    cloud.ensure()
    cloud.driver.observe(cloud.cluster)
    assert cloud.world.pattern == "^c-"


@pytest.mark.parametrize(
    ("stem", "name", "is_its"),
    [
        ("c", "c-work-0", True),
        ("C", "c-work-0", True),
        ("c", "cc-work-0", False),
        ("c", "x-c-work-0", False),
        ("a.c", "a.c-work-0", True),
        ("a.c", "abc-work-0", False),
    ],
)
def test_the_pattern_of_a_clusters_names(stem, name, is_its):
    cluster = dataclasses.replace(small.cluster(), name=stem)
    assert bool(re.search(names.pattern(cluster), name)) == is_its
    renamed = dataclasses.replace(cluster, name="other", stem=stem)
    assert names.pattern(renamed) == names.pattern(cluster)


def test_doing_it_again_changes_nothing(cloud):
    cloud.ensure()
    before = cloud.servers()
    cloud.ensure()
    assert cloud.servers() == before
    assert all(len(node.told) == 1 for node in cloud.world.nodes.values())


def test_with_another_manifest_the_servers_stay_and_follow(cloud):
    cloud.ensure()
    before = cloud.servers()
    cloud.ensure("other")
    assert cloud.servers() == before
    wanted = cloud.manifests("other")
    for server in cloud.world.servers.values():
        node = cloud.world.nodes[server.id]
        assert node.digest == wanted[server.name].digest()
        # of this release, whichever made the node
        assert node.program == userdata.program()


def test_a_node_that_boots_is_waited_for_and_the_others_are_noted(cloud):
    for _ in range(2):
        cloud.once()
    late = cloud.world.nodes[cloud.world.server("c-work-1").id]
    late.up = False
    outcome = cloud.once()
    assert isinstance(outcome, model.Wait)
    assert "c-work-1" in outcome.why
    assert cloud.recorded() == cloud.servers()
    late.up = True
    cloud.ensure()
    assert all(len(node.told) == 1 for node in cloud.world.nodes.values())


def test_a_guest_that_never_boots_is_given_up_with_its_console(cloud):
    for _ in range(2):
        cloud.once()
    server = cloud.world.server("c-work-1")
    cloud.world.nodes[server.id].up = False
    setattr(server, "OS-SRV-USG:launched_at", START.isoformat().removesuffix("+00:00"))
    cloud.now = START + datetime.timedelta(minutes=14)
    assert isinstance(cloud.once(), model.Wait)
    cloud.now = START + datetime.timedelta(minutes=16)
    with pytest.raises(exceptions.Permanent, match="end of the console") as caught:
        cloud.once()
    assert caught.value.code == "GUEST_NOT_READY"


def test_a_node_that_cannot_be_reached_for_a_while_in_a_resize_is_waited_for(cloud):
    cloud.settle()
    server = cloud.world.server("c-work-1")
    setattr(server, "OS-SRV-USG:launched_at", START.isoformat().removesuffix("+00:00"))
    cloud.now = START + datetime.timedelta(days=1)
    cloud.world.nodes[server.id].up = False
    cloud.ask(cloud.cluster.node_groups[0], work(0, 1, 2))
    for _ in range(5):
        assert isinstance(cloud.once(), model.Wait)
    cloud.world.nodes[server.id].up = True
    cloud.ensure()
    assert "c-work-2" in cloud.servers()
    assert cloud.servers()["c-work-1"] == server.id


def test_a_server_that_finds_no_host_is_said_and_all_of_it_goes(cloud):
    cloud.world.refuse["c-work-1"] = "No valid host was found."
    with pytest.raises(exceptions.Permanent, match="No valid host") as caught:
        cloud.ensure()
    assert caught.value.code == "NO_VALID_HOST"
    cloud.delete()
    assert not cloud.world.stacks
    assert not cloud.world.servers
    assert cloud.world.trusts
    cloud.driver.revoke(cloud.cluster.trust_id)
    assert not cloud.world.trusts


def test_a_resize_that_finds_no_host_leaves_what_was(cloud):
    cloud.settle()
    before = cloud.servers()
    groups = cloud.cluster.node_groups
    cloud.world.refuse["c-work-2"] = "No valid host was found."
    cloud.ask(groups[0], work(0, 1, 2, 3))
    with pytest.raises(exceptions.Permanent) as caught:
        cloud.ensure()
    assert caught.value.code == "NO_VALID_HOST"
    assert cloud.servers() == before
    with pytest.raises(exceptions.Permanent):
        cloud.once()
    # Whoever asks again gets another try.
    cloud.world.refuse.clear()
    cloud.ask()
    cloud.ensure()
    assert set(cloud.servers()) == {*before, "c-work-2", "c-work-3"}
    assert cloud.servers().items() > before.items()


def test_a_lost_server_is_told_and_made_again_when_asked(cloud):
    cloud.settle()
    before = cloud.servers()
    cloud.world.lose("c-work-0")
    seen = cloud.driver.observe(cloud.cluster)
    assert not seen["c-work-0"].present
    assert seen["c-work-1"].present
    with pytest.raises(exceptions.Permanent) as caught:
        cloud.once()
    assert caught.value.code == "SERVER_LOST"
    cloud.verify()
    cloud.ensure()
    after = cloud.servers()
    assert cloud.recorded() == after
    assert {n for n in after if after[n] != before[n]} == {"c-work-0"}


def test_a_resize_makes_what_is_lost_again_too(cloud):
    cloud.settle()
    cloud.world.lose("c-work-0")
    cloud.ask()
    cloud.ensure()
    assert cloud.recorded() == cloud.servers()
    assert len(cloud.servers()) == 3


def test_what_is_lost_is_made_again_at_once_where_the_operator_wants_it():
    cloud = Cloud(replace_lost=True)
    cloud.settle()
    cloud.world.lose("c-work-0")
    cloud.ensure()
    assert len(cloud.servers()) == 3


def test_a_lost_server_of_an_inner_stack_is_made_again(cloud):
    groups = cloud.cluster.node_groups
    cloud.ask(groups[0], work(0, 20, 21, volumes_per_node=1, volumes_size=1))
    cloud.settle()
    volumes = set(cloud.world.volumes)
    cloud.world.lose("c-work-20")
    cloud.verify()
    cloud.ensure()
    assert cloud.recorded() == cloud.servers()
    assert cloud.world.created["c-work-20"] == 2
    assert cloud.world.created["c-work-21"] == 1
    assert set(cloud.world.volumes) == volumes
    node = cloud.world.nodes[cloud.world.server("c-work-20").id]
    assert len(node.told[0]["volumes"]) == 1


def test_a_server_that_only_the_listing_lacks_is_not_lost(cloud):
    cloud.settle()
    before = cloud.servers()
    listed = cloud.driver._clouds.service.nova.servers
    whole = listed.list
    listed.list = lambda **more: whole(**more)[1:]
    assert all(state.present for state in cloud.driver.observe(cloud.cluster).values())
    cloud.verify()
    cloud.ensure()
    assert cloud.servers() == before


def test_another_server_in_its_place_is_noticed(cloud):
    cloud.settle()
    cloud.world.server("c-work-0").id = "another"
    cloud.world.servers = {s.id: s for s in cloud.world.servers.values()}
    state = cloud.driver.observe(cloud.cluster)["c-work-0"]
    assert state.present
    assert state.digest == ""


def test_a_stack_that_is_gone_is_made_again_when_asked(cloud):
    cloud.settle()
    cloud.world.remove(next(iter(cloud.world.stacks.values())))
    with pytest.raises(exceptions.Permanent, match="stack is gone"):
        cloud.once()
    assert not cloud.world.servers
    cloud.verify()
    cloud.ensure()
    assert cloud.recorded() == cloud.servers()


def test_a_disk_that_a_node_leaves_alone_ends_the_matter(cloud):
    for _ in range(2):
        cloud.once()
    node = cloud.world.nodes[cloud.world.server("c-work-1").id]
    node.fault = (3, "sparkaas-node: it is not empty")
    with pytest.raises(exceptions.Permanent, match="not empty") as caught:
        cloud.once()
    assert caught.value.code == "VOLUME_REFUSED"


@pytest.mark.parametrize("passes", [1, 2])
def test_a_delete_comes_during_the_creation_and_twice(cloud, passes):
    for _ in range(passes):
        cloud.once()
    assert isinstance(cloud.driver.delete(cloud.cluster), model.Wait)
    cloud.delete()
    cloud.delete()
    assert not cloud.world.stacks
    assert not cloud.world.servers


def test_a_stack_that_outlives_the_one_that_it_was_in_goes_too(cloud):
    cloud.ask(small.group("head", [0], "master"), work(*range(25)))
    cloud.settle()
    inner = f"sparkaas-{cloud.cluster.id}-batch-work-1-x"
    other = "sparkaas-another-batch-work-1-x"
    for name in (inner, other):
        cloud.world.stacks[name] = heat.Stack(name, [], status="CREATE_FAILED")
    cloud.delete()
    assert set(cloud.world.stacks) == {other}


def test_a_delete_that_fails_says_why_and_is_asked_for_again(cloud):
    cloud.settle()
    (stack,) = cloud.world.stacks.values()
    stack.status = "DELETE_FAILED"
    stack.failed = {"port-c-head-0": "It is in use."}
    outcome = cloud.driver.delete(cloud.cluster)
    assert "in use" in outcome.why
    cloud.delete()
    assert not cloud.world.stacks


def test_only_what_this_installation_made_is_its_own(cloud):
    cloud.ensure()
    (one,) = cloud.driver.list_owned()
    assert one.cluster_id == cloud.cluster.id
    (stack,) = cloud.world.stacks.values()
    stack.tags = [tag for tag in stack.tags if not tag.startswith("i-")]
    assert cloud.driver.list_owned() == ()


def test_a_heat_that_has_lost_the_right_to_act_says_so_in_our_words(cloud):
    cloud.settle()
    cloud.world.heat_is_locked_out = True
    cloud.ask(cloud.cluster.node_groups[0], work(0, 1, 2))
    with pytest.raises(exceptions.Transient, match="lost its right") as caught:
        cloud.ensure()
    assert caught.value.code == "STACK_TRUST_GONE"
    assert "delete the cluster" in caught.value.hint
    cloud.delete()
    assert not cloud.world.stacks


def test_a_rule_of_the_fake_is_heats_own(cloud):
    """It would be no use if it took what Heat refuses."""
    stacks = cloud.driver._clouds.service.heat.stacks
    with pytest.raises(heat.exc.HTTPBadRequest):
        stacks.create(
            stack_name="s",
            template={"resources": {}, "x": "x" * (1 << 20)},
            files={},
            tags="t",
        )
