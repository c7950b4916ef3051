# SPDX-License-Identifier: Apache-2.0
"""Which Spark clusters can be, and how they may be resized."""

import dataclasses

import pytest

from sparkaas import exceptions
from sparkaas.testing import spark_cluster
from sparkaas.testing.spark_cluster import cluster
from sparkaas.testing.spark_cluster import group

MASTER = group("m", "master")
WORKERS = group("w", "slave", count=2)


def validate(*groups, previous=None, **configs):
    spark_cluster.plugin().validate(cluster(*groups, configs=configs), previous)


def test_a_plain_cluster():
    validate(MASTER, WORKERS)


def test_everything_on_one_node():
    validate(group("all", "master", "worker", "history-server", "connect-server"))


@pytest.mark.parametrize(
    ("groups", "error"),
    [
        ((WORKERS,), exceptions.InvalidComponentCount),
        ((group("m", "master", count=2), WORKERS), exceptions.InvalidComponentCount),
        ((MASTER,), exceptions.InvalidComponentCount),
        ((MASTER, group("w", "slave", count=0)), exceptions.InvalidComponentCount),
        (
            (MASTER, group("w", "slave", "connect-server", count=2)),
            exceptions.InvalidComponentCount,
        ),
        (
            (MASTER, WORKERS, group("h", "history-server")),
            exceptions.RequiredServiceMissing,
        ),
        ((MASTER, group("w", "slave", "worker")), exceptions.InvalidRequest),
        ((MASTER, WORKERS, group("t", "thrift-server")), exceptions.InvalidRequest),
        (
            (MASTER, WORKERS, group("n", "namenode", count=2)),
            exceptions.InvalidComponentCount,
        ),
        ((MASTER, WORKERS, group("d", "datanode")), exceptions.RequiredServiceMissing),
        ((MASTER, WORKERS, group("n", "namenode")), exceptions.RequiredServiceMissing),
    ],
)
def test_cannot_be(groups, error):
    with pytest.raises(error):
        validate(*groups)


def test_what_existing_templates_have():
    validate(group("m", "namenode", "master"), group("w", "datanode", "slave", count=2))
    validate(
        group("m", "master"), group("n", "namenode"), WORKERS, group("d", "datanode")
    )


def test_an_open_thrift_server_must_be_asked_for():
    validate(
        MASTER,
        WORKERS,
        group("t", "thrift-server"),
        **{"Thrift server without authentication": True},
    )


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("Master port", 80),
        ("Master port", "x"),
        ("Master port", 70000),
        ("Master port", 8080),
        ("Daemon memory", 1),
        ("Worker decommissioning timeout", -1),
        ("Maximum cleanup seconds", "soon"),
        ("Worker memory", "lots"),
        ("Worker memory", "100m"),
        ("Worker cores", "many"),
        ("Worker cores", "0"),
        ("spark.x", "a\nb"),
        ("spark.authenticate", "false"),
        ("Executor extra classpath", "a\nspark.authenticate false"),
    ],
)
def test_refused_settings(name, value):
    with pytest.raises(exceptions.InvalidRequest):
        validate(MASTER, WORKERS, **{name: value})


def test_an_unknown_version():
    with pytest.raises(exceptions.InvalidReference, match=r"0\.1"):
        spark_cluster.plugin().validate(cluster(version="0.1"))


def resize(*groups):
    validate(*groups, previous=cluster(MASTER, WORKERS))


def test_workers_come_and_go():
    resize(MASTER, dataclasses.replace(WORKERS, count=5))
    resize(MASTER, dataclasses.replace(WORKERS, count=1))
    resize(MASTER, WORKERS, group("more", "worker"))
    resize(MASTER, group("more", "worker"))


def test_datanodes_come_and_go_with_their_workers():
    head = group("m", "namenode", "master")
    both = group("w", "datanode", "slave", count=2)
    before = cluster(head, both)
    validate(head, dataclasses.replace(both, count=3), previous=before)
    validate(head, both, group("more", "slave", "datanode"), previous=before)
    with pytest.raises(exceptions.NodeGroupCannotBeScaled, match="namenode"):
        validate(dataclasses.replace(head, count=0), both, previous=before)


@pytest.mark.parametrize(
    ("groups", "error"),
    [
        ((group("m", "master", count=2), WORKERS), exceptions.NodeGroupCannotBeScaled),
        (
            (MASTER, WORKERS, group("c", "connect-server")),
            exceptions.NodeGroupCannotBeScaled,
        ),
        (
            (MASTER, WORKERS, group("x", "slave", "connect-server")),
            exceptions.NodeGroupCannotBeScaled,
        ),
        ((MASTER, group("w", "slave", count=0)), exceptions.InvalidComponentCount),
    ],
)
def test_other_resizes_are_refused(groups, error):
    with pytest.raises(error):
        resize(*groups)


@pytest.mark.parametrize(
    ("target", "name", "allowed"),
    [
        ("Spark", "spark.executor.memory", True),
        ("Spark", "Minimum cleanup seconds", True),
        ("Spark", "spark.authenticate.secret", False),
        ("Spark", "spark.a b", False),
        ("Spark", "anything", False),
        ("general", "spark.executor.memory", False),
        ("HDFS", "dfs.replication", True),
        ("HDFS", "dfs.hosts.exclude", False),
        ("HDFS", "spark.executor.memory", False),
    ],
)
def test_settings_that_are_no_options(target, name, allowed):
    assert spark_cluster.plugin().allows("4.3.0", target, name) is allowed
