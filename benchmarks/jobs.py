# SPDX-License-Identifier: Apache-2.0
"""Jobs on real Spark: how soon they start, how soon one knows that they ended, how
soon a line is seen, and that no line is lost.

    python benchmarks/jobs.py [--jobs 12] [--lines 200000]

Starts ``sparkaas-all`` on a new state directory, with a cluster of one master and two
workers. The baseline is the same program under ``spark-submit`` typed by hand, with
``local[1]``: what Spark itself takes.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib.util
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator

import psutil
import report
import requests

BIN = pathlib.Path(sys.executable).parent
CLUSTER = "benchmark"
TERMINAL = {"SUCCEEDED", "FAILED", "KILLED", "DONEWITHERROR"}

#: Tells when and as which process the driver runs, then uses Spark once.
START = """\
import os, time
print("FIRST", time.time(), os.getpid(), os.getppid(), flush=True)
from pyspark.sql import SparkSession
spark = SparkSession.builder.getOrCreate()
print("SUM", spark.range(1000).selectExpr("sum(id)").first()[0], flush=True)
spark.stop()
"""
#: Says what time it is, and the time itself does not hurry.
TICK = """\
import time
for number in range(40):
    print("TICK", number, time.time(), flush=True)
    time.sleep(0.25)
"""
LINES = """\
import sys
for number in range(int(sys.argv[1])):
    print("line", number)
"""


class Service:
    """A running ``sparkaas-all`` and the ways to talk to it."""

    def __init__(self, state: pathlib.Path) -> None:
        kept = {k: v for k, v in os.environ.items() if not k.startswith("OS_")}
        self.environ = {**kept, "SPARKAAS_STATE": str(state)}
        self._state = state
        self._http = requests.Session()
        self._http.headers["OpenStack-API-Version"] = "data-processing 2.1"

    @contextlib.contextmanager
    def running(self) -> Iterator[None]:
        """Up, with a cluster; everything is gone afterwards."""
        with (self._state / "out").open("wb") as out:
            process = subprocess.Popen(
                [BIN / "sparkaas-all", "--api-port", "0"],
                env=self.environ,
                stdout=out,
                stderr=out,
            )
        file = self._state / "endpoint.json"
        try:
            _until(lambda: file.exists() or process.poll() is not None, 60)
            if process.poll() is not None:
                sys.exit((self._state / "out").read_text())
            endpoint = json.loads(file.read_text())
            self._url = endpoint["url"] + "/v2/"
            self._http.headers["X-Auth-Token"] = endpoint["token"]
            self.cli("cluster", "create", CLUSTER, "--workers", "2", "--wait")
            try:
                yield
            finally:
                self.cli("cluster", "delete", CLUSTER, "--wait")
        finally:
            process.terminate()
            process.wait(30)

    def cli(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """One ``sparkaas`` command; ends the run when it fails."""
        done = subprocess.run(
            [BIN / "sparkaas", *arguments],
            env=self.environ,
            capture_output=True,
            text=True,
        )
        if done.returncode:
            sys.exit(f"sparkaas {' '.join(arguments)}:\n{done.stdout}{done.stderr}")
        return done

    def call(self, method: str, path: str, body: object = None) -> dict:
        """One request below /v2."""
        answer = self._http.request(method, self._url + path, json=body, timeout=60)
        if not answer.ok:
            sys.exit(f"{method} {path}: {answer.status_code} {answer.text}")
        return answer.json()

    def template(self, name: str, program: str) -> str:
        """A PySpark job template with the program uploaded; returns its id."""
        binary = self.call("POST", "job-binaries", {"name": f"{name}.py"})
        id = binary["job_binary"]["id"]
        answer = self._http.put(
            f"{self._url}job-binaries/{id}/data", data=program.encode(), timeout=60
        )
        answer.raise_for_status()
        made = self.call(
            "POST", "job-templates", {"name": name, "type": "PySpark", "mains": [id]}
        )
        return made["job_template"]["id"]

    def log(self, job_id: str) -> str:
        """What the driver wrote on its standard output."""
        answer = self._http.get(
            f"{self._url}jobs/{job_id}/logs/stdout?offset=0", timeout=60
        )
        answer.raise_for_status()
        return answer.text


def _until(condition, seconds: float, pause: float = 0.05) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            sys.exit(f"nothing happened in {seconds} s")
        time.sleep(pause)


def _started_at(pid: int) -> float:
    """By the kernel's clock ticks since boot: ``create_time`` knows the boot to the
    second only."""
    stat = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    uptime = float(pathlib.Path("/proc/uptime").read_text().split()[0])
    return time.time() - uptime + int(stat[19]) / os.sysconf("SC_CLK_TCK")


def _driver(text: str) -> tuple[float, int, int] | None:
    """(time of the program's first line, its pid, its parent's pid)."""
    found = re.search(r"^FIRST ([\d.]+) (\d+) (\d+)$", text, re.MULTILINE)
    return (float(found[1]), int(found[2]), int(found[3])) if found else None


def by_hand(program: pathlib.Path) -> float:
    """Seconds from typing spark-submit to the program's first line."""
    spec = importlib.util.find_spec("pyspark")
    home = pathlib.Path(spec.submodule_search_locations[0])
    started = time.time()
    with subprocess.Popen(
        [home / "bin" / "spark-submit", "--master", "local[1]", program],
        env={**os.environ, "PYSPARK_PYTHON": sys.executable},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        first = 0.0
        for line in process.stdout:
            if line.startswith("FIRST"):
                first = float(line.split()[1])
    return first - started


class Timeline:
    """What happened when in one job: seconds after it was asked for."""

    def __init__(self, service: Service, template: str, cluster: str) -> None:
        asked = time.time()
        body = {"job_template_id": template, "cluster_id": cluster}
        job = service.call("POST", "jobs", body)["job"]
        self._service, self._id = service, job["id"]
        driver = None
        while driver is None:
            driver = _driver(service.log(self._id))
            time.sleep(0.02)
        first, _, parent = driver
        self.process = _started_at(parent) - asked
        self.first_line = first - asked
        # A zombie has ended too: its exit is what the service has to notice.
        process = psutil.Process(parent)
        while process.is_running() and process.status() != psutil.STATUS_ZOMBIE:
            time.sleep(0.005)
        ended = time.time()
        while self._status() not in TERMINAL:
            time.sleep(0.02)
        self.known = time.time() - ended
        self.total = time.time() - asked
        if self._status() != "SUCCEEDED":
            sys.exit(f"job {self._id}: {self._status()}")

    def _status(self) -> str:
        job = self._service.call("GET", f"jobs/{self._id}")["job"]
        return job["info"]["status"]


def ticks(service: Service, program: pathlib.Path) -> list[float]:
    """For each line, seconds from the driver's clock to ``sparkaas run``'s output."""
    late = []
    with subprocess.Popen(
        [BIN / "sparkaas", "run", program, "--cluster", CLUSTER],
        env=service.environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        for line in process.stdout:
            if line.startswith("TICK"):
                late.append(time.time() - float(line.split()[2]))
    return late


def lines(service: Service, program: pathlib.Path, number: int) -> tuple[float, int]:
    """Seconds of the whole run, and how many lines are missing or out of place."""
    before = time.time()
    done = service.cli("run", str(program), "--cluster", CLUSTER, "--", str(number))
    took = time.time() - before
    seen = [line for line in done.stdout.splitlines() if line.startswith("line ")]
    wanted = [f"line {index}" for index in range(number)]
    if seen == wanted:
        return took, 0
    return took, sum(a != b for a, b in zip(seen, wanted, strict=False)) + abs(
        len(seen) - len(wanted)
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition(":")[0])
    parser.add_argument("--jobs", type=int, default=12)
    parser.add_argument("--lines", type=int, default=200_000)
    options = parser.parse_args()
    report.environment()
    with tempfile.TemporaryDirectory(prefix="sparkaas-benchmark-") as directory:
        path = pathlib.Path(directory)
        programs = {}
        for name, text in (("start", START), ("tick", TICK), ("lines", LINES)):
            programs[name] = path / f"{name}.py"
            programs[name].write_text(text)
        state = path / "state"
        state.mkdir(mode=0o700)
        service = Service(state)
        with service.running():
            _measure(service, programs, options)


def _measure(
    service: Service, programs: dict[str, pathlib.Path], options: argparse.Namespace
) -> None:
    found = service.call("GET", f"clusters?name={CLUSTER}")["clusters"]
    template = service.template("start", START)
    hand = [by_hand(programs["start"]) for _ in range(3)]
    base = report.p50(hand)
    seen = [Timeline(service, template, found[0]["id"]) for _ in range(options.jobs)]
    late = ticks(service, programs["tick"])
    took, wrong = lines(service, programs["lines"], options.lines)
    rows: list[tuple[object, ...]] = []
    for name, values in (
        ("baseline: spark-submit by hand, to the first line", hand),
        ("asked to driver's process started", [one.process for one in seen]),
        ("asked to driver's first line", [one.first_line for one in seen]),
        ("driver's exit to status", [one.known for one in seen]),
        ("asked to status", [one.total for one in seen]),
        ("a line, from driver to terminal", late),
    ):
        middle = report.p50(values)
        rows.append(
            (
                name,
                len(values),
                middle,
                report.percentile(values, 0.99),
                max(values),
                middle / base,
            )
        )
    report.table(("seconds", "n", "p50", "p99", "max", "x baseline"), rows)
    print(
        f"{options.lines} numbered lines: {wrong} lost or out of place; the run took "
        f"{took:.1f} s ({options.lines / took:.0f} lines/s with start and end)"
    )


if __name__ == "__main__":
    main()
