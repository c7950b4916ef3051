# SPDX-License-Identifier: Apache-2.0
"""The service's own quotas: what a project may have, and how it is refused more."""

import pytest

from sparkaas import context as contexts
from sparkaas import exceptions
from sparkaas.service import clusters
from sparkaas.service import quotas
from sparkaas.testing import catalog
from sparkaas.testing import driving
from sparkaas.testing import service

PROJECT = "a" * 32


def caller(project=PROJECT):
    return contexts.RequestContext(
        user_id="u", project_id=project, roles=["member"], overwrite=False
    )


def body(name, workers=1, **more):
    return {
        "name": name,
        "plugin_name": "fake",
        "plugin_version": "0.1",
        "default_image_id": catalog.FAKE_IMAGE,
        "neutron_management_network": catalog.NETWORK,
        "node_groups": [
            {"name": "h", "count": 1, "flavor_id": "2", "node_processes": ["namenode"]},
            {
                "name": "w",
                "count": workers,
                "flavor_id": "2",
                "node_processes": ["datanode"],
            },
        ],
        **more,
    }


@pytest.fixture
def world(request):
    with service.World(**getattr(request, "param", {})) as made:
        yield made


def in_use(world, project=PROJECT):
    found = quotas.list_(world.env, caller(project))
    return {quota.resource: quota.in_use for quota in found}


limited = pytest.mark.parametrize(
    "world", [{"quotas__clusters": 2, "quotas__nodes": 5}], indirect=True
)


def test_without_a_limit_all_is_taken_and_counted(world):
    clusters.create(world.env, caller(), body("a", workers=20))
    assert in_use(world) == {"clusters": 1, "nodes": 21}
    assert in_use(world, "b" * 32) == {"clusters": 0, "nodes": 0}


@limited
def test_a_cluster_too_many(world):
    for name in ("a", "b"):
        clusters.create(world.env, caller(), body(name))
    with pytest.raises(exceptions.QuotaExceeded, match="1 more clusters .* 0 of 2"):
        clusters.create(world.env, caller(), body("c"))
    assert in_use(world) == {"clusters": 2, "nodes": 4}
    # Another project has its own.
    clusters.create(world.env, caller("b" * 32), body("c"))


@limited
def test_nodes_too_many(world):
    with pytest.raises(exceptions.QuotaExceeded, match="6 more nodes .* 5 of 5"):
        clusters.create(world.env, caller(), body("a", workers=5))
    assert in_use(world) == {"clusters": 0, "nodes": 0}


@limited
def test_several_clusters_count_together(world):
    with pytest.raises(exceptions.QuotaExceeded, match="3 more clusters .* 2 of 2"):
        clusters.create_many(world.env, caller(), body("a", count=3))
    assert in_use(world) == {"clusters": 0, "nodes": 0}
    clusters.create_many(world.env, caller(), body("a", count=2))


@limited
def test_a_resize_counts_what_it_adds(world):
    made = clusters.create(world.env, caller(), body("a", workers=3))
    driving.Conductor(world.env, world.clock).settle()

    def resize(count):
        wanted = {"resize_node_groups": [{"name": "w", "count": count}]}
        clusters.resize(world.env, caller(), made.id, wanted)
        driving.Conductor(world.env, world.clock).settle()

    with pytest.raises(exceptions.QuotaExceeded, match="2 more nodes .* 1 of 5"):
        resize(5)
    resize(4)
    resize(1)
    assert in_use(world) == {"clusters": 1, "nodes": 2}


@limited
def test_a_cluster_counts_until_it_is_gone(world):
    made = [clusters.create(world.env, caller(), body(name)) for name in "ab"]
    clusters.delete(world.env, caller(), made[0].id)
    with pytest.raises(exceptions.QuotaExceeded):
        clusters.create(world.env, caller(), body("c"))
    driving.Conductor(world.env, world.clock).settle()
    clusters.create(world.env, caller(), body("c"))
