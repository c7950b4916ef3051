# SPDX-License-Identifier: Apache-2.0
"""HDFS on real daemons: a cluster that holds data, loses daemons and changes size."""

from __future__ import annotations

import getpass
import hashlib
import json
import os
import random
import signal
import subprocess

import pytest
import requests

from tests.scenario import harness

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

#: Seconds for what takes some on a machine with nothing else to do.
PATIENCE = 300
#: 2 replicas of 24 blocks on 3 datanodes: each has a part, none has all.
BLOCK = 1 << 20
CONTENT = random.Random(5).randbytes(24 * BLOCK - 333)  # noqa: S311

SETTINGS = {
    "dfs.replication": 2,
    "dfs.blocksize": BLOCK,
    # So that a datanode that is gone is known to be within seconds.
    "dfs.heartbeat.interval": 1,
    "dfs.namenode.heartbeat.recheck-interval": 2000,
}

#: Counts again and again, through the disks and HDFS, until it is told to end.
JOB = """\
from pyspark.sql import SparkSession
settings = {"spark.sql.shuffle.partitions": 2, "spark.sql.adaptive.enabled": False}
spark = SparkSession.builder.config(map=settings).getOrCreate()
path = spark._jvm.org.apache.hadoop.fs.Path
fs = path("hdfs:///").getFileSystem(spark._jsc.hadoopConfiguration())
number = 0
while True:
    one = spark.range(0, 20000, 1, 2).selectExpr("id % 100 AS k", "id")
    one.groupBy("k").count().write.mode("overwrite").parquet(f"hdfs:///out/{number}")
    back = spark.read.parquet(f"/out/{number}")
    assert back.count() == 100 and back.agg({"count": "sum"}).first()[0] == 20000
    fs.create(path("/started")).close()
    number += 1
    if fs.exists(path("/stop")):
        break
print("rounds", number)
"""

#: Writes where it is told.
WRITER = """\
import sys
from pyspark.sql import SparkSession
spark = SparkSession.builder.getOrCreate()
spark.range(10).coalesce(1).write.json(sys.argv[1])
"""

#: Reads what another cluster has.
READER = """\
import hashlib, sys
from pyspark.sql import SparkSession
spark = SparkSession.builder.getOrCreate()
(row,) = spark.read.format("binaryFile").load(sys.argv[1]).collect()
print("digest", hashlib.sha256(row.content).hexdigest())
"""


@pytest.fixture(scope="module")
def hadoop() -> None:
    """The tree of jars, where the service looks for it."""
    harness.have_jars("hadoop")


class Cluster:
    """A cluster with HDFS, as its users and its operator see it."""

    def __init__(self, service: harness.Service) -> None:
        self.service = service
        version = service.call("GET", "plugins/spark").json()["plugin"]["versions"][0]
        [image] = service.call("GET", "images").json()["images"][:1]
        body = {
            "name": "store",
            "plugin_name": "spark",
            "plugin_version": version,
            "default_image_id": image["id"],
            "cluster_configs": {"HDFS": SETTINGS},
            "node_groups": [
                self._group("head", 1, ["master", "namenode"]),
                self._group("data", 3, ["worker", "datanode"]),
            ],
        }
        answer = service.call("POST", "clusters", body)
        assert answer.status_code == 202, answer.text
        self.id = answer.json()["cluster"]["id"]
        self.active()

    @staticmethod
    def _group(name, count, processes):
        return {
            "name": name,
            "count": count,
            "node_processes": processes,
            "flavor_id": "2",
        }

    def show(self):
        return self.service.call("GET", f"clusters/{self.id}").json()["cluster"]

    def active(self):
        """Wait until it is what was asked, and well."""

        def found():
            one = self.show()
            assert one["status"] != "Error", one["status_description"]
            return one if one["status"] == "Active" else None

        one = harness.wait_for(found, PATIENCE, "the cluster is active")
        assert not one.get("status_reason"), one
        return one

    def nodes(self):
        """Node name -> address."""
        groups = self.show()["node_groups"]
        return {
            one["instance_name"]: one["internal_ip"]
            for group in groups
            for one in group["instances"]
        }

    def resize(self, count, *gone):
        entry = {"name": "data", "count": count}
        if gone:
            entry["instances"] = list(gone)
        body = {"resize_node_groups": [entry]}
        return self.service.call("PUT", f"clusters/{self.id}", body)

    def check(self):
        """What a new look at its health finds: check -> (status, sentence)."""
        before = self.show()["verification"]["id"]
        body = {"verification": {"status": "START"}}
        self.service.call("PATCH", f"clusters/{self.id}", body)

        def found():
            one = self.show()["verification"]
            return one if one["id"] != before and one["checks"] else None

        made = harness.wait_for(found, PATIENCE, "a look at the health")
        return {c["name"]: (c["status"], c["description"]) for c in made["checks"]}

    def green(self):
        def found():
            return all(status == "GREEN" for status, _ in self.check().values())

        harness.wait_for(found, PATIENCE, "all checks are green", every=1)

    def directory(self, node):
        return self.service.state / "nodes" / self.id / node

    def pid(self, node, service):
        """The process of a service; None while there is none."""
        told = json.loads((self.directory(node) / "state.json").read_text())
        return told["services"][service]["pid"]

    def kill(self, node, service):
        """``kill -9`` it, and wait until its supervisor has another."""
        pid = self.pid(node, service)
        os.kill(pid, signal.SIGKILL)
        harness.wait_for(
            lambda: self.pid(node, service) not in (pid, None), 60, f"a new {service}"
        )

    # HDFS over HTTP, so that no JVM has to start

    def url(self, path, operation, **more):
        words = {"op": operation, "user.name": getpass.getuser(), **more}
        query = "&".join(f"{name}={value}" for name, value in words.items())
        return f"{self.web}/webhdfs/v1{path}?{query}"

    @property
    def web(self):
        return self.show()["info"]["HDFS"]["Web UI"]

    def put(self, path, content, **more):
        head = {"X-XSRF-HEADER": "x"}
        url = self.url(path, "CREATE", overwrite="true", **more)
        told = requests.put(url, headers=head, allow_redirects=False, timeout=60)
        assert told.status_code == 307, told.text
        where = told.headers["Location"]
        done = requests.put(where, data=content(where), headers=head, timeout=PATIENCE)
        assert done.status_code == 201, done.text

    def digest(self, path):
        answer = requests.get(self.url(path, "OPEN"), timeout=PATIENCE)
        return hashlib.sha256(answer.content).hexdigest()

    def metric(self, name):
        url = f"{self.web}/jmx?qry=Hadoop:service=NameNode,name=FSNamesystem"
        return requests.get(url, timeout=30).json()["beans"][0][name]


@pytest.fixture(scope="module")
def cluster(hadoop, service) -> Cluster:
    return Cluster(service)


DIGEST = hashlib.sha256(CONTENT).hexdigest()


def test_what_it_holds_outlives_a_smaller_cluster_and_a_job_goes_on(cluster, tmp_path):
    info = cluster.show()["info"]
    assert info["HDFS"]["NameNode"].startswith("hdfs://127.")
    cluster.put("/data/file", lambda _: CONTENT)
    blocks = {
        node: list(cluster.directory(node).glob("root/var/lib/hdfs/data/**/blk_*[0-9]"))
        for node in cluster.nodes()
        if "data" in node
    }
    assert sum(map(len, blocks.values())) == 48
    assert all(0 < len(found) < 24 for found in blocks.values()), blocks

    (tmp_path / "job.py").write_text(JOB)
    job = subprocess.Popen(
        [harness.BIN / "sparkaas", "run", "--cluster", "store", tmp_path / "job.py"],
        env=harness.environment(cluster.service.state),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        started = cluster.url("/started", "GETFILESTATUS")
        harness.wait_for(
            lambda: requests.get(started, timeout=30).ok or job.poll() is not None,
            PATIENCE,
            "the job has written",
            every=0.5,
        )
        answer = cluster.resize(2, "store-data-1")
        assert answer.status_code == 202, answer.text
        cluster.active()
        assert set(cluster.nodes()) == {"store-head-0", "store-data-0", "store-data-2"}
        assert cluster.digest("/data/file") == DIGEST
        assert cluster.metric("UnderReplicatedBlocks") == 0
        cluster.put("/stop", lambda _: b"")
        said, complaints = job.communicate(timeout=PATIENCE)
    finally:
        job.kill()
    assert job.returncode == 0, complaints
    assert "rounds " in said


def test_a_resize_that_would_lose_replicas_is_refused(cluster):
    answer = cluster.resize(1)
    assert answer.status_code == 400, answer.text
    assert answer.json()["error_name"] == "INVALID_COMPONENT_COUNT"
    assert "1 datanodes would stay" in answer.json()["error_message"]
    assert answer.json()["hint"]
    assert cluster.show()["status"] == "Active"


def test_a_datanode_killed_while_a_file_is_written(cluster):
    def content(where):
        """Half of it, then a kill of the datanode that only gets copies, then the
        rest."""
        nodes = {n: a for n, a in cluster.nodes().items() if "data" in n}
        (other,) = (n for n, a in nodes.items() if f"//{a}:" not in where)
        half = len(CONTENT) // 2
        yield CONTENT[:half]
        cluster.kill(other, "hdfs-datanode")
        yield CONTENT[half:]

    cluster.put("/data/written", content)
    # Over HTTP a reader is sent to one datanode only, be it there again or not.
    cluster.green()
    assert cluster.digest("/data/written") == DIGEST


def test_the_namenode_comes_back_with_what_it_knew(cluster):
    cluster.kill("store-head-0", "hdfs-namenode")
    cluster.green()
    assert cluster.digest("/data/file") == DIGEST


def test_a_datanode_more_takes_blocks(cluster):
    assert cluster.resize(3).status_code == 202
    cluster.active()
    assert set(cluster.nodes()) == {"store-head-0", *(f"store-data-{n}" for n in "012")}
    # Hadoop looks at its metrics every ten seconds.
    harness.wait_for(
        lambda: cluster.metric("NumLiveDataNodes") == 3, 60, "the namenode counts it"
    )
    cluster.put("/data/three", lambda _: CONTENT, replication=3)
    new = cluster.directory("store-data-1")
    harness.wait_for(
        lambda: len(list(new.glob("root/var/lib/hdfs/data/**/blk_*[0-9]"))) >= 24,
        PATIENCE,
        "the new datanode has a replica of every block",
    )
    assert cluster.digest("/data/three") == DIGEST


def test_a_block_without_a_replica_is_told_with_its_file(cluster):
    places = {
        path
        for node in cluster.nodes()
        for path in cluster.directory(node).glob("root/var/lib/hdfs/data/**/blk_*")
    }
    cluster.put("/data/single", lambda _: b"x" * 1000, replication=1)
    for node in cluster.nodes():
        found = cluster.directory(node).glob("root/var/lib/hdfs/data/**/blk_*")
        for path in set(found) - places:
            path.unlink()
    # One who reads it finds out.
    with pytest.raises(requests.RequestException):
        requests.get(cluster.url("/data/single", "OPEN"), timeout=60)
    harness.wait_for(
        lambda: cluster.metric("MissingBlocks"), 60, "the namenode knows", every=0.5
    )
    status, sentence = cluster.check()["HDFS blocks"]
    assert status == "RED"
    assert "1 of " in sentence
    assert "/data/single" in sentence
    assert "hdfs fsck" in sentence


def test_a_job_that_finds_no_room_says_so(cluster, tmp_path):
    """A datanode takes a block only if it has room for a whole one, so that all of them
    are full for blocks of a terabyte."""
    (tmp_path / "writer.py").write_text(WRITER)
    done = cluster.service.cli(
        *(
            "run",
            "--cluster",
            "store",
            "--conf",
            f"spark.hadoop.dfs.blocksize={1 << 40}",
        ),
        *(tmp_path / "writer.py", "--", "hdfs:///full"),
    )
    assert done.returncode == 1, done.stdout + done.stderr
    (job,) = (
        job
        for job in cluster.service.call("GET", "jobs").json()["jobs"]
        if job["info"]["status"] == "DONEWITHERROR"
    )
    assert job["reason"]["code"] == "HDFS_FULL", job
    assert "add datanodes" in job["reason"]["hint"]


def test_another_cluster_reads_what_this_one_holds(cluster, service, tmp_path):
    body = {
        "name": "theirs",
        "type": "hdfs",
        "url": f"{cluster.show()['info']['HDFS']['NameNode']}/data/file",
    }
    assert service.call("POST", "data-sources", body).ok
    made = service.cli("cluster", "create", "other", "--workers", "1", "--wait")
    assert made.returncode == 0, made.stderr
    (tmp_path / "reader.py").write_text(READER)
    done = service.cli(
        *("run", "--cluster", "other"),
        *("--conf", "edp.substitute_data_source_for_name=true"),
        *(tmp_path / "reader.py", "--", "datasource://theirs"),
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"digest {DIGEST}" in done.stdout
