# SPDX-License-Identifier: Apache-2.0
"""HDFS beside a cluster's processes: manifests, settings, and what may not be."""

import dataclasses
import xml.etree.ElementTree

import pytest

from sparkaas import exceptions
from sparkaas.plugins.hdfs import layout
from sparkaas.plugins.hdfs import manifests
from sparkaas.plugins.hdfs import options
from sparkaas.plugins.hdfs import start
from sparkaas.plugins.hdfs import validation
from sparkaas.testing import spark_cluster
from sparkaas.testing.spark_cluster import group


def cluster(*groups, **settings):
    made = spark_cluster.cluster(
        *groups
        or (
            group("m", "master", "namenode"),
            group("w", "slave", "datanode", count=2),
        )
    )
    return dataclasses.replace(made, cluster_configs={"HDFS": settings})


def nodes(cluster):
    groups = {g.name: g for g in cluster.node_groups}
    return {
        f"demo-{name}-0": manifests.node(cluster, group, f"demo-{name}-0")
        for name, group in groups.items()
    }


def site(manifest, name):
    (text,) = (f.content for f in manifest.files if f.path.endswith(name))
    found = xml.etree.ElementTree.fromstring(text)  # noqa: S314
    return {p.findtext("name"): p.findtext("value") for p in found}


def test_without_a_namenode_there_is_nothing():
    plain = spark_cluster.cluster()
    for one in plain.node_groups:
        found = manifests.node(plain, one, f"demo-{one.name}-0")
        assert (found.files, found.services, found.packages) == ((), (), ())


def test_the_namenode_keeps_its_names_and_the_datanodes_their_blocks():
    found = nodes(cluster())
    head = site(found["demo-m-0"], "hdfs-site.xml")
    data = site(found["demo-w-0"], "hdfs-site.xml")
    assert head["dfs.namenode.name.dir"] == "file://@{root:}/var/lib/hdfs/name"
    assert head["dfs.hosts.exclude"] == "@{root:}/var/lib/hdfs/exclude"
    assert "dfs.datanode.data.dir" not in head
    assert data["dfs.datanode.data.dir"] == "file://@{root:}/var/lib/hdfs/data"
    assert data["dfs.datanode.hostname"] == "@{address:demo-w-0}"
    for one in found.values():
        core = site(one, "core-site.xml")
        assert core["fs.defaultFS"] == "hdfs://@{address:demo-m-0}:8020"


def test_blocks_lie_on_every_volume():
    workers = group("w", "slave", "datanode", volumes_per_node=2)
    found = nodes(cluster(group("m", "master", "namenode"), workers))["demo-w-0"]
    assert site(found, "hdfs-site.xml")["dfs.datanode.data.dir"] == (
        "file://@{root:}/volumes/disk1/hdfs/data,"
        "file://@{root:}/volumes/disk2/hdfs/data"
    )
    made = [directory.path for directory in found.directories]
    assert made.index("@{root:}/volumes/disk2/hdfs") < made.index(
        "@{root:}/volumes/disk2/hdfs/data"
    )


def test_a_volume_of_a_gigabyte_takes_blocks():
    """Hadoop's default refuses what would leave less than one free."""
    workers = group("w", "slave", "datanode", volumes_per_node=1)
    found = nodes(cluster(group("m", "master", "namenode"), workers))["demo-w-0"]
    policy = "dfs.datanode.round-robin-volume-choosing-policy"
    values = site(found, "hdfs-site.xml")
    assert values[f"{policy}.additional-available-space"] == "0"


def test_nodes_that_stay_do_not_change_with_the_number_of_datanodes():
    few, more = cluster(), cluster()
    more = dataclasses.replace(
        more,
        node_groups=(
            more.node_groups[0],
            dataclasses.replace(more.node_groups[1], count=5, indices=(0, 2, 3, 4, 5)),
        ),
    )
    assert nodes(few) == nodes(more)


def test_a_users_settings_take_effect_and_are_no_symbols():
    found = nodes(
        cluster(
            **{
                "dfs.blocksize": 1048576,
                "dfs.replication": "2",
                "dfs.permissions.enabled": False,
                "io.file.buffer.size": "<&@{secret:x}",
                "Name Node Heap Size": 700,
            }
        )
    )
    hdfs = site(found["demo-w-0"], "hdfs-site.xml")
    assert hdfs["dfs.blocksize"] == "1048576"
    assert hdfs["dfs.replication"] == "2"
    assert hdfs["dfs.permissions.enabled"] == "false"
    core = site(found["demo-w-0"], "core-site.xml")
    assert core["io.file.buffer.size"] == "<&@{at:}{secret:x}"
    assert "-Xmx700m" in found["demo-m-0"].services[0].argv
    assert "-Xmx256m" in found["demo-w-0"].services[0].argv


@pytest.mark.parametrize("name", sorted(options.OURS))
def test_what_only_the_service_may_set(name):
    assert not options.allows("HDFS", name)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("dfs.replication", "two"),
        ("dfs.replication", 0),
        ("dfs.replication", 3),
        ("Name Node Heap Size", 16),
        ("Data Node Heap Size", "1g"),
        ("dfs.blocksize", "1\n2"),
    ],
)
def test_settings_that_cannot_be(name, value):
    with pytest.raises(exceptions.InvalidRequest):
        validation.check(cluster(**{name: value}))


def test_as_many_replicas_as_datanodes():
    validation.check(cluster(**{"dfs.replication": 2}))


def test_the_namenode_is_formatted_once_and_whole(tmp_path):
    names, exclude = tmp_path / "name", tmp_path / "exclude"
    format = tmp_path / "format"
    format.write_text(
        f"#!/bin/sh\necho $* >> {tmp_path}/asked\nmkdir -p {names}.new/current\n"
    )
    format.chmod(0o755)
    (tmp_path / "name.new").mkdir()
    (tmp_path / "name.new" / "half").touch()
    assert start.namenode(names, exclude, [str(format)]) == [str(format)]
    (names / "current" / "data").touch()
    start.namenode(names, exclude, [str(format)])
    (asked,) = (tmp_path / "asked").read_text().splitlines()
    assert asked == (
        f"-Ddfs.namenode.name.dir=file://{names}.new -format -nonInteractive"
    )
    assert [path.name for path in names.iterdir()] == ["current"]
    assert (names / "current" / "data").exists()
    assert exclude.read_text() == ""


def test_datanodes_that_call_from_one_address_have_ports_of_their_own():
    # This machine calls every loopback address from 127.0.0.1.
    same = start.datanode("127.0.0.1", "127.0.0.1", ["java"])
    assert same == ["java"]
    found = {
        start.datanode(f"127.64.0.{n}", "127.64.0.1", ["java"])[-1] for n in range(1, 9)
    }
    assert len({option.rpartition(":")[2] for option in found}) == 8
    assert "-Ddfs.datanode.address=127.64.0.2:16386" in found


def test_ports_are_those_of_the_services():
    made = cluster()
    for one in made.node_groups:
        services = manifests.node(made, one, f"demo-{one.name}-0").services
        listed = tuple(port for service in services for port in service.ports)
        assert manifests.ports(one) == listed
        assert set(listed) <= set(layout.PORTS)
