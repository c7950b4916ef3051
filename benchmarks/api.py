# SPDX-License-Identifier: Apache-2.0
"""The API's latency and throughput with a full database.

    python benchmarks/api.py [--clusters 1000] [--jobs 10000] [--seconds 3]

Stores clusters and jobs in a new SQLite database, starts ``sparkaas-api`` on it in a
process of its own, and asks it over HTTP, each client on one connection. The baseline
is ``GET /``: HTTP server and middleware, no token, no database.
"""

from __future__ import annotations

import argparse
import datetime
import http.client
import itertools
import json
import os
import pathlib
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from collections.abc import Callable

import report

from sparkaas import model
from sparkaas import states
from sparkaas.api import auth
from sparkaas.cmd import setup
from sparkaas.cmd import state
from sparkaas.db import clusters
from sparkaas.db import job_templates
from sparkaas.db import jobs
from sparkaas.db import migration
from sparkaas.db import session
from sparkaas.plugins import registry

BIN = pathlib.Path(sys.executable).parent
FLAVOR = model.Flavor(id="2", name="small", vcpus=1, ram_mb=2048, disk_gb=20)
#: Never due: the records stand for settled ones.
NEVER = datetime.datetime(9999, 1, 1, tzinfo=datetime.UTC)


def _group(name: str, process: str, count: int) -> model.NodeGroup:
    return model.NodeGroup(
        id=str(uuid.uuid4()),
        name=name,
        flavor_id=FLAVOR.id,
        flavor=FLAVOR,
        node_processes=(process,),
        count=count,
        indices=tuple(range(1, count + 1)),
    )


def _cluster(number: int, version: str) -> model.Cluster:
    groups = (_group("master", "master", 1), _group("worker", "slave", 2))
    name = f"cluster-{number}"
    instances = tuple(
        model.Instance(
            id=str(uuid.uuid4()),
            name=f"{name}-{group.name}-{index}",
            node_group_id=group.id,
            instance_id=str(uuid.uuid4()),
            internal_ip=f"127.64.{number % 250}.{index}",
        )
        for group in groups
        for index in group.indices
    )
    now = datetime.datetime.now(datetime.UTC)
    return model.Cluster(
        id=str(uuid.uuid4()),
        project_id=auth.LOCAL_PROJECT,
        name=name,
        plugin_name="spark",
        plugin_version=version,
        node_groups=groups,
        instances=instances,
        generation=1,
        observed_generation=1,
        condition=states.Condition.ACTIVE,
        active_at=now,
        created_at=now,
        next_run_at=NEVER,
    )


def fill(path: pathlib.Path, number: int, job_number: int) -> tuple[str, list[str]]:
    """Store that many of each; returns Spark's version and the clusters' ids."""
    environ = {"SPARKAAS_STATE": str(path)}
    conf = setup.load(setup.options(environ), [], "benchmark", "")
    version = registry.load(conf)["spark"].versions()[0].name
    database = session.connect(conf)
    migration.upgrade(database)
    ids = [clusters.create(database, _cluster(i, version)).id for i in range(number)]
    template = job_templates.create(
        database,
        model.JobTemplate(
            id=str(uuid.uuid4()),
            project_id=auth.LOCAL_PROJECT,
            name="template",
            type="Shell",
        ),
    )
    for index in range(job_number):
        jobs.create(
            database,
            model.Job(
                id=str(uuid.uuid4()),
                project_id=auth.LOCAL_PROJECT,
                name="template",
                job_template_id=template.id,
                type="Shell",
                cluster_id=ids[index % len(ids)],
                outcome=states.JobStatus.SUCCEEDED,
                return_code="0",
                generation=1,
                observed_generation=1,
                next_run_at=NEVER,
            ),
        )
    database.dispose()
    return version, ids


class Client:
    """One connection, kept open."""

    def __init__(self, port: int, token: str, version: str = "2.1") -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self._headers = {
            "X-Auth-Token": token,
            "OpenStack-API-Version": f"data-processing {version}",
            "Content-Type": "application/json",
        }

    def ask(self, method: str, path: str, body: object = None) -> dict:
        """The answer's body; a status that is no success ends the run."""
        data = None if body is None else json.dumps(body)
        self._connection.request(method, path, data, self._headers)
        answer = self._connection.getresponse()
        text = answer.read()
        if answer.status not in (200, 202, 300):
            sys.exit(f"{method} {path}: {answer.status} {text.decode()}")
        return json.loads(text)


def measure(
    request: Callable[[Client], object],
    connect: Callable[[], Client],
    seconds: float,
    clients: int,
) -> tuple[list[float], float]:
    """Milliseconds of each request, and requests per second, of ``clients`` that ask
    as fast as they get answers; each at least three times."""
    took: list[float] = []
    ready = threading.Barrier(clients + 1)

    def run() -> None:
        client = connect()
        request(client)
        ready.wait()
        until = time.perf_counter() + seconds
        asked = 0
        while asked < 3 or time.perf_counter() < until:
            asked += 1
            before = time.perf_counter()
            request(client)
            took.append((time.perf_counter() - before) * 1000)

    threads = [threading.Thread(target=run) for _ in range(clients)]
    for thread in threads:
        thread.start()
    ready.wait()
    started = time.perf_counter()
    for thread in threads:
        thread.join()
    return took, len(took) / (time.perf_counter() - started)


def _requests(
    version: str, ids: list[str], marker: str
) -> dict[str, Callable[[Client], object]]:
    numbers = itertools.count()
    chosen = itertools.cycle(ids)

    def create(client: Client) -> object:
        groups = [
            {"name": n, "flavor_id": FLAVOR.id, "node_processes": [p], "count": c}
            for n, p, c in (("master", "master", 1), ("worker", "slave", 2))
        ]
        body = {
            "name": f"new-{next(numbers)}",
            "plugin_name": "spark",
            "plugin_version": version,
            "node_groups": groups,
        }
        return client.ask("POST", "/v2/clusters", body)

    def get(path: str) -> Callable[[Client], object]:
        return lambda client: client.ask("GET", path)

    return {
        "baseline: GET /": get("/"),
        "list plugins": get("/v2/plugins"),
        "show a cluster": lambda c: c.ask("GET", f"/v2/clusters/{next(chosen)}"),
        "list 20 clusters": get("/v2/clusters?limit=20"),
        "list 20 clusters, from the middle": get(
            f"/v2/clusters?limit=20&marker={marker}"
        ),
        "list all clusters": get("/v2/clusters"),
        "list 20 jobs": get("/v2/jobs?limit=20"),
        "list 20 jobs, newest first": get("/v2/jobs?limit=20&sort_by=-created_at"),
        "list all jobs": get("/v2/jobs"),
        "create a cluster": create,
    }


def serve(path: pathlib.Path, port: int) -> subprocess.Popen[bytes]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith("OS_")}
    process = subprocess.Popen(
        [BIN / "sparkaas-api", "--api-port", str(port), "--log-file", path / "log"],
        env={
            **kept,
            "SPARKAAS_STATE": str(path),
            "OS_DEFAULT__TRANSPORT_URL": "fake://",
        },
    )
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return process
        time.sleep(0.1)
    process.kill()
    sys.exit(f"sparkaas-api did not start: {(path / 'log').read_text()[-2000:]}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--clusters", type=int, default=1000)
    parser.add_argument("--jobs", type=int, default=10000)
    parser.add_argument("--seconds", type=float, default=3.0, help="for each figure")
    options = parser.parse_args()
    report.environment()
    with tempfile.TemporaryDirectory(prefix="sparkaas-benchmark-") as directory:
        path = pathlib.Path(directory)
        state.make(path)
        before = time.perf_counter()
        version, ids = fill(path, options.clusters, options.jobs)
        print(
            f"{options.clusters} clusters and {options.jobs} jobs stored in "
            f"{time.perf_counter() - before:.1f} s\n",
            flush=True,
        )
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        process = serve(path, port)
        try:
            _measure_all(path, port, version, ids, options.seconds)
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(30)


def _measure_all(
    path: pathlib.Path, port: int, version: str, ids: list[str], seconds: float
) -> None:
    token = state.token(path)

    def connect() -> Client:
        return Client(port, token)

    rows = []
    base = 0.0
    marker = sorted(ids)[len(ids) // 2]
    for name, request in _requests(version, ids, marker).items():
        alone, rate = measure(request, connect, seconds, 1)
        _, rate8 = measure(request, connect, seconds, 8)
        middle = report.p50(alone)
        base = base or middle
        rows.append(
            (name, middle, report.percentile(alone, 0.99), middle / base, rate, rate8)
        )
    report.table(
        ("request", "p50 ms", "p99 ms", "x baseline", "1 client/s", "8 clients/s"),
        rows,
    )


if __name__ == "__main__":
    main()
