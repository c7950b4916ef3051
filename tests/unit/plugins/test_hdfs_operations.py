# SPDX-License-Identifier: Apache-2.0
"""Health and farewell of datanodes, from what a namenode says."""

import dataclasses
import json

import pytest

from sparkaas import exceptions
from sparkaas import interfaces
from sparkaas import model
from sparkaas.plugins.hdfs import decommission
from sparkaas.plugins.hdfs import operations
from sparkaas.plugins.hdfs import validation
from sparkaas.testing import spark_cluster
from sparkaas.testing.spark_cluster import group

HEAD = group("m", "master", "namenode")
WORKERS = group("w", "slave", "datanode", count=3)
#: 10.0.0.1 is the namenode, .2 to .4 are datanodes.
CLUSTER = spark_cluster.placed(spark_cluster.cluster(HEAD, WORKERS))
SMALLER = dataclasses.replace(
    CLUSTER,
    node_groups=(HEAD, dataclasses.replace(WORKERS, count=2, indices=(0, 2))),
)
ASKED = {"HDFS": {"dfs.replication": 2}}
LEAVING = [each for each in CLUSTER.instances if each.name == "demo-w-1"]


def datanode(number, admin="In Service", silent=0, used=100, remaining=1000):
    """One entry, as namenodes on one machine see them: all at one address."""
    return {
        f"10.0.0.{number}:9866": {
            "xferaddr": f"127.0.0.1:{16384 + number}",
            "lastContact": silent,
            "adminState": admin,
            "usedSpace": used,
            "remaining": remaining,
        }
    }


class Namenode:
    """A reach to one that says what it is made with, and takes a list of leavers."""

    python = "python3"

    def __init__(self, *live, dead=(), **said):
        nodes = live or [datanode(number) for number in (2, 3, 4)]
        self.beans = {
            "LiveNodes": json.dumps({k: v for one in nodes for k, v in one.items()}),
            "DeadNodes": json.dumps({k: v for one in dead for k, v in one.items()}),
            "Safemode": "",
            "NumberOfMissingBlocks": 0,
            "UnderReplicatedBlocks": 0,
            "BlocksTotal": 7,
            "CorruptFiles": "[]",
            **said,
        }
        self.exclude = None
        self.told = []
        self.exit_code = 0
        #: The most replicas that files were asked to have, and after which path.
        self.lowered = []
        self.answer = b'{"after": "", "lowered": 0}'

    def to(self, cluster, instance):
        assert instance.internal_ip == "10.0.0.1"
        return self

    def expand(self, text):
        return text

    def fetch(self, url, *, limit, deadline):
        assert url.startswith("http://10.0.0.1:9870/jmx?qry=")
        return json.dumps({"beans": [self.beans]}).encode()

    def read_file(self, path, *, limit, deadline):
        if self.exclude is None:
            raise exceptions.NotFound(path)
        return self.exclude

    def write_file(self, path, chunks, *, mode=0o600, deadline):
        assert path == "@{root:}/var/lib/hdfs/exclude"
        self.exclude = b"".join(chunks)

    def run(self, argv, *, deadline, input=b""):
        if argv[-1] == "-refreshNodes":
            self.told.append(self.exclude)
            return interfaces.Completed(self.exit_code, b"", b"no")
        assert input.startswith(b"# SPDX"), argv
        *_, address, most, _, after = argv
        assert address == "10.0.0.1:9870"
        self.lowered.append((int(most), json.loads(after)))
        return interfaces.Completed(self.exit_code, self.answer, b"why\nlast words\n")


def checks(reach):
    return {c.name: c for c in operations.health(CLUSTER, reach)}


def test_all_is_well():
    found = checks(Namenode())
    assert [c.status for c in found.values()] == ["GREEN"] * 3
    assert found["HDFS datanodes"].description == "All 3 datanodes are live."


def test_a_cluster_without_hdfs_is_not_asked():
    assert operations.health(spark_cluster.cluster(), None) == ()


@pytest.mark.parametrize(
    "reach",
    [
        Namenode(datanode(2), datanode(3)),
        Namenode(datanode(2), datanode(3), dead=[datanode(4)]),
        Namenode(datanode(2), datanode(3), datanode(4, silent=31)),
    ],
)
def test_a_datanode_that_is_gone_is_named(reach):
    found = checks(reach)["HDFS datanodes"]
    assert found.status == "RED"
    assert "2 of 3 datanodes are live; missing: demo-w-2." in found.description


def test_a_past_life_does_not_hide_a_datanode():
    reach = Namenode(dead=[datanode(4)])
    assert checks(reach)["HDFS datanodes"].status == "GREEN"


def test_blocks_without_a_replica_are_told_with_their_files():
    reach = Namenode(NumberOfMissingBlocks=2, CorruptFiles='["/a", "/b"]')
    found = checks(reach)["HDFS blocks"]
    assert found.status == "RED"
    assert "2 of 7 blocks have no replica left, among others of /a, /b" in (
        found.description
    )
    assert "hdfs fsck" in found.description


def test_safe_mode_is_no_health():
    assert checks(Namenode(Safemode="Safe mode is ON."))["HDFS namenode"].status == (
        "YELLOW"
    )


@pytest.mark.parametrize("said", [{"LiveNodes": "[]"}, {"LiveNodes": "x"}])
def test_an_answer_that_is_none(said):
    assert {c.status for c in checks(Namenode(**said)).values()} == {"RED"}


def test_leavers_are_excluded_as_the_namenode_knows_them_and_waited_for():
    reach = Namenode()
    waits = decommission.drain(SMALLER, LEAVING, reach)
    assert isinstance(waits, model.Wait)
    assert reach.told == [b"127.0.0.1:16387\n"]

    busy = datanode(3, "Decommission In Progress")
    reach.beans |= Namenode(datanode(2), busy, datanode(4)).beans
    assert isinstance(decommission.drain(SMALLER, LEAVING, reach), model.Wait)
    assert len(reach.told) == 1

    reach.beans |= Namenode(datanode(2), datanode(3, "Decommissioned")).beans
    assert decommission.drain(SMALLER, LEAVING, reach) is None


def test_the_namenode_is_told_again_by_whom_goes_on():
    reach = Namenode()
    reach.exclude = b"127.0.0.1:16387\n"
    decommission.drain(SMALLER, LEAVING, reach)
    assert len(reach.told) == 1


def test_a_leaver_that_is_dead_with_blocks_to_lose_is_waited_for():
    reach = Namenode(
        datanode(2), datanode(4), dead=[datanode(3, "Decommission In Progress")]
    )
    assert isinstance(decommission.drain(SMALLER, LEAVING, reach), model.Wait)


def test_one_that_never_came_may_go():
    reach = Namenode(datanode(2), datanode(4))
    assert decommission.drain(SMALLER, LEAVING, reach) is None


@pytest.mark.parametrize(
    "said", [{"Safemode": "Safe mode is ON."}, {"NumberOfMissingBlocks": 1}]
)
def test_one_that_is_not_back_yet_may_not(said):
    reach = Namenode(datanode(2), datanode(4), **said)
    assert isinstance(decommission.drain(SMALLER, LEAVING, reach), model.Wait)
    assert reach.told == []


def test_workers_without_blocks_are_not_its_business():
    plain = spark_cluster.placed(spark_cluster.cluster())
    assert decommission.drain(plain, plain.instances, None) is None


def test_blocks_that_do_not_fit_stop_it_before_it_begins():
    full = [datanode(n, remaining=49) for n in (2, 4)]
    reach = Namenode(*full, datanode(3, used=100))
    asked = dataclasses.replace(SMALLER, cluster_configs=ASKED)
    with pytest.raises(exceptions.Permanent, match="MB of room") as stopped:
        decommission.drain(asked, LEAVING, reach)
    assert stopped.value.code == "HDFS_FULL"
    assert reach.told == []


def test_what_is_being_copied_is_not_counted_twice():
    full = [datanode(n, remaining=20) for n in (2, 4)]
    reach = Namenode(*full, datanode(3, "Decommission In Progress", used=100))
    assert isinstance(decommission.drain(SMALLER, LEAVING, reach), model.Wait)


def test_a_disk_that_fills_up_on_the_way_puts_all_in_service_again():
    full = [datanode(n, remaining=0) for n in (2, 4)]
    reach = Namenode(*full, datanode(3, "Decommission In Progress"))
    reach.exclude = b"127.0.0.1:16387\n"
    with pytest.raises(exceptions.Permanent):
        decommission.drain(SMALLER, LEAVING, reach)
    assert reach.told == [b""]


def test_after_the_resize_only_those_that_are_gone_are_excluded():
    reach = Namenode(datanode(2), datanode(4), dead=[datanode(3, "Decommissioned")])
    reach.exclude = b"127.0.0.1:16387\n"
    decommission.settle(SMALLER, reach)
    assert reach.told == []

    # One comes back at the old address.
    reach.beans |= Namenode(datanode(2), datanode(4), datanode(3)).beans
    decommission.settle(CLUSTER, reach)
    assert reach.told == [b""]


def test_a_namenode_that_does_not_listen():
    reach = Namenode()
    reach.exit_code = 255
    with pytest.raises(exceptions.Transient, match="list of datanodes: no"):
        decommission.drain(SMALLER, LEAVING, reach)


def test_the_last_datanode_stays():
    none = dataclasses.replace(WORKERS, count=0, indices=())
    with pytest.raises(exceptions.RequiredServiceMissing):
        validation.check(spark_cluster.cluster(HEAD, none))


def look(reach, cluster=SMALLER):
    """The cluster after one more look at its leaving datanode."""
    found = decommission.leave(cluster, LEAVING, reach, lambda *_: model.Done())
    checkpoint = {**cluster.checkpoint, **found.facts.get("checkpoint", {})}
    return dataclasses.replace(cluster, checkpoint=checkpoint)


def test_files_are_asked_for_as_many_replicas_as_datanodes_stay():
    reach = Namenode()
    reach.answer = b'{"after": "/a/\\u00fc", "lowered": 9}'
    cluster = look(reach)
    # No more than that is written to the one that goes, and none of it is removed
    # from those that stay.
    assert reach.told == [b"127.0.0.1:16387\n"]
    assert reach.lowered == [(2, "")]

    busy = datanode(3, "Decommission In Progress")
    reach.beans |= Namenode(datanode(2), busy, datanode(4)).beans
    reach.answer = b'{"after": "", "lowered": 0}'
    cluster = look(reach, cluster)
    assert reach.lowered[1:] == [(2, "/a/ü")]

    looks = 0
    while len(reach.lowered) == 2:
        cluster = look(reach, cluster)
        looks += 1
    assert reach.lowered[2:] == [(2, "")]
    assert looks == 16

    reach.beans |= Namenode(datanode(2), datanode(3, "Decommissioned")).beans
    assert look(reach, cluster).checkpoint == {"hdfs_replicas": None}


def test_what_a_broken_off_resize_left_does_not_count():
    reach = Namenode()
    mark = {"hdfs_replicas": {"most": 2, "rest": 9}}
    look(reach, dataclasses.replace(SMALLER, checkpoint=mark))
    assert reach.lowered == [(2, "")]

    busy = datanode(3, "Decommission In Progress")
    reach.beans |= Namenode(datanode(2), busy, datanode(4)).beans
    mark = {"hdfs_replicas": {"most": 1, "after": "/x"}}
    look(reach, dataclasses.replace(SMALLER, checkpoint=mark))
    assert reach.lowered[1:] == [(2, "")]


def test_replicas_that_were_asked_for_stay():
    reach = Namenode()
    look(reach, dataclasses.replace(SMALLER, cluster_configs=ASKED))
    assert reach.told
    assert reach.lowered == []


def test_files_keep_the_usual_replicas_where_there_are_datanodes_for_them():
    staying = group("w", "slave", "datanode", count=3)
    going = group("x", "slave", "datanode", count=1)
    whole = spark_cluster.placed(spark_cluster.cluster(HEAD, staying, going))
    none = dataclasses.replace(going, count=0, indices=())
    smaller = dataclasses.replace(whole, node_groups=(HEAD, staying, none))
    reach = Namenode(*(datanode(number) for number in (2, 3, 4, 5)))
    decommission.drain(smaller, whole.instances[-1:], reach)
    assert reach.told
    assert reach.lowered == []


@pytest.mark.parametrize("answer", [b"", b"{}", b"[]"])
def test_files_that_cannot_be_asked(answer):
    reach = Namenode(datanode(2), datanode(3, "Decommission In Progress"), datanode(4))
    reach.exclude = b"127.0.0.1:16387\n"
    reach.answer = answer
    with pytest.raises(exceptions.Transient, match="gave no answer"):
        decommission.drain(SMALLER, LEAVING, reach)
    reach.exit_code = 1
    with pytest.raises(exceptions.Transient, match="2 replicas: last words"):
        decommission.drain(SMALLER, LEAVING, reach)


def test_what_each_datanode_has_need_not_be_copied():
    """Three replicas on three datanodes: two of them are where they are to be."""
    full = [datanode(n, remaining=1) for n in (2, 4)]
    reach = Namenode(*full, datanode(3))
    assert isinstance(decommission.drain(SMALLER, LEAVING, reach), model.Wait)


def test_both_looks_at_those_that_leave_are_remembered():
    def free(cluster, leaving, reach):
        return model.Wait(1, "tasks", {"checkpoint": {"x": 1}})

    found = decommission.leave(SMALLER, LEAVING, Namenode(), free)
    assert found.why == "tasks"
    assert found.facts["checkpoint"] == {
        "x": 1,
        "hdfs_replicas": {"most": 2, "rest": 15},
    }


@pytest.mark.parametrize(
    ("replication", "before", "after", "allowed"),
    [
        (None, 3, 1, True),
        (None, 2, 4, True),
        (2, 3, 2, True),
        (2, 2, 1, False),
        (1, 3, 1, True),
    ],
)
def test_as_many_datanodes_stay_as_replicas_were_asked_for(
    replication, before, after, allowed
):
    def cluster(count):
        made = spark_cluster.cluster(
            HEAD, dataclasses.replace(WORKERS, count=count, indices=tuple(range(count)))
        )
        configs = {"dfs.replication": replication} if replication else {}
        return dataclasses.replace(made, cluster_configs={"HDFS": configs})

    def check():
        validation.check_resize(cluster(after), cluster(before))

    if allowed:
        check()
    else:
        with pytest.raises(exceptions.InvalidComponentCount, match="would stay"):
            check()
