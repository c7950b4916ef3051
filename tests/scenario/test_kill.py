# SPDX-License-Identifier: Apache-2.0
"""The service killed with ``kill -9`` beside a side effect, with real processes.

A cluster's whole life, four times: in each phase (create, resize, job, delete) the
service dies at another effect that the phase has, is started again, and must end in
exactly the asked state: nothing twice, nothing left.
"""

from __future__ import annotations

import signal
import sqlite3

import psutil
import pytest
import requests

from tests.scenario import harness

pytestmark = pytest.mark.slow

LIVES = [
    {
        "create": "before secrets.put",
        "resize": "before infrastructure.ensure",
        "type": "Shell",
        "job": "before remote.write_file",
        "delete": "before infrastructure.delete",
    },
    {
        "create": "after secrets.put",
        "resize": "after infrastructure.ensure",
        "type": "Shell",
        "job": "after remote.write_file",
        "delete": "after infrastructure.delete",
    },
    {
        "create": "before infrastructure.ensure",
        "type": "PySpark",
        "job": "before remote.run",
        "delete": "before secrets.delete",
    },
    {
        "create": "after infrastructure.ensure",
        "type": "PySpark",
        "job": "after remote.run",
        "delete": "after secrets.delete",
    },
]

LINES = 500

UNDER_WAY = {"PENDING", "RUNNING", "TOBEKILLED"}

#: Each says that it starts, once it does, and then LINES lines.
PROGRAMS = {
    "PySpark": f"""\
import pathlib, sys
with open(sys.argv[1], "a") as starts:
    starts.write("started\\n")
from pyspark.sql import SparkSession
spark = SparkSession.builder.getOrCreate()
total = spark.sparkContext.parallelize(range(100), 2).sum()
for number in range({LINES}):
    print(f"line {{number}} of {{total}}")
spark.stop()
""",
    "Shell": f"""\
echo started >> "$1"
number=0
while [ $number -lt {LINES} ]; do
    echo "line $number of 4950"
    number=$((number + 1))
done
""",
}


def _dies(service: harness.Service, effect: str, ask) -> None:
    """Have the service die at ``effect`` of what ``ask`` asks; start it again."""
    service.weakness.write_text(effect)
    ask()
    code = service.wait(120)
    assert code == -signal.SIGKILL, f"{effect} never happened: {service.output()}"
    service.weakness.unlink()
    service.start(mortal=True)


def _cluster(service: harness.Service, id: str) -> dict:
    return service.call("GET", f"clusters/{id}?show_progress=true").json()["cluster"]


def _active(service: harness.Service, id: str):
    def look():
        cluster = _cluster(service, id)
        assert cluster["status"] != "Error", cluster
        return cluster if cluster["status"] == "Active" else None

    return harness.wait_for(look, 120, "the cluster is Active")


def _java(service: harness.Service, main_class: str) -> list[psutil.Process]:
    return [
        process
        for process in harness.processes_below(service.state)
        if main_class in process.cmdline()
    ]


def _check_nodes(service: harness.Service, cluster: dict, workers: int) -> None:
    """One master process, ``workers`` worker processes, all known to the master."""
    master = "org.apache.spark.deploy.master.Master"
    worker = "org.apache.spark.deploy.worker.Worker"
    assert len(_java(service, master)) == 1
    assert len(_java(service, worker)) == workers
    nodes = list((service.state / "nodes" / cluster["id"]).iterdir())
    instances = [i for g in cluster["node_groups"] for i in g["instances"]]
    assert len(instances) == workers + 1
    assert {i["instance_name"] for i in instances} <= {n.name for n in nodes}
    url = cluster["info"]["Spark"]["Web UI"] + "/json/"
    state = requests.get(url, timeout=10).json()
    alive = [w for w in state["workers"] if w["state"] == "ALIVE"]
    assert len(alive) == workers
    for step in cluster["provision_progress"]:
        assert step["successful"] is True, step


def _create(service: harness.Service, effect: str) -> str:
    def ask() -> None:
        done = service.cli("cluster", "create", "mortal", "--workers", "1")
        assert done.returncode == 0, done.stderr

    _dies(service, effect, ask)
    (cluster,) = service.call("GET", "clusters").json()["clusters"]
    _check_nodes(service, _active(service, cluster["id"]), workers=1)
    return str(cluster["id"])


def _resize(service: harness.Service, id: str, effect: str) -> None:
    body = {"resize_node_groups": [{"name": "worker", "count": 2}]}

    def ask() -> None:
        answer = service.call("PUT", f"clusters/{id}", body)
        assert answer.status_code == 202, answer.text

    _dies(service, effect, ask)
    _check_nodes(service, _active(service, id), workers=2)


def _template(service: harness.Service, type: str) -> str:
    """A job template of one uploaded program; its id."""
    binary = service.call("POST", "job-binaries", {"name": "lines.py"}).json()
    id = binary["job_binary"]["id"]
    upload = service.call(
        "PUT", f"job-binaries/{id}/data", data=PROGRAMS[type].encode()
    )
    assert upload.status_code == 202, upload.text
    body = {"name": "lines", "type": type, "mains": [id]}
    made = service.call("POST", "job-templates", body)
    assert made.status_code == 202, made.text
    return str(made.json()["job_template"]["id"])


def _job(service: harness.Service, id: str, type: str, effect: str, tmp_path) -> None:
    starts = tmp_path / "starts"
    template = _template(service, type)
    body = {
        "job_template_id": template,
        "cluster_id": id,
        "job_configs": {"args": [str(starts)]},
    }
    ids: list[str] = []

    def ask() -> None:
        launched = service.call("POST", "jobs", body)
        assert launched.status_code == 202, launched.text
        ids.append(launched.json()["job"]["id"])

    _dies(service, effect, ask)
    job = harness.wait_for(lambda: _ended(service, ids[0]), 120, "the job has ended")
    assert job["info"]["status"] == "SUCCEEDED", (job, service.output())
    assert starts.read_text() == "started\n"
    log = service.call("GET", f"jobs/{job['id']}/logs/stdout?limit=1000000").text
    expected = [f"line {number} of 4950" for number in range(LINES)]
    assert [line for line in log.splitlines() if line.startswith("line")] == expected


def _ended(service: harness.Service, id: str):
    job = service.call("GET", f"jobs/{id}").json()["job"]
    return None if job["info"]["status"] in UNDER_WAY else job


def _delete(service: harness.Service, id: str, effect: str) -> None:
    def ask() -> None:
        assert service.call("DELETE", f"clusters/{id}").status_code == 204

    _dies(service, effect, ask)
    harness.wait_for(
        lambda: service.call("GET", f"clusters/{id}").status_code == 404,
        60,
        "the cluster is gone",
    )
    assert _java(service, "org.apache.spark.deploy.master.Master") == []
    assert not (service.state / "nodes" / id).exists()
    with sqlite3.connect(service.state / "sparkaas.sqlite") as database:
        for table in ("clusters", "instances", "node_groups", "secrets"):
            (rows,) = database.execute(f"SELECT COUNT(*) FROM {table}").fetchone()  # noqa: S608
            assert rows == 0, f"{rows} rows left in {table}"
    database.close()


@pytest.mark.timeout(600)
@pytest.mark.parametrize("life", LIVES, ids=lambda life: life["create"])
def test_a_kill_beside_any_effect_loses_and_doubles_nothing(
    new_service, life, tmp_path
):
    # A dead conductor's lease holds its record until it runs out.
    options = tmp_path / "sparkaas.conf"
    options.write_text("[conductor]\nlease_seconds = 3\n")
    service = new_service("--config-file", str(options))
    service.start(mortal=True)
    id = _create(service, life["create"])
    if "resize" in life:
        _resize(service, id, life["resize"])
    _job(service, id, life["type"], life["job"], tmp_path)
    _delete(service, id, life["delete"])
