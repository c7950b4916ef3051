# SPDX-License-Identifier: Apache-2.0
"""The plugin ``hadoop`` on real Hadoop: daemons, containers, jobs of every kind."""

import getpass
import json
import random
import urllib.parse
import urllib.request

import pytest
import requests

from sparkaas import model
from sparkaas.edp import places
from sparkaas.infra.local import packages
from sparkaas.plugins.hdfs import layout as hdfs
from sparkaas.testing import spark_cluster
from tests.scenario import harness
from tests.scenario import world as worlds

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

MEDIUM = model.Flavor(id="3", name="medium", vcpus=2, ram_mb=2048, disk_gb=20)

LIVE = """\
import os, sys, time
from pyspark.sql import SparkSession
spark = SparkSession.builder.getOrCreate()
print("rows", spark.range(1000).repartition(4).count(), flush=True)
print("by", spark.conf.get("spark.submit.deployMode"), sys.argv[1:], flush=True)
for number in range(6000):
    print("turn", number, flush=True)
    if os.path.exists(sys.argv[1]):
        break
    time.sleep(0.1)
print("last words", flush=True)
sys.exit(5)
"""


def applications(run):
    """The states of the job's applications on YARN."""
    head = run.engine.node(run.world.cluster)
    url = f"http://{head.internal_ip}:8088/ws/v1/cluster/apps"
    with urllib.request.urlopen(url, timeout=10) as answer:
        found = (json.load(answer)["apps"] or {}).get("app", [])
    tag = f"sparkaas-{run.job.id}"
    return [one["state"] for one in found if one["applicationTags"] == tag]


@pytest.fixture(scope="module")
def tree():
    """The tree of Hadoop's jars, where the service looks for it."""
    harness.have_jars("hadoop")
    return packages.hadoop_finder("")(hdfs.PACKAGE)


@pytest.fixture(scope="module")
def world(tree, tmp_path_factory):
    found = worlds.World(
        "hadoop",
        tmp_path_factory.mktemp("state"),
        "127.78.0.0/16",
        spark_cluster.group("head", "namenode", "resourcemanager", flavor=MEDIUM),
        spark_cluster.group(
            "worker", "datanode", "nodemanager", count=2, flavor=MEDIUM
        ),
    )
    try:
        found.ensure()
        yield found
    finally:
        found.remove()


@pytest.mark.parametrize("mode", ["client", "cluster"])
def test_a_python_driver_is_live_and_tells_its_end(world, tmp_path, mode):
    go = tmp_path / "go"
    run = world.start(
        "PySpark",
        [("live.py", LIVE)],
        args=[str(go), "a b", "d'e"],
        configs={"spark.submit.deployMode": mode},
    )
    worlds.wait_for(
        lambda: run.poll().running and "turn 3\n" in run.read("stdout"), "words"
    )
    worlds.wait_for(lambda: run.progress, "progress")
    assert run.submit() == run.id
    go.touch()
    report = run.wait()
    assert report.exit_code == 5, run.told()
    lines = run.read("stdout").splitlines()
    given = [str(go), "a b", "d'e"]
    assert lines[:3] == ["rows 1000", f"by {mode} {given}", "turn 0"]
    assert lines[-1] == "last words"
    turns = [line for line in lines if line.startswith("turn")]
    assert turns == [f"turn {number}" for number in range(len(turns))]
    assert 0 < run.progress[-1].tasks_done <= run.progress[-1].tasks_total
    assert applications(run) == ["FINISHED"]


EXAMPLES = "hadoop-mapreduce-examples-3.4.2.jar"
MAPRED = "org.apache.hadoop.mapred.lib"


@pytest.fixture(scope="module")
def examples(tree):
    return (EXAMPLES, (tree / "lib" / EXAMPLES).read_bytes())


def test_a_java_program_and_what_it_submits(world, examples):
    run = world.start(
        "Java",
        libs=[examples],
        configs={
            "edp.java.main_class": "org.apache.hadoop.examples.terasort.TeraGen",
            "edp.java.java_opts": "-Xmx256m -Dodd='a b'",
            "mapreduce.job.maps": "1",
        },
        args=["500", "/rows"],
    )
    assert run.wait().exit_code == 0, run.told()
    assert "completed successfully" in run.read("stderr")
    assert applications(run) == ["FINISHED"]


def test_a_map_reduce_job_is_followed_to_its_end(world, examples):
    run = world.start(
        "MapReduce",
        libs=[examples],
        configs={
            "mapred.mapper.class": f"{MAPRED}.TokenCountMapper",
            "mapred.reducer.class": f"{MAPRED}.LongSumReducer",
            "mapred.output.key.class": "org.apache.hadoop.io.Text",
            "mapred.output.value.class": "org.apache.hadoop.io.LongWritable",
        },
        input="/rows",
        output="/counted",
    )
    assert run.wait().exit_code == 0, run.told()
    assert run.progress[-1].tasks_total == 3
    assert applications(run) == ["FINISHED"]


def test_a_map_reduce_job_that_cannot_run_says_why(world, examples):
    run = world.start("MapReduce", libs=[examples], input="/nowhere", output="/nothing")
    report = run.wait()
    assert report.exit_code not in (0, None)
    assert report.reason.code == "PATH_NOT_FOUND"
    assert applications(run) == []


def test_cancel_leaves_no_application(world, tmp_path):
    run = world.start(
        "PySpark",
        [("live.py", LIVE)],
        args=[str(tmp_path / "never")],
        configs={"spark.submit.deployMode": "cluster"},
    )
    worlds.wait_for(lambda: "turn 1\n" in run.read("stdout"), "output")
    run.cancel()
    report = run.wait()
    assert report.exit_code == 143, run.told()
    assert applications(run) == ["KILLED"]
    assert "last words" not in run.read("stdout")


def test_force_leaves_no_application_either(world, tmp_path):
    run = world.start(
        "PySpark",
        [("live.py", LIVE)],
        args=[str(tmp_path / "never")],
        configs={"spark.submit.deployMode": "cluster"},
    )
    worlds.wait_for(lambda: applications(run), "an application")
    run.cancel(kill=True)
    assert run.wait().exit_code == -9
    worlds.wait_for(lambda: applications(run) == ["KILLED"], "the application's end")


#: Eight blocks.
CONTENT = random.Random(6).randbytes((8 << 20) - 5)  # noqa: S311


def over_http(world, method, path, operation, **more):
    """What HDFS answers about a file."""
    at = places.instance(world.cluster, hdfs.NAMENODE).internal_ip
    words = {"op": operation, "user.name": getpass.getuser(), **more}
    answer = requests.request(
        method,
        f"http://{at}:{hdfs.WEB_PORT}/webhdfs/v1{urllib.parse.quote(path)}",
        params=words,
        headers={"X-XSRF-HEADER": "x"},
        allow_redirects=method == "GET",
        timeout=120,
    )
    assert answer.ok, answer.text
    return answer


def test_a_node_is_told_before_it_goes_and_what_it_holds_stays(world):
    """Nobody said how many replicas there are to be: on two nodes two, on one one."""
    kept = {"/kept/usual": 3, "/kept/ü %;?#": 3, "/kept/single": 1}
    for path, replicas in kept.items():
        more = {"replication": replicas, "blocksize": 1 << 20}
        told = over_http(world, "PUT", path, "CREATE", **more)
        where, head = told.headers["Location"], {"X-XSRF-HEADER": "x"}
        assert requests.put(where, data=CONTENT, headers=head, timeout=120).ok
    world.part_with_one()
    world.ensure()
    assert {i.name for i in world.cluster.instances} == {"demo-head-0", "demo-worker-0"}
    for path in kept:
        assert over_http(world, "GET", path, "OPEN").content == CONTENT
        status = over_http(world, "GET", path, "GETFILESTATUS").json()["FileStatus"]
        assert status["replication"] == 1
