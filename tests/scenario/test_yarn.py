# SPDX-License-Identifier: Apache-2.0
"""The plugin ``hadoop`` on real Hadoop: daemons, containers, jobs of every kind.

No service in between: the manifests go to the local driver, jobs to the engines.
"""

import dataclasses
import json
import secrets
import shutil
import subprocess
import time
import urllib.request
import uuid

import pytest
from oslo_config import cfg

from sparkaas import conf as service_conf
from sparkaas import model
from sparkaas.edp import base
from sparkaas.infra.local import driver
from sparkaas.infra.local import packages
from sparkaas.plugins import registry
from sparkaas.plugins.hdfs import layout as hdfs
from sparkaas.remote import local
from sparkaas.testing import spark_cluster
from tests.scenario import harness

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


def wait_for(condition, what, seconds=240):
    """Poll until ``condition`` answers something true, and return that."""
    end = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < end, f"not within {seconds} s: {what}"
        time.sleep(0.2)
    return found


class World:
    """A cluster of real processes on this machine."""

    def __init__(self, state):
        self.state = state
        conf = cfg.ConfigOpts()
        service_conf.register_opts(conf)
        conf([], default_config_files=[], default_config_dirs=[])
        conf.set_override("state_path", str(state), group="service")
        # Apart from those of any other service on this machine.
        conf.set_override("network", "127.78.0.0/16", group="local")
        self.reach = local.LocalReach()
        self.infrastructure = driver.from_conf(conf, self.reach, str)
        self.plugin = registry.load(conf)["hadoop"]
        head = ("namenode", "resourcemanager")
        self.cluster = dataclasses.replace(
            spark_cluster.cluster(
                spark_cluster.group("head", *head, flavor=MEDIUM),
                spark_cluster.group(
                    "worker", "datanode", "nodemanager", count=2, flavor=MEDIUM
                ),
                version=self.plugin.versions()[0].name,
            ),
            plugin_name="hadoop",
            # So that one of two datanodes may go.
            cluster_configs={"HDFS": {"dfs.replication": "1"}},
            id=str(uuid.uuid4()),
        )
        self.plugin.validate(self.cluster)
        self.secrets = {
            name: secrets.token_hex(32) for name in self.plugin.secrets(self.cluster)
        }

    def ensure(self):
        def ensured():
            manifests = self.plugin.describe(self.cluster)
            found = self.infrastructure.ensure(self.cluster, manifests, self.secrets)
            return found if isinstance(found, model.Done) else None

        facts = wait_for(ensured, "nodes").facts
        self.cluster = dataclasses.replace(self.cluster, **facts)
        wait_for(self.is_green, "a healthy cluster")
        self.plugin.converge(self.cluster, self.reach)

    def is_green(self):
        checks = self.plugin.health(self.cluster, self.reach)
        return all(check.status == "GREEN" for check in checks)

    def remove(self):
        def removed():
            return isinstance(self.infrastructure.delete(self.cluster), model.Done)

        wait_for(removed, "removal")

    def applications(self):
        """Every application that YARN has: id -> (state, tags)."""
        head = self.plugin.job_engines["Java"].node(self.cluster)
        url = f"http://{head.internal_ip}:8088/ws/v1/cluster/apps"
        with urllib.request.urlopen(url, timeout=10) as answer:
            found = (json.load(answer)["apps"] or {}).get("app", [])
        return {one["id"]: (one["state"], one["applicationTags"]) for one in found}

    def start(self, type, mains=(), libs=(), **given):
        """Start a job as the conductor does."""
        return Run(self, type, mains, libs, given)


class Run:
    """One job, started. ``mains`` and ``libs`` are (name, content)."""

    def __init__(self, world, type, mains, libs, given):
        self.world = world
        configs = given.get("configs", {})
        self.job = model.Job(
            id=str(uuid.uuid4()),
            project_id="p",
            name="scenario",
            job_template_id="t",
            type=type,
            cluster_id=world.cluster.id,
            job_configs={"configs": configs},
        )
        self.engine = world.plugin.job_engines[type]
        node = self.engine.node(world.cluster)
        self.remote = world.reach.to(world.cluster, node)
        self.directory = f"{self.remote.work_directory}/{self.job.id}"
        self.submission = base.Submission(
            directory=self.directory,
            mains=self.placed(mains),
            libs=self.placed(libs),
            args=tuple(given.get("args", ())),
            configs=configs,
            params=given.get("params", {}),
            input=given.get("input", ""),
            output=given.get("output", ""),
        )
        self.id = self.submit()
        self.progress = []

    def placed(self, files):
        paths = []
        for name, content in files:
            paths.append(f"{self.directory}/{name}")
            self.remote.write_file(paths[-1], [content], deadline=10)
        return tuple(paths)

    def submit(self):
        return self.engine.submit(
            self.job, self.world.cluster, self.submission, self.remote
        )

    def poll(self):
        found = self.engine.poll(
            self.job, self.world.cluster, self.directory, self.remote
        )
        if found.progress is not None:
            self.progress.append(found.progress)
        return found

    def cancel(self, kill=False):
        self.engine.cancel(
            self.job, self.world.cluster, self.directory, self.remote, kill=kill
        )

    def wait(self):
        def ended():
            report = self.poll()
            return None if report.running else report

        return wait_for(ended, "the job's end")

    def read(self, stream):
        path = f"{self.directory}/{stream}"
        return self.remote.read_file(path, limit=1 << 20, deadline=10).decode()

    def told(self):
        return f"{self.read('stdout')}\n{self.read('stderr')}"

    def applications(self):
        """The states of the job's applications on YARN."""
        return [
            state
            for state, tags in self.world.applications().values()
            if tags == f"sparkaas-{self.job.id}"
        ]


@pytest.fixture(scope="module")
def tree():
    """The tree of Hadoop's jars, where the service looks for it."""
    if shutil.which("mvn") is None:
        pytest.skip("there is no mvn here (apt install maven)")
    command = [str(harness.BIN / "sparkaas-image"), "hadoop"]
    subprocess.run(command, check=True, timeout=600, capture_output=True)
    return packages.hadoop_finder("")(hdfs.PACKAGE)


@pytest.fixture(scope="module")
def world(tree, tmp_path_factory):
    found = World(tmp_path_factory.mktemp("state"))
    try:
        found.ensure()
        yield found
    finally:
        found.remove()
        assert not harness.processes_below(found.state)


@pytest.mark.parametrize("mode", ["client", "cluster"])
def test_a_python_driver_is_live_and_tells_its_end(world, tmp_path, mode):
    go = tmp_path / "go"
    run = world.start(
        "PySpark",
        [("live.py", LIVE.encode())],
        args=[str(go), "a b", "d'e"],
        configs={"spark.submit.deployMode": mode},
    )
    wait_for(lambda: run.poll().running and "turn 3\n" in run.read("stdout"), "words")
    wait_for(lambda: run.progress, "progress")
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
    assert run.applications() == ["FINISHED"]


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
    assert run.applications() == ["FINISHED"]


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
    assert run.applications() == ["FINISHED"]


def test_a_map_reduce_job_that_cannot_run_says_why(world, examples):
    run = world.start("MapReduce", libs=[examples], input="/nowhere", output="/nothing")
    report = run.wait()
    assert report.exit_code not in (0, None)
    assert report.reason.code == "PATH_NOT_FOUND"
    assert run.applications() == []


def test_cancel_leaves_no_application(world, tmp_path):
    run = world.start(
        "PySpark",
        [("live.py", LIVE.encode())],
        args=[str(tmp_path / "never")],
        configs={"spark.submit.deployMode": "cluster"},
    )
    wait_for(lambda: "turn 1\n" in run.read("stdout"), "output")
    run.cancel()
    report = run.wait()
    assert report.exit_code == 143, run.told()
    assert run.applications() == ["KILLED"]
    assert "last words" not in run.read("stdout")


def test_force_leaves_no_application_either(world, tmp_path):
    run = world.start(
        "PySpark",
        [("live.py", LIVE.encode())],
        args=[str(tmp_path / "never")],
        configs={"spark.submit.deployMode": "cluster"},
    )
    wait_for(run.applications, "an application")
    run.cancel(kill=True)
    assert run.wait().exit_code == -9
    wait_for(lambda: run.applications() == ["KILLED"], "the application's end")


def test_a_node_is_told_before_it_goes(world):
    head, workers = world.cluster.node_groups
    fewer = dataclasses.replace(workers, count=1, indices=(0,))
    smaller = dataclasses.replace(world.cluster, node_groups=(head, fewer))
    world.plugin.validate(smaller, world.cluster)
    leaving = [i for i in world.cluster.instances if i.name == "demo-worker-1"]
    world.cluster = smaller

    def gone():
        found = world.plugin.decommission(world.cluster, leaving, world.reach)
        checkpoint = {**world.cluster.checkpoint, **found.facts.get("checkpoint", {})}
        world.cluster = dataclasses.replace(world.cluster, checkpoint=checkpoint)
        return isinstance(found, model.Done)

    wait_for(gone, "the node's leave")
    world.ensure()
    assert {i.name for i in world.cluster.instances} == {"demo-head-0", "demo-worker-0"}
