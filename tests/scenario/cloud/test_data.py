# SPDX-License-Identifier: Apache-2.0
"""Clusters that hold data, on real servers: HDFS on volumes, Spark Connect, a notebook,
YARN. Two clusters of three guests, one after the other; makes its image the first time.
"""

from __future__ import annotations

import contextlib
import hashlib
import random
import signal
import subprocess
import sys
import urllib.parse
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from sparkaas.image import jars
from tests.scenario import harness
from tests.scenario import jupyter
from tests.scenario.cloud import asking
from tests.scenario.cloud import data_image

pytestmark = pytest.mark.long

#: Seconds for guests' boot, their JVMs' start and two health checks.
WELL = 600
SEED = 7
#: 24 blocks.
BLOCK = 1 << 20
SIZE = (24 << 20) - 333
DIGEST = hashlib.sha256(random.Random(SEED).randbytes(SIZE)).hexdigest()  # noqa: S311
SMALL = {"spark.executor.memory": "512m", "spark.executor.cores": "1"}

#: Puts a file into HDFS and tells what the cluster reads there.
STORE = f"""\
import hashlib, random, sys
from pyspark.sql import SparkSession
spark = SparkSession.builder.getOrCreate()
print("by", spark.conf.get("spark.submit.deployMode"), flush=True)
with open("content", "wb") as file:
    file.write(random.Random({SEED}).randbytes({SIZE}))
path = spark._jvm.org.apache.hadoop.fs.Path
fs = path("hdfs:///").getFileSystem(spark._jsc.hadoopConfiguration())
fs.copyFromLocalFile(path("content"), path(sys.argv[1]))
def digest(row):
    return hashlib.sha256(row.content).hexdigest()
files = spark.read.format("binaryFile").load("hdfs://" + sys.argv[1])
print("digest", files.rdd.map(digest).collect()[0])
numbers = spark.range(0, 10000, 1, 4).selectExpr("id % 10 AS k", "id")
numbers.groupBy("k").count().write.parquet(sys.argv[1] + ".counts")
print("groups", spark.read.parquet(sys.argv[1] + ".counts").count())
words = numbers.selectExpr("concat('word', k) AS value")
words.coalesce(2).write.text(sys.argv[1] + ".words")
"""


@pytest.fixture(scope="module")
def user(service) -> asking.Asking:
    """A member of the project other, whom nothing is left of."""
    data_image.have(service)
    return asking.Asking(service, "other")


class Command:
    """``sparkaas cluster WORDS`` as the user types it: what it prints, line by line,
    until it is interrupted."""

    def __init__(self, user: asking.Asking, *words: str) -> None:
        key = str(user.cloud.key)
        self._process = subprocess.Popen(
            [harness.BIN / "sparkaas", "cluster", *words[:1], "-i", key, *words[1:]],
            env={**user.service.environment(), **user.cloud.environment(user.user)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def lines(self) -> list[str]:
        """Up to the one that says how to end it."""
        found = []
        for line in self._process.stdout:
            if line.startswith("Ctrl-C"):
                return found
            found.append(line.rstrip("\n"))
        pytest.fail(f"it ended: {found} {self._process.stderr.read()}")

    def end(self) -> None:
        self._process.send_signal(signal.SIGINT)
        self._process.communicate(timeout=60)


@contextlib.contextmanager
def running(user: asking.Asking, *words: str) -> Iterator[list[str]]:
    """The lines of such a command, as long as it runs."""
    command = Command(user, *words)
    try:
        yield command.lines()
    finally:
        command.end()


def cluster(user: asking.Asking, plugin: str, version: str, **of_groups: Any) -> str:
    """Ask for a cluster of a head and two nodes with data; its id. ``of_groups`` are
    fields of the group ``data``, and the processes of both."""
    pool = user.cloud.id("network", "public")
    large = user.cloud.id("flavor", data_image.FLAVOR)
    medium = user.cloud.id("flavor", "s.medium")
    head = {"node_processes": of_groups.pop("head"), "floating_ip_pool": pool}
    data = {"node_processes": of_groups.pop("data"), **of_groups}
    asked = user.cluster(
        plugin_name=plugin,
        plugin_version=version,
        default_image_id=user.cloud.id("image", data_image.NAME),
        cluster_configs={"HDFS": {"dfs.blocksize": BLOCK}},
        node_groups=[
            user.node_group("head", "", 1, flavor_id=large, **head),
            user.node_group("worker", "", 2, flavor_id=medium, **data),
        ],
    )
    return user.create(asked)


def green(user: asking.Asking, cluster_id: str) -> None:
    user.well(cluster_id, WELL)


def over_http(shell, shown: dict[str, Any], path: str, then: str) -> str:
    """A file, as a user who logged in reads it over HTTP; ``then`` takes it."""
    namenode = shown["info"]["HDFS"]["NameNode"]
    host = urllib.parse.urlsplit(namenode).hostname
    url = f"http://{host}:9870/webhdfs/v1{path}?op=OPEN&user.name=spark"
    (node,) = [
        each["instance_name"]
        for group in shown["node_groups"]
        for each in group["instances"]
        if group["name"] == "head"
    ]
    return shell(shown, node, f"curl -sSfL '{url}' | {then}", user="other")


def read(shell, shown: dict[str, Any], path: str) -> str:
    """The digest of a file."""
    return over_http(shell, shown, path, "sha256sum").split()[0]


def succeeded(user: asking.Asking, job_id: str) -> str:
    """What a job printed that must have succeeded."""
    job = user.ended(job_id)
    errors = user.ask("GET", f"jobs/{job_id}/logs/stderr").text[-3000:]
    assert job["info"]["status"] == "SUCCEEDED", (job["reason"], errors)
    return user.output(job_id)


def rebooted(user: asking.Asking, cluster_id: str) -> None:
    """Every guest at once."""
    compute = user.cloud.as_user("other").compute
    servers = user.servers(cluster_id).values()
    for server in servers:
        compute.reboot_server(server, "HARD")
    for server in servers:
        compute.wait_for_server(compute.get_server(server), wait=WELL)


def test_spark_with_its_data_on_volumes(user, shell, nothing_left, tmp_path):
    """Written and read by a job, kept through a larger and a smaller cluster and a
    reboot of all; beside it Spark Connect, a notebook and the web pages."""
    made = cluster(
        user,
        "spark",
        data_image.SPARK,
        head=["master", "namenode", "connect-server", "notebook"],
        data=["slave", "datanode"],
        volumes_per_node=1,
        volumes_size=1,
    )
    shown = user.active(made)
    green(user, made)
    said = succeeded(user, user.job(made, STORE, "/data/file", **SMALL))
    assert f"digest {DIGEST}" in said
    assert "groups 10" in said
    blocks = "sudo find /volumes/disk1/hdfs -name 'blk_*[0-9]' | wc -l"
    for node in user.names(shown, "worker"):
        assert int(shell(shown, node, blocks, user="other")) >= 24

    user.resize(made, 3)
    green(user, made)
    assert read(shell, user.show(made), "/data/file") == DIGEST
    smaller = user.resize(made, 2)
    green(user, made)
    assert read(shell, smaller, "/data/file") == DIGEST

    connected(user, shown["name"], tmp_path)
    noted(user, shown["name"])
    assert {"Spark Web UI", "HDFS Web UI"} <= pages(user, shown["name"])

    rebooted(user, made)
    green(user, made)
    assert read(shell, smaller, "/data/file") == DIGEST
    user.delete(made)
    nothing_left()


def connected(user: asking.Asking, name: str, tmp_path) -> None:
    """The printed program works as it stands, while the command runs."""
    with running(user, "connect", name) as (url, empty, *program):
        assert url.startswith("sc://localhost:")
        assert empty == ""
        done = subprocess.run(
            [sys.executable, "-"],
            input="\n".join(program),
            env=user.service.environment(),
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=asking.ENDED,
        )
        assert "499500" in done.stdout, done.stderr


def noted(user: asking.Asking, name: str) -> None:
    """The example runs on the cluster."""
    with running(user, "notebook", name, "--no-browser") as (url,):
        parts = urllib.parse.urlsplit(url)
        token = urllib.parse.parse_qs(parts.query)["token"][0]
        server = jupyter.Server(parts._replace(query="").geturl(), token)
        master, table, count, _ = server.run(server.cells("examples/movies.ipynb"))
    assert master.startswith("'spark://10.")
    assert "|    0|" in table
    assert "10000 ratings of 100 movies" in count


def pages(user: asking.Asking, name: str) -> set[str]:
    """The names of the web pages that answer."""
    with running(user, "ui", name, "--no-browser") as lines:
        found = dict(line.split(": ") for line in lines)
        return {
            name
            for name, url in found.items()
            if requests.get(url, timeout=60).status_code == 200
        }


EXAMPLES = "hadoop-mapreduce-examples-3.4.2.jar"
MAPRED = "org.apache.hadoop.mapred.lib"
COUNT = {
    "mapred.mapper.class": f"{MAPRED}.TokenCountMapper",
    "mapred.reducer.class": f"{MAPRED}.LongSumReducer",
    "mapred.output.key.class": "org.apache.hadoop.io.Text",
    "mapred.output.value.class": "org.apache.hadoop.io.LongWritable",
}
LIVE = """\
import time
for number in range(20):
    print("turn", number, flush=True)
    time.sleep(1)
"""


def test_yarn_without_volumes(user, shell, nothing_left):
    """Spark in both deploy modes with live output, MapReduce on what it wrote."""
    made = cluster(
        user,
        "hadoop",
        data_image.HADOOP,
        head=["resourcemanager", "namenode", "historyserver"],
        data=["nodemanager", "datanode"],
    )
    shown = user.active(made)
    green(user, made)
    for mode in ("client", "cluster"):
        configs = {"spark.submit.deployMode": mode}
        job = user.job(made, STORE + LIVE, f"/data/{mode}", **configs)
        asking.wait_for(
            lambda job=job: "turn 1\n" in user.output(job), asking.ENDED, "a live line"
        )
        assert user.call("GET", f"jobs/{job}")["job"]["info"]["status"] == "RUNNING"
        said = succeeded(user, job)
        assert f"by {mode}" in said
        assert f"digest {DIGEST}" in said
        turns = [line for line in said.splitlines() if line.startswith("turn")]
        assert turns == [f"turn {number}" for number in range(20)]
        assert read(shell, shown, f"/data/{mode}") == DIGEST

    succeeded(user, map_reduce(user, made, "/data/client.words", "/counted"))
    counts = over_http(shell, shown, "/counted/part-00000", "cat").split()
    assert counts == [each for k in range(10) for each in (f"word{k}", "1000")]
    found = pages(user, shown["name"])
    assert {"YARN Web UI", "MapReduce JobHistory Server Web UI"} <= found

    rebooted(user, made)
    green(user, made)
    assert read(shell, shown, "/data/cluster") == DIGEST
    user.delete(made)
    nothing_left()


def map_reduce(user: asking.Asking, cluster_id: str, source: str, target: str) -> str:
    """Start a job that counts words; its id."""

    def place(path: str) -> str:
        body = {"name": f"s-{uuid.uuid4().hex[:8]}", "type": "hdfs", "url": path}
        return str(user.call("POST", "data-sources", body)["data_source"]["id"])

    jar = (jars.default("hadoop") / jars.LIB / EXAMPLES).read_bytes()
    name = f"count-{uuid.uuid4().hex[:8]}"
    library = user.call("POST", "job-binaries", {"name": f"{name}.jar"})["job_binary"]
    user.call(
        "PUT",
        f"job-binaries/{library['id']}/data",
        data=jar,
        headers={"Content-Type": "application/octet-stream"},
    )
    asked = {"name": name, "type": "MapReduce", "libs": [library["id"]]}
    template = user.call("POST", "job-templates", asked)["job_template"]["id"]
    launch = {
        "job_template_id": template,
        "cluster_id": cluster_id,
        "input_id": place(source),
        "output_id": place(target),
        "job_configs": {"configs": COUNT},
    }
    return str(user.call("POST", "jobs", launch)["job"]["id"])
