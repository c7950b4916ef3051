# SPDX-License-Identifier: Apache-2.0
"""What nodes are told, and what they answer."""

import json

import pytest

from sparkaas import exceptions
from sparkaas import interfaces
from sparkaas import model
from sparkaas.infra.openstack import shares
from sparkaas.infra.openstack import telling

GROUP = model.NodeGroup(
    id="g",
    name="work",
    flavor_id="2",
    node_processes=("slave",),
    count=2,
    indices=(0, 1),
    volumes_per_node=2,
    volume_mount_prefix="/data",
)
INSTANCES = tuple(
    model.Instance(
        id=str(n),
        name=f"c-work-{n}",
        node_group_id="g",
        instance_id=f"server-{n}",
        internal_ip=f"10.0.0.{n}",
    )
    for n in (0, 1)
)


def cluster(**more):
    return model.Cluster(
        id="i",
        project_id="p",
        name="c",
        plugin_name="spark",
        plugin_version="4",
        node_groups=(GROUP,),
        instances=INSTANCES,
        **more,
    )


def volume(number, instance="c-work-0"):
    return telling.Attached(f"id-{number}", 10, instance, number, f"/dev/vd{number}")


VOLUMES = (volume(2), volume(1), volume(1, "c-work-1"), volume(2, "c-work-1"))


def document(wanted, volumes=VOLUMES, mounts=()):
    return telling.document(wanted, GROUP, INSTANCES[0], volumes, mounts)


def test_a_node_is_told_its_own_volumes_in_their_order():
    found = json.loads(document(cluster()))["volumes"]
    assert found == [
        {"id": "id-1", "size": 10, "device": "/dev/vd1", "path": "/data1"},
        {"id": "id-2", "size": 10, "device": "/dev/vd2", "path": "/data2"},
    ]


def test_a_volume_that_is_not_attached_is_waited_for():
    with pytest.raises(exceptions.Transient, match="Volume 2 of c-work-0"):
        document(cluster(), (volume(1), volume(2, "c-work-1")))


def test_every_node_knows_every_name():
    found = json.loads(document(cluster(domain_name="example.org.")))
    assert found["hosts"] == [
        ["10.0.0.0", "c-work-0.example.org", "c-work-0"],
        ["10.0.0.1", "c-work-1.example.org", "c-work-1"],
    ]


class Node:
    """A remote that answers with what it was made with, or raises it."""

    def __init__(self, answer):
        self.answer = answer
        self.inputs = []

    def run(self, argv, *, deadline, input):
        assert argv[1:] == ["site"]
        self.inputs.append(input.decode())
        if isinstance(self.answer, Exception):
            raise self.answer
        code, words = self.answer
        return interfaces.Completed(code, b"", words.encode())


class Reach:
    def __init__(self, *answers):
        self.nodes = {i.name: Node(a) for i, a in zip(INSTANCES, answers, strict=True)}

    def administer(self, cluster, instance):
        return self.nodes[instance.name]


TEXTS = {"c-work-0": "{}", "c-work-1": "[]"}


def test_a_node_is_told_once():
    reach = Reach((0, ""), (0, ""))
    told, late = telling.tell_all(reach, cluster(), TEXTS)
    assert not late
    assert reach.nodes["c-work-1"].inputs == ["[]"]
    again = model.Cluster(
        **{**vars(cluster()), "instances": told},
    )
    telling.tell_all(reach, again, TEXTS)
    assert reach.nodes["c-work-1"].inputs == ["[]"]
    telling.tell_all(reach, again, {**TEXTS, "c-work-1": "[1]"})
    assert reach.nodes["c-work-1"].inputs == ["[]", "[1]"]


@pytest.mark.parametrize(
    "answer", [exceptions.Transient("It boots."), (127, "no such file")]
)
def test_one_that_boots_is_told_later_and_the_others_now(answer):
    told, late = telling.tell_all(Reach((0, ""), answer), cluster(), TEXTS)
    assert set(late) == {"c-work-1"}
    assert telling.TOLD in told[0].facts
    assert telling.TOLD not in told[1].facts


def test_a_node_that_must_not_touch_a_disk_ends_the_matter():
    with pytest.raises(exceptions.Permanent, match="not empty") as caught:
        telling.tell_all(Reach((0, ""), (3, "it is not empty")), cluster(), TEXTS)
    assert caught.value.code == "VOLUME_REFUSED"


def test_a_node_that_fails_otherwise_is_asked_again():
    with pytest.raises(exceptions.Transient, match="no mkfs"):
        telling.tell_all(Reach((0, ""), (1, "no mkfs")), cluster(), TEXTS)


def test_a_groups_shares_come_before_the_clusters():
    group = model.NodeGroup(
        **{
            **vars(GROUP),
            "shares": ({"id": "a", "path": "/x", "access_level": "ro"}, {"id": "b"}),
        }
    )
    wanted = cluster(shares=({"id": "c", "path": "/x"}, {"id": "d"}))
    assert shares.wanted(wanted, group) == [
        {"id": "a", "path": "/x", "level": "ro"},
        {"id": "b", "path": "/mnt/b", "level": "rw"},
        {"id": "d", "path": "/mnt/d", "level": "rw"},
    ]
