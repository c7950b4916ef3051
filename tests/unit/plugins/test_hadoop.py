# SPDX-License-Identifier: Apache-2.0
"""What the nodes of a Hadoop cluster must be, and what their YARN says.

The golden file says it all for one cluster; after a change that is meant, write
it anew with ``python tests/unit/plugins/test_hadoop.py``.
"""

import dataclasses
import json
import pathlib

import pytest

from sparkaas import exceptions
from sparkaas import manifest
from sparkaas import model
from sparkaas.plugins.hadoop import layout
from sparkaas.plugins.hadoop import leaving
from sparkaas.plugins.hadoop import manifests
from sparkaas.plugins.hadoop import operations
from sparkaas.plugins.hadoop import options
from sparkaas.plugins.hadoop import releases
from sparkaas.plugins.hadoop import sizing
from sparkaas.plugins.hadoop import validation
from sparkaas.testing import spark_cluster
from sparkaas.testing.spark_cluster import group

GOLDEN = pathlib.Path(__file__).with_name("golden") / "hadoop_manifests.json"
MEDIUM = model.Flavor(id="3", name="medium", vcpus=2, ram_mb=2048, disk_gb=20)
VERSION = releases.HadoopVersion(
    offer=None,
    hadoop=manifest.Package("hadoop", "3.5.0"),
    spark=manifest.Package("spark", "4.3.0"),
    java=manifest.Package("java", "17"),
)
HEAD = ("namenode", "resourcemanager", "historyserver")
WORKER = ("datanode", "nodemanager")


def cluster(*groups, **configs):
    found = spark_cluster.cluster(
        *(
            groups
            or (
                group("head", *HEAD, flavor=spark_cluster.LARGE),
                group("worker", *WORKER, count=2, flavor=MEDIUM),
            )
        )
    )
    return dataclasses.replace(found, plugin_name="hadoop", cluster_configs=configs)


def everything():
    return cluster(
        group("head", *HEAD, flavor=spark_cluster.LARGE),
        group("worker", *WORKER, flavor=spark_cluster.LARGE, volumes_per_node=2),
        YARN={"yarn.odd": "@{secret:x} <&>", "NodeManager Heap Size": 300},
        MapReduce={"mapreduce.map.memory.mb": 700},
        Spark={"spark.sql.ansi.enabled": True},
    )


def describe(record):
    return manifests.describe(record, VERSION)


def as_text(record):
    found = {name: dataclasses.asdict(m) for name, m in describe(record).items()}
    return json.dumps(found, indent=1, sort_keys=True) + "\n"


def content(found, name):
    return next(f.content for f in found.files if f.path.endswith(f"/{name}"))


def test_golden():
    assert as_text(everything()) == GOLDEN.read_text()


def test_a_users_text_is_never_a_symbol():
    text = content(describe(everything())["demo-worker-0"], "yarn-site.xml")
    assert manifest.render("@{at:}{secret:x} &lt;&amp;&gt;", str) in text.replace(
        "@{at:}{", "@{"
    )
    assert ("secret", "x") not in manifest.symbols(text)


def test_nodes_come_and_go_without_a_change_to_those_that_stay():
    small, large = (
        cluster(),
        cluster(
            *cluster().node_groups,
            group("more", "nodemanager", flavor=spark_cluster.LARGE, count=3),
        ),
    )
    before, after = describe(small), describe(large)
    for name in before:
        assert before[name] == after[name]


def test_sizes_leave_the_daemons_room():
    record = cluster()
    head, worker = record.node_groups
    assert sizing.node_memory(record, worker) == 2048 - 512 - 256
    assert sizing.node_cores(record, worker) == 2
    # An executor, and beside it what starts it.
    size = sizing.executors(record)
    assert (size.memory, size.cores) == (512, 1)
    assert size.memory + sizing.OVERHEAD + 384 <= sizing.node_memory(record, worker)
    assert sizing.driver_memory(head) <= (8192 - 1408) // 2


def test_a_large_node_has_several_executors():
    big = model.Flavor(id="b", name="b", vcpus=32, ram_mb=256 * 1024, disk_gb=1)
    record = cluster(group("head", *HEAD, flavor=big), group("w", *WORKER, flavor=big))
    size = sizing.executors(record)
    assert size.memory <= 32 * 1024
    assert size.cores == 32 // -(-(256 * 1024 - 32 * 1024 - 256) // (32 * 1024))


def test_what_a_user_sets_wins():
    worker = group("w", *WORKER, flavor=MEDIUM)
    worker = dataclasses.replace(
        worker, node_configs={"YARN": {options.NODE_MEMORY.name: "5000"}}
    )
    record = cluster(group("head", *HEAD, flavor=MEDIUM), worker)
    assert sizing.node_memory(record, worker) == 5000


@pytest.mark.parametrize(
    "groups",
    [
        (group("w", *WORKER, flavor=MEDIUM),),
        (group("h", *HEAD, count=2, flavor=MEDIUM), group("w", *WORKER)),
        (group("h", *HEAD, flavor=MEDIUM), group("w", "datanode", flavor=MEDIUM)),
        (group("h", *HEAD, flavor=MEDIUM), group("w", "nodemanager", flavor=MEDIUM)),
        (group("h", "resourcemanager", flavor=MEDIUM), group("w", *WORKER)),
    ],
)
def test_counts(groups):
    with pytest.raises(exceptions.InvalidRequest):
        validation.check(cluster(*groups))


def test_a_node_without_room_for_containers_is_refused():
    record = cluster(group("h", *HEAD, flavor=MEDIUM), group("w", *WORKER))
    with pytest.raises(exceptions.InvalidRequest, match="1152 MB") as caught:
        validation.check(record)
    assert "2 GB" in caught.value.hint


@pytest.mark.parametrize(
    "configs",
    [
        {"YARN": {"yarn.nodemanager.resource.memory-mb": "much"}},
        {"YARN": {"ResourceManager Heap Size": "1"}},
        {"YARN": {"yarn.x": "a\nb"}},
        {"Spark": {"spark.master": "local"}},
        {"YARN": {"NodeManager decommissioning timeout": -1}},
    ],
)
def test_values_that_cannot_be(configs):
    with pytest.raises(exceptions.InvalidRequest):
        validation.check(cluster(**configs))


def test_only_the_service_says_where_daemons_are():
    assert options.allows("YARN", "yarn.scheduler.minimum-allocation-mb")
    assert not options.allows("YARN", "yarn.resourcemanager.webapp.address")
    assert not options.allows("YARN", "mapreduce.map.memory.mb")
    assert options.allows("MapReduce", "mapred.child.java.opts")
    assert not options.allows("MapReduce", "mapreduce.job.tags")
    assert options.allows("HDFS", "dfs.blocksize")
    assert not options.allows("General", "yarn.x")


def test_only_nodes_that_come_and_go_are_scaled():
    before = cluster()
    head, worker = before.node_groups
    more = dataclasses.replace(worker, count=3, indices=(0, 1, 2))
    validation.check_resize(cluster(head, more), before)
    two = dataclasses.replace(head, count=2)
    with pytest.raises(exceptions.NodeGroupCannotBeScaled):
        validation.check_resize(cluster(two, worker), before)


class Manager:
    """A reach to a head node whose resource manager answers ``said``, and which keeps
    what it was told."""

    def __init__(self, said):
        self.said = said
        self.written = {}
        self.ran = []

    def to(self, cluster, instance):
        return self

    def fetch(self, url, **_):
        part = url.rpartition("/")[2]
        if part not in self.said:
            raise exceptions.Transient("no answer")
        return json.dumps(self.said[part]).encode()

    def expand(self, text):
        return manifest.render(text, lambda kind, name: f"/{kind}{name}")

    def write_file(self, path, chunks, **_):
        self.written[path] = b"".join(chunks).decode()

    def run(self, argv, **_):
        self.ran.append(argv)

        class Done:
            exit_code = 0

        return Done


def yarn(*nodes, state="STARTED"):
    return Manager(
        {
            "info": {"clusterInfo": {"state": state, "haState": "ACTIVE"}},
            "nodes": {
                "nodes": {
                    "node": [
                        {"nodeHostName": host, "state": state} for host, state in nodes
                    ]
                }
            },
        }
    )


PLACED = spark_cluster.placed(cluster())
ONE, TWO = (i.internal_ip for i in PLACED.instances if "worker" in i.name)


#: What becomes of datanodes is HDFS's.
WITHOUT_DATA = dataclasses.replace(
    PLACED,
    node_groups=tuple(
        dataclasses.replace(each, node_processes=(process,))
        for each, process in zip(
            PLACED.node_groups, ("resourcemanager", "nodemanager"), strict=True
        )
    ),
)


def checks(manager):
    return {c.name: c for c in operations.health(PLACED, manager)}


def test_health():
    good = checks(yarn((ONE, "RUNNING"), (TWO, "LOST"), (TWO, "RUNNING")))
    assert good["YARN ResourceManager"].status == "GREEN"
    assert good["YARN nodes"].status == "GREEN"
    named = checks(yarn(("demo-worker-0.cloud", "RUNNING"), (TWO, "RUNNING")))
    assert named["YARN nodes"].status == "GREEN"
    bad = checks(yarn((ONE, "RUNNING"), (TWO, "UNHEALTHY")))
    assert bad["YARN nodes"].status == "RED"
    assert "demo-worker-1" in bad["YARN nodes"].description
    assert checks(yarn(state="STOPPED"))["YARN ResourceManager"].status == "RED"
    assert checks(Manager({}))["YARN nodes"].status == "RED"
    assert checks(Manager({"info": [], "nodes": {}}))["YARN nodes"].status == "RED"


def leave(manager, **checkpoint):
    gone = [i for i in PLACED.instances if i.internal_ip == TWO]
    record = dataclasses.replace(WITHOUT_DATA, checkpoint=checkpoint)
    return leaving.decommission(record, gone, manager)


def test_a_leaving_node_is_told_and_waited_for():
    manager = yarn((ONE, "RUNNING"), (TWO, "RUNNING"))
    outcome = leave(manager)
    assert isinstance(outcome, model.Wait)
    exclude = layout.EXCLUDE.replace(manifest.ROOT, "/root")
    assert manager.written == {exclude: f"{TWO}\n"}
    assert manager.ran[0][-4:] == ["-refreshNodes", "-g", "120", "-server"]
    told = yarn((ONE, "RUNNING"), (TWO, "DECOMMISSIONING"))
    assert isinstance(leave(told), model.Wait)
    assert not told.ran
    assert isinstance(leave(told, yarn_decommission_looks=60), model.Done)
    assert isinstance(leave(yarn((TWO, "DECOMMISSIONED"))), model.Done)
    assert isinstance(leave(Manager({})), model.Done)


def test_addresses_of_those_that_went_can_be_used_again():
    quiet = yarn((ONE, "RUNNING"))
    leaving.readmit(WITHOUT_DATA, quiet)
    assert not quiet.ran
    manager = yarn((ONE, "RUNNING"), (TWO, "DECOMMISSIONED"))
    leaving.readmit(WITHOUT_DATA, manager)
    assert list(manager.written.values()) == [""]
    assert len(manager.ran) == 1


def test_addresses():
    found = operations.info(PLACED)
    assert found["YARN"]["Web UI"] == "http://192.0.2.1:8088"
    assert found["HDFS"]["NameNode"] == "hdfs://10.0.0.1:8020"
    assert found["MapReduce JobHistory Server"]["Web UI"].endswith(":19888")


if __name__ == "__main__":
    GOLDEN.write_text(as_text(everything()))
