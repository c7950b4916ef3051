# SPDX-License-Identifier: Apache-2.0
"""The contract of ``interfaces.Infrastructure``, over every implementation."""

from __future__ import annotations

import dataclasses
import pathlib
from collections.abc import Iterator

import pytest

from sparkaas import interfaces
from sparkaas import manifest
from sparkaas import model
from sparkaas.testing import ground
from sparkaas.testing import infrastructure as fake_infrastructure
from tests.functional.local import cloud as local_cloud

PORT = local_cloud.free_port()


@pytest.fixture(params=["local", "fake"])
def infrastructure(
    request: pytest.FixtureRequest, tmp_path: pathlib.Path
) -> Iterator[interfaces.Infrastructure]:
    if request.param == "fake":
        yield fake_infrastructure.FakeInfrastructure(ground.FakeClock())
        return
    cloud = local_cloud.Cloud(tmp_path)
    yield cloud.infrastructure
    cloud.close()


def describe(cluster: model.Cluster, text: str = "") -> dict[str, manifest.Manifest]:
    """A web server on each node, whose files ``text`` is part of."""
    path = f"{manifest.ROOT}/etc/text"
    return {
        name: manifest.Manifest(
            files=(manifest.File(path, f"{text} @{{secret:key}}"),),
            services=(local_cloud.web(name, PORT),),
        )
        for name in model.wanted_instances(cluster)
    }


def make(
    infrastructure: interfaces.Infrastructure, cluster: model.Cluster, text: str = ""
) -> model.Cluster:
    done = local_cloud.settle(
        lambda: infrastructure.ensure(
            cluster, describe(cluster, text), {"key": "value"}
        )
    )
    return dataclasses.replace(cluster, instances=done.facts["instances"])


def resized(cluster: model.Cluster, *names: str) -> model.Cluster:
    groups = local_cloud.cluster(*names).node_groups
    return dataclasses.replace(cluster, node_groups=groups)


def names(infrastructure: interfaces.Infrastructure) -> list[tuple[str, str]]:
    return sorted((o.cluster_id, o.name) for o in infrastructure.list_owned())


def test_a_reasonable_cluster_is_accepted(infrastructure):
    flavor = model.Flavor(id="1", name="tiny", vcpus=1, ram_mb=16, disk_gb=1)
    infrastructure.check(local_cloud.cluster("a", "b", flavor=flavor))


def test_ensure_makes_exactly_the_wanted_instances(infrastructure):
    cluster = make(infrastructure, local_cloud.cluster("a", "b"))
    assert {i.name for i in cluster.instances} == {"c-a-0", "c-b-0"}
    assert {i.node_group_id for i in cluster.instances} == {"group-a", "group-b"}
    assert len({i.instance_id for i in cluster.instances}) == 2
    assert len({i.internal_ip for i in cluster.instances}) == 2
    assert all(i.management_ip for i in cluster.instances)
    assert names(infrastructure) == [(cluster.id, "c-a-0"), (cluster.id, "c-b-0")]


def test_ensure_again_changes_nothing(infrastructure):
    cluster = make(infrastructure, local_cloud.cluster("a"))
    again = make(infrastructure, cluster)
    assert again.instances == cluster.instances
    assert len(infrastructure.list_owned()) == 1


def test_observe_tells_when_services_are_ready(infrastructure):
    cluster = make(infrastructure, local_cloud.cluster("a"))

    def web() -> bool:
        state = infrastructure.observe(cluster)["c-a-0"]
        assert state.present
        return state.services["web"].state == "ready"

    local_cloud.until(web)


def test_observe_tells_which_manifest_is_followed(infrastructure):
    cluster = make(infrastructure, local_cloud.cluster("a"), "old")
    state = infrastructure.observe(cluster)["c-a-0"]
    assert state.digest == describe(cluster, "old")["c-a-0"].digest()
    make(infrastructure, cluster, "new")
    state = infrastructure.observe(cluster)["c-a-0"]
    assert state.digest == describe(cluster, "new")["c-a-0"].digest()


def test_observe_names_wanted_instances_that_are_not_there(infrastructure):
    state = infrastructure.observe(local_cloud.cluster("a"))
    assert set(state) == {"c-a-0"}
    assert not state["c-a-0"].present
    assert state["c-a-0"].detail


def test_a_larger_cluster_keeps_what_it_had(infrastructure):
    small = make(infrastructure, local_cloud.cluster("a"))
    large = make(infrastructure, resized(small, "a", "b"))
    had = {i.name: (i.instance_id, i.internal_ip) for i in small.instances}
    has = {i.name: (i.instance_id, i.internal_ip) for i in large.instances}
    assert has.keys() == {"c-a-0", "c-b-0"}
    assert has["c-a-0"] == had["c-a-0"]


def test_a_smaller_cluster_loses_the_rest(infrastructure):
    large = make(infrastructure, local_cloud.cluster("a", "b"))
    small = make(infrastructure, resized(large, "b"))
    assert [i.name for i in small.instances] == ["c-b-0"]
    assert names(infrastructure) == [(large.id, "c-b-0")]


def test_delete_removes_everything_and_may_be_repeated(infrastructure):
    cluster = make(infrastructure, local_cloud.cluster("a", "b"))
    local_cloud.settle(lambda: infrastructure.delete(cluster))
    assert infrastructure.list_owned() == ()
    assert not infrastructure.observe(cluster)["c-a-0"].present
    assert isinstance(infrastructure.delete(cluster), model.Done)


def test_deleting_what_never_was_is_done(infrastructure):
    assert isinstance(infrastructure.delete(local_cloud.cluster("a")), model.Done)


def test_clusters_of_the_same_name_do_not_touch(infrastructure):
    one = make(infrastructure, local_cloud.cluster("a"))
    other = make(infrastructure, local_cloud.cluster("a"))
    assert one.instances[0].internal_ip != other.instances[0].internal_ip
    assert one.instances[0].instance_id != other.instances[0].instance_id
    local_cloud.settle(lambda: infrastructure.delete(one))
    assert names(infrastructure) == [(other.id, "c-a-0")]
    assert infrastructure.observe(other)["c-a-0"].present


def lend(infrastructure: interfaces.Infrastructure) -> str | None:
    caller = interfaces.Caller(user_id="user", project_id="project", token="token")
    return infrastructure.for_caller(caller).delegate()


def test_what_was_delegated_is_told_until_it_is_taken_back(infrastructure):
    one, other = lend(infrastructure), lend(infrastructure)
    given = {id for id in (one, other) if id is not None}
    assert infrastructure.delegated() == dict.fromkeys(given, "project")
    infrastructure.revoke(one)
    assert infrastructure.delegated() == dict.fromkeys(given - {one}, "project")
    infrastructure.revoke(one)
    infrastructure.revoke(other)
    assert infrastructure.delegated() == {}


def test_what_was_delegated_outlives_what_it_was_for(infrastructure):
    """It may take it to remove the rest."""
    kept = lend(infrastructure)
    cluster = dataclasses.replace(local_cloud.cluster("a"), trust_id=kept)
    made = make(infrastructure, cluster)
    local_cloud.settle(lambda: infrastructure.delete(made))
    assert set(infrastructure.delegated()) == {kept} - {None}
    infrastructure.revoke(kept)
    assert isinstance(infrastructure.delete(made), model.Done)


def test_what_was_delegated_is_renewed_when_it_does_not_do_any_more(infrastructure):
    kept = lend(infrastructure)
    assert infrastructure.renew(kept) == kept
    infrastructure.revoke(kept)
    renewed = infrastructure.renew(kept)
    assert set(infrastructure.delegated()) == {renewed} - {None}
    assert kept is None or renewed != kept


def test_nothing_delegated_is_nothing_to_take_back(infrastructure):
    infrastructure.revoke(None)


def test_further_secrets_have_names_of_their_own(infrastructure):
    names = infrastructure.secrets(local_cloud.cluster("a", "b"))
    assert len(names) == len(set(names))
