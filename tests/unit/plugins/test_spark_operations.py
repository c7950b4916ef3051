# SPDX-License-Identifier: Apache-2.0
"""Health, farewell and addresses of a running cluster, from what its master says."""

import dataclasses
import json

import pytest

from sparkaas import exceptions
from sparkaas import interfaces
from sparkaas import model
from sparkaas.plugins.spark import layout
from sparkaas.plugins.spark import operations
from sparkaas.plugins.spark import signal_worker
from sparkaas.testing import spark_cluster
from sparkaas.testing.spark_cluster import group

CLUSTER = spark_cluster.placed(spark_cluster.cluster())


def worker(host, state="ALIVE", used=0):
    return {"host": host, "state": state, "coresused": used}


class Master:
    """A reach whose master says ``answer``; ``ran`` has who was sent a command."""

    python = "python3"

    def __init__(self, *workers, status="ALIVE", answer=None):
        self.ran = []
        said = {"status": status, "workers": list(workers)}
        self.answer = json.dumps(said).encode() if answer is None else answer

    def to(self, cluster, instance):
        self.instance = instance
        return self

    def fetch(self, url, *, limit, deadline):
        assert url == "http://10.0.0.1:8080/json/"
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer

    def run(self, argv, *, deadline, input=b""):
        assert b"SIGPWR" in input
        self.ran.append(argv[-1])
        return interfaces.Completed(0, b"", b"")


def statuses(reach, cluster=CLUSTER):
    return [check.status for check in operations.health(cluster, reach)]


def test_all_workers_alive():
    reach = Master(worker("10.0.0.2"), worker("10.0.0.3"))
    assert statuses(reach) == ["GREEN", "GREEN"]


def test_a_worker_that_came_back_counts_once():
    reach = Master(
        worker("10.0.0.2", "DEAD"),
        worker("10.0.0.2"),
        worker("10.0.0.3"),
        worker("10.0.0.3", "DEAD"),
    )
    assert statuses(reach) == ["GREEN", "GREEN"]


@pytest.mark.parametrize("other", [[], [worker("10.0.0.3", "DEAD")]])
def test_a_missing_worker_is_named(other):
    checks = operations.health(CLUSTER, Master(worker("10.0.0.2"), *other))
    assert [check.status for check in checks] == ["GREEN", "RED"]
    assert "demo-worker-1" in checks[1].description


@pytest.mark.parametrize(
    "reach",
    [
        Master(answer=exceptions.Transient("refused")),
        Master(answer=b"<html>"),
        Master(answer=b"[]"),
        Master(status="RECOVERING"),
    ],
)
def test_a_master_that_is_not_well(reach):
    assert statuses(reach) == ["RED", "RED"]


def test_a_cluster_without_nodes_yet():
    assert statuses(Master(), spark_cluster.cluster()) == ["RED", "RED"]


LEAVING = [CLUSTER.instances[2]]


def shrunk(**changes):
    master, workers = CLUSTER.node_groups
    fewer = dataclasses.replace(workers, count=1, indices=(0,))
    return dataclasses.replace(CLUSTER, node_groups=(master, fewer), **changes)


def test_a_leaving_worker_is_told_once():
    reach = Master(worker("10.0.0.2"), worker("10.0.0.3"))
    outcome = operations.decommission(shrunk(), LEAVING, reach)
    assert isinstance(outcome, model.Wait)
    assert reach.ran == ["10.0.0.3"]
    assert reach.instance.name == "demo-worker-1"
    told = Master(worker("10.0.0.3", "DECOMMISSIONED", used=1))
    assert isinstance(operations.decommission(shrunk(), LEAVING, told), model.Wait)
    assert told.ran == []


@pytest.mark.parametrize(
    "reach",
    [
        Master(worker("10.0.0.3", "DECOMMISSIONED")),
        Master(worker("10.0.0.3", "DEAD")),
        Master(),
        Master(answer=exceptions.Transient("refused")),
    ],
)
def test_nothing_keeps_a_leaving_worker(reach):
    outcome = operations.decommission(shrunk(), LEAVING, reach)
    assert isinstance(outcome, model.Done)
    assert reach.ran == []


def test_patience_ends():
    cluster = shrunk(checkpoint={"other": 1})
    looks = 0
    while True:
        reach = Master(worker("10.0.0.3", "DECOMMISSIONED", used=1))
        outcome = operations.decommission(cluster, LEAVING, reach)
        if isinstance(outcome, model.Done):
            break
        facts = outcome.facts["checkpoint"]
        cluster = dataclasses.replace(
            cluster, checkpoint={**cluster.checkpoint, **facts}
        )
        looks += 1
    assert looks == 60
    assert set(outcome.facts["checkpoint"].values()) == {None}


def test_addresses_for_users():
    cluster = spark_cluster.placed(
        spark_cluster.cluster(
            group("m", "master", "history-server", "connect-server"),
            group("w", "slave"),
            configs={"Master webui port": 9090},
        )
    )
    assert operations.info(cluster) == {
        "Spark": {
            "Web UI": "http://192.0.2.1:9090",
            "Master": "spark://10.0.0.1:7077",
            "History UI": "http://192.0.2.1:18080",
            "Connect": "sc://192.0.2.1:15002",
        }
    }


def test_a_cluster_that_asked_for_hdfs_says_where_it_is():
    cluster = spark_cluster.placed(
        spark_cluster.cluster(
            group("m", "namenode", "master"), group("w", "slave", "datanode")
        )
    )
    assert operations.info(cluster)["HDFS"] == {
        "NameNode": "hdfs://10.0.0.1:8020",
        "Web UI": "http://192.0.2.1:9870",
    }


@pytest.mark.parametrize(
    ("words", "found"),
    [
        (("java", "-cp", "x", signal_worker._MAIN, "--host", "10.0.0.2"), True),
        (("/opt/bin/java", signal_worker._MAIN, "--host", "10.0.0.20"), False),
        (("python", "s.py", signal_worker._MAIN, "--host", "10.0.0.2"), False),
        (("java", "Other", "--host", "10.0.0.2"), False),
        (("java", signal_worker._MAIN, "--host"), False),
    ],
)
def test_only_that_workers_jvm_is_signalled(words, found):
    assert signal_worker.is_worker(list(words), "10.0.0.2") is found


def test_the_connect_server_is_an_entrance_for_who_has_its_token():
    assert operations.entrances(CLUSTER) == ()
    wanted = spark_cluster.cluster(
        group("master", "master", "connect-server"), group("worker", "slave", count=2)
    )
    assert operations.entrances(wanted) == ()
    (found,) = operations.entrances(spark_cluster.placed(wanted))
    assert (found.name, found.url) == ("connect", "sc://10.0.0.1:15002")
    assert found.secret == layout.CONNECT_TOKEN


def test_so_is_jupyterlab():
    wanted = spark_cluster.cluster(
        group("master", "master", "notebook"), group("worker", "slave", count=2)
    )
    (found,) = operations.entrances(spark_cluster.placed(wanted))
    assert (found.name, found.url) == ("notebook", "http://10.0.0.1:8888/lab")
    assert found.secret == layout.NOTEBOOK_TOKEN
