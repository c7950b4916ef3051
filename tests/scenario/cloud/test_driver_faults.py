# SPDX-License-Identifier: Apache-2.0
"""What the cloud refuses, loses or takes away: each ends in what was asked for, or in a
state that says why; nothing of it stays."""

from __future__ import annotations

import contextlib
import time
import uuid

import pytest

from tests.scenario.cloud import asking
from tests.scenario.cloud import openstack_cloud

pytestmark = pytest.mark.long

#: More memory than any one host of the cloud has, less than the project may have.
_HUGE_MB = 45_000
_SEEN = 60
_WELL = 600


def ended(user, cluster_id, seconds=asking.ACTIVE):
    """The cluster, once nothing more is done about what was asked."""

    def look():
        shown = user.show(cluster_id)
        return shown if shown["status"] in ("Active", "Error") else None

    return asking.wait_for(look, seconds, f"{cluster_id} is settled")


def in_error(user, cluster_id):
    shown = ended(user, cluster_id)
    assert shown["status"] == "Error", shown
    assert shown["reason"]["hint"]
    return shown["reason"]["code"]


@pytest.fixture
def huge(cloud):
    """A flavor that fits nowhere."""
    compute = cloud.admin.compute
    name = f"huge-{uuid.uuid4().hex[:6]}"
    flavor = compute.create_flavor(name=name, ram=_HUGE_MB, vcpus=1, disk=3)
    yield flavor.id
    compute.delete_flavor(flavor)


@contextlib.contextmanager
def allowed(cloud, service, **quota):
    """The project other may have no more than that meanwhile."""
    project = cloud.as_user("other").current_project_id
    if service == "network":
        network = cloud.admin.network
        had = network.get_quota(project)
        old = {name: getattr(had, name) for name in quota}
        network.update_quota(project, **quota)
        restore = network.update_quota
    else:
        compute = cloud.admin.compute
        had = compute.get_quota_set(project)
        old = {name: getattr(had, name) for name in quota}
        compute.update_quota_set(project, **quota)
        restore = compute.update_quota_set
    try:
        yield
    finally:
        restore(project, **old)


def test_one_node_of_three_finds_no_host(other, nothing_left, huge):
    asked = other.cluster(workers=1)
    asked["node_groups"].append(
        other.node_group("huge", "slave", 1) | {"flavor_id": huge}
    )
    cluster = other.create(asked)
    assert in_error(other, cluster) == "NO_VALID_HOST"
    other.delete(cluster)
    nothing_left()


def test_a_quota_is_used_up_after_it_was_looked_at(other, cloud, nothing_left):
    cluster = other.create(other.cluster(workers=2))
    with allowed(cloud, "compute", instances=1):
        assert in_error(other, cluster) == "QUOTA_ERROR"
        other.delete(cluster)
    nothing_left()


def test_floating_ips_are_used_up(other, cloud, nothing_left):
    with allowed(cloud, "network", floating_ips=0):
        answer = other.ask("POST", "clusters", other.cluster(workers=1))
        assert answer.json()["error_name"] == "QUOTA_ERROR"
        assert "floating IPs: 1 needed, 0 left" in answer.json()["error_message"]
    nothing_left()
    cluster = other.create(other.cluster(workers=1))
    with allowed(cloud, "network", floating_ips=0):
        assert in_error(other, cluster) == "QUOTA_ERROR"
    other.delete(cluster)
    nothing_left()


def test_the_image_is_deleted_after_it_was_looked_at(
    other, service, cloud, nothing_left
):
    images = cloud.admin.image
    image = cloud.admin.create_image(
        f"gone-{uuid.uuid4().hex[:6]}",
        data=bytes(1 << 20),
        disk_format="raw",
        container_format="bare",
        visibility="public",
        wait=True,
    )
    admin = asking.Asking(service, "admin")
    admin.call("POST", f"images/{image.id}", {"username": "debian", "description": ""})
    tags = {"tags": ["spark", openstack_cloud.SPARK]}
    admin.call("PUT", f"images/{image.id}/tags", tags)
    asked = other.cluster(workers=1, default_image_id=image.id)
    cluster = other.create(asked)
    images.delete_image(image)
    assert in_error(other, cluster) in ("IMAGE_GONE", "NO_VALID_HOST", "STACK_FAILED")
    other.delete(cluster)
    nothing_left()


def test_a_guest_that_cannot_be_reached_is_given_up_with_its_console(
    other, service, nothing_left
):
    asked = other.cluster(workers=1)
    # Nothing of the project's own group lets anybody in.
    for group in asked["node_groups"]:
        group |= {"auto_security_group": False, "security_groups": ["default"]}
    with service.configured("[openstack]\nboot_timeout = 20\n"):
        cluster = other.create(asked)
        shown = ended(other, cluster)
    assert shown["reason"]["code"] == "GUEST_NOT_READY", shown
    assert "console log" in shown["reason"]["sentence"]
    other.delete(cluster)
    nothing_left()


def test_a_delete_is_asked_for_during_create_and_twice(other, nothing_left):
    cluster = other.create(other.cluster(workers=2))

    def under_way():
        return other.show(cluster)["status"] == "Spawning" and other.servers(cluster)

    asking.wait_for(under_way, asking.ACTIVE, "servers are made")
    for _ in range(2):
        assert other.ask("DELETE", f"clusters/{cluster}").ok
    other.gone(cluster)
    nothing_left()


@pytest.fixture(scope="module")
def living(other):
    """1+1 of the project other."""
    cluster = other.active(other.create(other.cluster(workers=1)))
    yield cluster["id"]
    if other.ask("GET", f"clusters/{cluster['id']}").ok:
        other.delete(cluster["id"])


def seen(user, cluster, words):
    """That something is wrong is told within a minute."""
    began = time.monotonic()

    def look():
        return words in str(user.show(cluster)["verification"]["checks"])

    asking.wait_for(look, _SEEN, f"the cluster tells: {words}")
    assert time.monotonic() - began < _SEEN


def test_a_resize_that_finds_no_host_leaves_what_was(other, cloud, living, huge):
    before = cloud.inventory("other")
    group = other.node_group("huge", "slave", 1) | {"flavor_id": huge}
    other.call("PUT", f"clusters/{living}", {"add_node_groups": [group]})
    shown = ended(other, living)
    assert shown["status"] == "Active"
    assert shown["reason"]["code"] == "NO_VALID_HOST", shown
    assert cloud.inventory("other") == before
    none = [{"name": "huge", "count": 0}]
    other.call("PUT", f"clusters/{living}", {"resize_node_groups": none})
    assert not other.active(living)["reason"]


def test_a_server_is_deleted_and_made_again_when_asked(other, cloud, living):
    before = other.servers(living)
    (worker,) = other.names(other.show(living), "worker")
    compute = cloud.as_user("other").compute
    compute.delete_server(before[worker])
    seen(other, living, f"The cloud has no server {worker}")
    assert worker not in other.servers(living)
    other.well(living, _WELL)
    after = other.servers(living)
    assert set(after) == set(before)
    assert [name for name in after if after[name] != before[name]] == [worker]


def test_the_stack_is_deleted_and_made_again_when_asked(other, cloud, living):
    stack = f"sparkaas-{living}"
    orchestration = cloud.as_user("other").orchestration
    found = orchestration.find_stack(stack, ignore_missing=False)
    orchestration.delete_stack(found)
    seen(other, living, "stack is gone")
    other.well(living, _WELL)
    assert len(other.servers(living)) == 2


def test_a_delete_is_asked_for_during_a_resize(other, living):
    more = [{"name": "worker", "count": 2}]
    other.call("PUT", f"clusters/{living}", {"resize_node_groups": more})

    def under_way():
        return other.show(living)["status"].startswith("Scaling: Spawning")

    asking.wait_for(under_way, asking.ACTIVE, "servers are made")
    other.delete(living)
    found = other.cloud.as_user("other").orchestration.find_stack(f"sparkaas-{living}")
    assert found is None or found.status == "DELETE_COMPLETE"
