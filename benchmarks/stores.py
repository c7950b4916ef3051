# SPDX-License-Identifier: Apache-2.0
"""Data where it lies: generate, sort, validate and scan it over each store of one
cluster, as jobs of the service and by hand on the same daemons.

    python benchmarks/stores.py [--rows 2000000] [--rounds 2] [--swift]
        [--store NAME=URL [--conf-file FILE]]

Starts ``sparkaas-all`` on a new state directory, with a cluster of one master and two
workers that has an HDFS (``sparkaas-image hadoop`` makes what it runs from; the option
``[local] hadoop_home`` or its default says where). The stores are ``disk``, a directory
that all nodes share, and ``hdfs``.

``--swift`` adds the Swift of an OpenStack cloud, by its S3 API: a container of its own,
opened by EC2 credentials that Keystone makes for it, both of which are deleted at the
end. It needs the jars of ``sparkaas-image objectstore``, and a cloud and a user in the
environment, as an openrc file has them. On the cloud of ``tests/cloud``::

    (. .cache/cloud/openrc-demo; .venv/bin/python benchmarks/stores.py --swift)

``--store`` names further stores, such as a bucket elsewhere. What opens it (keys, an
endpoint) are lines ``NAME=VALUE`` of ``fs.s3a.*`` in a file that ``--conf-file`` names.
No key stands in a command line.

At the end a third datanode comes and goes twice: once it holds nothing, once its part
of generated rows. The first is the baseline of the second; the figure is the time
against the bytes that it had to hand over.

The rows are TeraSort's: a random key of 10 bytes, 90 bytes beside it, 100 in all. The
baseline of a figure is the same program under ``spark-submit`` on the same cluster with
the node's own settings, without the service.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import pathlib
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping

import embedded
import object_stores
import report
import requests

from sparkaas.edp import properties

ROW_BYTES = 100
GROUPS = {"head": ("master", "namenode"), "data": ("worker", "datanode")}
STEPS = ("generate", "sort", "validate", "scan")

PROGRAM = """\
import sys, time
from pyspark.sql import SparkSession, functions as f

root, rows = sys.argv[1], int(sys.argv[2])
spark = SparkSession.builder.getOrCreate()

def step(name, work):
    began = time.monotonic()
    found = work()
    print("STEP", name, time.monotonic() - began, flush=True)
    return found

def generate():
    key = f.substring(f.md5(f.col("id").cast("string")), 1, 10)
    rest = f.lpad(f.col("id").cast("string"), 90, "0")
    made = spark.range(0, rows, 1, 8).select(key.alias("key"), rest.alias("rest"))
    made.write.mode("overwrite").option("compression", "none").parquet(root + "/in")

def sort():
    read = spark.read.parquet(root + "/in").sort("key")
    read.write.mode("overwrite").option("compression", "none").parquet(root + "/out")

def validate():
    # Each file in itself, and the files one after another.
    read = spark.read.parquet(root + "/out")
    part = read.rdd.map(lambda row: row.key).mapPartitions(edges).collect()
    part.sort()
    assert sum(count for _, _, count in part) == rows, part
    assert all(a[1] <= b[0] for a, b in zip(part, part[1:])), "out of order"

def edges(keys):
    first = last = None
    count = 0
    for key in keys:
        assert last is None or last <= key, "out of order"
        first = key if first is None else first
        last, count = key, count + 1
    return [(first, last, count)] if count else []

def scan():
    read = spark.read.parquet(root + "/in")
    group = f.substring("key", 1, 1)
    found = read.groupBy(group).agg(f.count("*"), f.max("rest")).collect()
    assert sum(row[1] for row in found) == rows

for each in (generate, sort, validate, scan):
    step(each.__name__, each)
spark.stop()
"""


class ByHand:
    """``spark-submit`` on the master's node, in the environment of its daemons."""

    def __init__(self, state: pathlib.Path, program: pathlib.Path) -> None:
        (services,) = state.glob("nodes/*/*-head-0/services.json")
        node = services.parent / "root"
        entries = json.loads(services.read_text())["services"]
        given = next(e for e in entries if e["name"] == "spark-master")["environment"]
        settings = {"SPARK_CONF_DIR": str(node / "etc" / "spark")}
        self._environment = {**given, **settings, "PYSPARK_PYTHON": sys.executable}
        self._home = given["SPARK_HOME"]
        self._program = program

    def run(self, store: object_stores.Store, at: str, rows: int) -> tuple[float, str]:
        """Seconds in all, and what the program printed that wrote there."""
        url = f"{store.url}/{at}"
        file = self._program.with_suffix(".properties")
        file.touch(0o600)
        file.write_text(properties.render(object_stores.properties(store)))
        options = ("--load-spark-defaults", "--properties-file", file)
        began = time.monotonic()
        done = subprocess.run(
            [f"{self._home}/bin/spark-submit", *options, self._program, url, str(rows)],
            env=self._environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
        )
        if done.returncode:
            sys.exit(f"by hand, {url}:\n{done.stdout}{done.stderr[-4000:]}")
        return time.monotonic() - began, done.stdout


def by_service(
    service: embedded.Service, template: str, store: object_stores.Store, rows: int
) -> tuple[float, str]:
    """Seconds from the request to the job's end, and what it printed."""
    (cluster,) = service.call("GET", f"clusters?name={embedded.CLUSTER}")["clusters"]
    url = f"{store.url}/job"
    body = {
        "job_template_id": template,
        "cluster_id": cluster["id"],
        "job_configs": {"args": [url, str(rows)], "configs": dict(store.conf)},
    }
    began = time.monotonic()
    job = service.call("POST", "jobs", body)["job"]

    def status() -> str:
        return service.call("GET", f"jobs/{job['id']}")["job"]["info"]["status"]

    embedded.until(lambda: status() in embedded.TERMINAL, 1800)
    took = time.monotonic() - began
    if status() != "SUCCEEDED":
        sys.exit(f"job {job['id']}, {url}: {status()}\n{service.log(job['id'])}")
    return took, service.log(job["id"])


def steps(text: str) -> dict[str, float]:
    """Seconds of each step, as the program measured them."""
    found = re.findall(r"^STEP (\w+) ([\d.e-]+)$", text, re.MULTILINE)
    return {name: float(seconds) for name, seconds in found}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--rows", type=int, default=2_000_000)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--store", action="append", default=[], metavar="NAME=URL")
    parser.add_argument("--conf-file", type=pathlib.Path, metavar="FILE")
    parser.add_argument("--swift", action="store_true")
    given = parser.parse_args()
    report.environment()
    with contextlib.ExitStack() as ends:
        made = tempfile.TemporaryDirectory(prefix="sparkaas-benchmark-")
        path = pathlib.Path(ends.enter_context(made))
        stores = _stores(path, given)
        if given.swift:
            stores["swift"] = ends.enter_context(object_stores.in_swift())
        (path / "program.py").write_text(PROGRAM)
        (path / "data").mkdir()
        state = path / "state"
        state.mkdir(mode=0o700)
        service = embedded.Service(state)
        with service.up():
            _make_template(service)
            with service.cluster("--template", "data"):
                _measure(service, state, path, stores, given)
                _measure_resize(service, state, path, stores["hdfs"], given)


def _stores(
    path: pathlib.Path, given: argparse.Namespace
) -> dict[str, object_stores.Store]:
    conf: dict[str, str] = {}
    if given.conf_file is not None:
        lines = given.conf_file.read_text().splitlines()
        conf = dict(each.strip().split("=", 1) for each in lines if each.strip())
    further = (each.split("=", 1) for each in given.store)
    return {
        "disk": object_stores.Store(f"file:{path}/data"),
        "hdfs": object_stores.Store("hdfs:///benchmark"),
        **{name: object_stores.Store(url, conf) for name, url in further},
    }


def _make_template(service: embedded.Service) -> None:
    for name, processes in GROUPS.items():
        options = [x for process in processes for x in ("--process", process)]
        service.cli("node", "group", "template", "create", name, *options)
    groups = ("--group", "head:1", "--group", "data:2")
    # As many as there are datanodes at first, so that a third one may go again.
    replicas = ("--conf", "HDFS:dfs.replication=2")
    service.cli("cluster", "template", "create", "data", *groups, *replicas)


def _measure(
    service: embedded.Service,
    state: pathlib.Path,
    path: pathlib.Path,
    stores: Mapping[str, object_stores.Store],
    given: argparse.Namespace,
) -> None:
    template = service.template("stores", PROGRAM)
    hand = ByHand(state, path / "program.py")
    megabytes = given.rows * ROW_BYTES / 1e6
    rows: list[tuple[object, ...]] = []
    for name, store in stores.items():
        baselines, walls, seen = [], [], []
        for _ in range(given.rounds):
            took, _ = hand.run(store, "hand", given.rows)
            baselines.append(took)
            took, text = by_service(service, template, store, given.rows)
            walls.append(took)
            seen.append(steps(text))
        base, wall = report.p50(baselines), report.p50(walls)
        rows.append((f"{name}: all by hand", base, megabytes / base, 1.0))
        rows.append((f"{name}: all as a job", wall, megabytes / wall, wall / base))
        for step in STEPS:
            middle = report.p50([each[step] for each in seen])
            rows.append((f"{name}: {step}", middle, megabytes / middle, ""))
    print(f"{given.rows} rows, {megabytes:.0f} MB; {given.rounds} rounds, medians\n")
    report.table(("", "seconds", "MB/s", "x by hand"), rows)


def _measure_resize(
    service: embedded.Service,
    state: pathlib.Path,
    path: pathlib.Path,
    hdfs: object_stores.Store,
    given: argparse.Namespace,
) -> None:
    hand = ByHand(state, path / "program.py")
    empty: list[float] = []
    full: list[float] = []
    held: list[float] = []
    for _ in range(given.rounds):
        _resized(service, 3)
        empty.append(_resized(service, 2))
        _resized(service, 3)
        hand.run(hdfs, "moved", given.rows)
        held.append(_held(service) / 1e6)
        full.append(_resized(service, 2))
    before, after, megabytes = map(report.p50, (empty, full, held))
    rows = (
        ("a datanode that holds nothing goes", before, "", "", 1.0),
        (
            "one that holds its part goes",
            after,
            megabytes,
            megabytes / after,
            after / before,
        ),
    )
    print()
    report.table(("", "seconds", "MB handed over", "MB/s", "x nothing"), rows)


def _resized(service: embedded.Service, count: int) -> float:
    """Seconds from the request until the cluster has so many datanodes."""
    began = time.monotonic()
    service.cli(
        *("cluster", "resize", embedded.CLUSTER),
        *("--group", f"data:{count}", "--wait"),
    )
    return time.monotonic() - began


def _held(service: embedded.Service) -> float:
    """Bytes on the datanode that goes next: the last one."""
    (cluster,) = service.call("GET", f"clusters?name={embedded.CLUSTER}")["clusters"]
    (group,) = (g for g in cluster["node_groups"] if g["name"] == "data")
    last = max(group["instances"], key=lambda each: each["instance_name"])
    url = f"{cluster['info']['HDFS']['Web UI']}/jmx?qry=Hadoop:service=NameNode,"
    answer = requests.get(f"{url}name=NameNodeInfo", timeout=60)
    nodes = json.loads(answer.json()["beans"][0]["LiveNodes"])
    return next(
        entry["usedSpace"]
        for name, entry in nodes.items()
        if name.rpartition(":")[0] == last["internal_ip"]
    )


if __name__ == "__main__":
    main()
