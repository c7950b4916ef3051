# SPDX-License-Identifier: Apache-2.0
"""What the nodes of a Spark cluster must be.

The golden file says it all for one cluster; after a change that is meant, write
it anew with ``python tests/unit/plugins/test_spark_manifests.py``.
"""

import dataclasses
import json
import pathlib

import pytest

from sparkaas import manifest
from sparkaas.plugins.spark import layout
from sparkaas.plugins.spark import manifests
from sparkaas.plugins.spark import releases
from sparkaas.plugins.spark import sizing
from sparkaas.testing import spark_cluster
from sparkaas.testing.spark_cluster import group

GOLDEN = pathlib.Path(__file__).with_name("golden") / "spark_manifests.json"
VERSION = releases.parse({"version": "4.3.0"})


def describe(cluster):
    return manifests.describe(cluster, VERSION)


def everything():
    return spark_cluster.cluster(
        group(
            "head",
            "master",
            "history-server",
            "connect-server",
            "thrift-server",
            "notebook",
            flavor=spark_cluster.LARGE,
        ),
        group("worker", "worker", volumes_per_node=2),
        configs={
            "spark.sql.ansi.enabled": True,
            "spark.odd": "@{secret:spark-auth} \\ é",
            "Executor extra classpath": "/opt/extra/*",
        },
    )


def as_text(cluster):
    found = {name: dataclasses.asdict(m) for name, m in describe(cluster).items()}
    return json.dumps(found, indent=1, sort_keys=True) + "\n"


def test_golden():
    assert as_text(everything()) == GOLDEN.read_text()


class Counted(tuple):
    """Counts how often somebody goes through it."""

    times = 0

    def __iter__(self):
        self.times += 1
        return super().__iter__()


def test_no_node_goes_through_all_the_others_to_find_the_master():
    indices = Counted(range(50))
    workers = dataclasses.replace(group("worker", "worker"), indices=indices)
    describe(spark_cluster.cluster(group("head", "master"), workers))
    assert indices.times < 50


def properties_of(m, name="spark-defaults.conf"):
    file = next(f for f in m.files if f.path.endswith(name))
    assert file.mode == 0o600
    return dict(line.split("=", 1) for line in file.content.splitlines())


def test_synonyms_describe_the_same():
    one = spark_cluster.cluster(group("m", "master"), group("w", "worker"))
    other = spark_cluster.cluster(group("m", "master"), group("w", "slave"))
    assert describe(one) == describe(other)


def test_hdfs_comes_beside_spark_and_jobs_find_it():
    cluster = spark_cluster.cluster(
        group("m", "namenode", "master"), group("w", "datanode", "slave")
    )
    found = describe(cluster)
    names = {name: [s.name for s in m.services] for name, m in found.items()}
    assert names == {
        "demo-m-0": ["hdfs-namenode", "spark-master"],
        "demo-w-0": ["hdfs-datanode", "spark-worker"],
    }
    for one in found.values():
        assert one.services[1].environment["HADOOP_CONF_DIR"] == "@{root:}/etc/hadoop"
        assert "@{root:}/etc/hadoop/core-site.xml" in {f.path for f in one.files}


def test_a_users_text_is_never_a_symbol():
    known = {"root": "", "secret": "hush", "address": "10.0.0.1", "package": "/opt"}
    found = describe(everything())["demo-worker-0"]
    file = found.files[0]
    text = manifest.render(file.content, lambda kind, name: known[kind])
    assert "spark.odd=@{secret:spark-auth} \\\\ \\u00e9\n" in text
    assert "spark.authenticate.secret=hush\n" in text


def test_secrets_are_in_private_files_only():
    for m in describe(everything()).values():
        for file in m.files:
            if "@{secret:" in file.content:
                assert file.mode == 0o600
        for service in m.services:
            seen = " ".join((*service.argv, *service.environment.values()))
            assert "@{secret:" not in seen


def test_users_properties_win_over_ours_but_not_over_security():
    node = group(
        "worker",
        "slave",
        node_configs={"Spark": {"spark.worker.cleanup.appDataTtl": "5"}},
    )
    cluster = spark_cluster.cluster(
        group("master", "master"), node, configs={"spark.executor.memory": "600m"}
    )
    found = describe(cluster)
    assert properties_of(found["demo-master-0"])["spark.executor.memory"] == "600m"
    worker = properties_of(found["demo-worker-0"])
    assert worker["spark.worker.cleanup.appDataTtl"] == "5"
    assert worker["spark.authenticate"] == "true"


def test_event_logs_only_with_a_history_server():
    plain = describe(spark_cluster.cluster())["demo-master-0"]
    assert "spark.eventLog.enabled" not in properties_of(plain)
    full = properties_of(describe(everything())["demo-head-0"])
    assert full["spark.eventLog.dir"] == full["spark.history.fs.logDirectory"]


def test_work_lies_on_the_volumes():
    found = describe(everything())["demo-worker-0"]
    environment = found.services[0].environment
    assert environment["SPARK_LOCAL_DIRS"] == ",".join(
        f"@{{root:}}/volumes/disk{number}/spark/local" for number in (1, 2)
    )
    argv = found.services[0].argv
    assert argv[argv.index("--work-dir") + 1] == "@{root:}/volumes/disk1/spark/work"


def test_ports_are_those_of_the_processes():
    cluster = everything()
    head, worker = cluster.node_groups
    assert manifests.ports(cluster, head, "demo-head-0") == (
        *(7077, 8080),
        18080,
        15002,
        10000,
        8888,
    )
    assert manifests.ports(cluster, worker, "demo-worker-0") == (7078, 8081)


@pytest.mark.parametrize(
    ("flavor", "processes", "memory"),
    [
        (spark_cluster.SMALL, ("slave",), 512),
        (spark_cluster.LARGE, ("slave",), 7168),
        (spark_cluster.LARGE, ("master", "slave"), 8192 - 1024 - 512 - 1920),
    ],
)
def test_worker_memory(flavor, processes, memory):
    node = group("n", *processes, flavor=flavor)
    assert sizing.worker_memory(spark_cluster.cluster(node), node) == memory


def test_a_users_worker_size_wins():
    node = group("n", "slave", node_configs={"Spark": {"Worker memory": "2g"}})
    cluster = spark_cluster.cluster(node, configs={"Worker cores": "3"})
    assert sizing.worker_memory(cluster, node) == 2048
    assert sizing.worker_cores(cluster, node) == 3


def test_an_executor_fits_the_smallest_worker():
    small = group("s", "slave")
    large = group("l", "slave", flavor=spark_cluster.LARGE)
    cluster = spark_cluster.cluster(group("m", "master"), large, small)
    assert sizing.executors(cluster, [large, small]) == sizing.Executors(512)


def test_a_large_worker_gets_several_executors():
    flavor = dataclasses.replace(spark_cluster.LARGE, ram_mb=131072, vcpus=16)
    node = group("n", "slave", flavor=flavor)
    size = sizing.executors(spark_cluster.cluster(node), [node])
    assert size == sizing.Executors(28672, 4)


@pytest.mark.parametrize("text", ["", "1", "1k", "g", "-1g", "0m", "1.5g"])
def test_no_memory_sizes(text):
    with pytest.raises(ValueError, match="no size"):
        sizing.parse_memory(text)


def test_drivers_and_daemons_agree_on_the_disks():
    node = everything().node_groups[1]
    environment = layout.environment(everything(), node, "demo-worker-0")
    del environment["SPARK_CONF_DIR"]  # daemons are told by other ways
    found = describe(everything())["demo-worker-0"].services[0].environment
    assert environment.items() <= found.items()


def test_nodes_come_without_a_change_to_those_that_are_there():
    before = describe(everything())
    head, workers = everything().node_groups
    more = dataclasses.replace(workers, count=3, indices=(0, 2, 5))
    new = group("extra", "slave", flavor=spark_cluster.LARGE)
    after = describe(dataclasses.replace(everything(), node_groups=(head, more, new)))
    assert set(after) - set(before) == {
        "demo-worker-2",
        "demo-worker-5",
        "demo-extra-0",
    }
    for name in before:
        assert before[name] == after[name]


def test_jupyterlab_can_write_where_its_settings_are():
    """On a server what is made for a file alone is root's, and JupyterLab does not
    start a second time without."""
    made = spark_cluster.cluster(
        spark_cluster.group("m", "master", "notebook"),
        spark_cluster.group("w", "slave"),
    )
    found = spark_cluster.plugin().describe(made)["demo-m-0"]
    (service,) = (one for one in found.services if one.name == "spark-notebook")
    written = service.environment["JUPYTER_CONFIG_DIR"]
    assert written in {directory.path for directory in found.directories}


if __name__ == "__main__":
    GOLDEN.parent.mkdir(exist_ok=True)
    GOLDEN.write_text(as_text(everything()))
