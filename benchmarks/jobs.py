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
import importlib.util
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import time

import embedded
import psutil
import report

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

    def __init__(self, service: embedded.Service, template: str, cluster: str) -> None:
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
        while self._status() not in embedded.TERMINAL:
            time.sleep(0.02)
        self.known = time.time() - ended
        self.total = time.time() - asked
        if self._status() != "SUCCEEDED":
            sys.exit(f"job {self._id}: {self._status()}")

    def _status(self) -> str:
        job = self._service.call("GET", f"jobs/{self._id}")["job"]
        return job["info"]["status"]


def ticks(service: embedded.Service, program: pathlib.Path) -> list[float]:
    """For each line, seconds from the driver's clock to ``sparkaas run``'s output."""
    late = []
    with subprocess.Popen(
        [embedded.BIN / "sparkaas", "run", program, "--cluster", embedded.CLUSTER],
        env=service.environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        for line in process.stdout:
            if line.startswith("TICK"):
                late.append(time.time() - float(line.split()[2]))
    return late


def lines(
    service: embedded.Service, program: pathlib.Path, number: int
) -> tuple[float, int]:
    """Seconds of the whole run, and how many lines are missing or out of place."""
    before = time.time()
    done = service.cli(
        "run", str(program), "--cluster", embedded.CLUSTER, "--", str(number)
    )
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
        service = embedded.Service(state)
        with service.up(), service.cluster("--workers", "2"):
            _measure(service, programs, options)


def _measure(
    service: embedded.Service,
    programs: dict[str, pathlib.Path],
    options: argparse.Namespace,
) -> None:
    found = service.call("GET", f"clusters?name={embedded.CLUSTER}")["clusters"]
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
