# SPDX-License-Identifier: Apache-2.0
"""The control plane alone: one conductor, clusters of three nodes in a cloud of fakes
that takes no time.

    python benchmarks/control_plane.py [--clusters 10,100,1000]

For each number, in a process of its own: all clusters are asked for and come up, get a
worker more, and are deleted. Everything is real but the cloud and the plugin: checks,
SQLite on disk, leases, threads. The baseline is the smallest number.
"""

from __future__ import annotations

import argparse
import json
import os
import pathlib
import sys
import tempfile
import time
from collections.abc import Callable

import psutil
import report

from sparkaas import context as contexts
from sparkaas import model
from sparkaas.cmd import wiring
from sparkaas.conductor import worker
from sparkaas.db import clusters as db
from sparkaas.service import clusters
from sparkaas.testing import catalog
from sparkaas.testing import service

PROJECT = "0123456789abcdef0123456789abcdef"


def _until(condition: Callable[[], bool], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            sys.exit(f"not settled after {seconds} s")
        time.sleep(0.02)


class Run:
    """One conductor and its cloud."""

    def __init__(self, world: service.World, number: int) -> None:
        self._world = world
        self._number = number
        self._context = contexts.RequestContext(
            user_id="benchmark", project_id=PROJECT, roles=["admin", "member"]
        )
        self._ids: list[str] = []
        self.figures: dict[str, float] = {}

    def _all_are(self, status: str) -> bool:
        query = model.Query(filters={"status": status})
        return len(db.page(self._world.env.db, None, query).items) == self._number

    def _phase(
        self, name: str, ask: Callable[[int], object], nodes: int, status: str
    ) -> None:
        """Ask all; the phase ends when the cloud and the records are as asked."""
        before = time.perf_counter()
        for index in range(self._number):
            ask(index)
        self.figures[f"{name}_asked"] = time.perf_counter() - before
        cloud = self._world.infrastructure.nodes
        # The cloud is cheap to look at; the records are looked at only then.
        _until(lambda: len(cloud) == nodes * self._number, 1800)
        if status:
            _until(lambda: self._all_are(status), 600)
        else:
            page = model.Query(limit=1)
            env = self._world.env
            _until(lambda: not db.page(env.db, None, page).items, 600)
        self.figures[name] = time.perf_counter() - before
        self.figures[f"{name}_mb"] = psutil.Process().memory_info().rss / 2**20

    def create(self, index: int) -> None:
        groups = [
            {"name": n, "flavor_id": "1", "node_processes": [p], "count": c}
            for n, p, c in (("head", "namenode", 1), ("workers", "datanode", 2))
        ]
        body = {
            "name": f"cluster-{index:04}",
            "plugin_name": "fake",
            "plugin_version": "0.1",
            "default_image_id": catalog.FAKE_IMAGE,
            "neutron_management_network": catalog.NETWORK,
            "node_groups": groups,
        }
        made = clusters.create(self._world.env, self._context, body)
        self._ids.append(made.id)

    def resize(self, index: int) -> None:
        body = {"resize_node_groups": [{"name": "workers", "count": 3}]}
        clusters.resize(self._world.env, self._context, self._ids[index], body)

    def delete(self, index: int) -> None:
        clusters.delete(self._world.env, self._context, self._ids[index])

    def go(self) -> None:
        self.figures["idle_mb"] = psutil.Process().memory_info().rss / 2**20
        self._phase("create", self.create, 3, "Active")
        self._phase("resize", self.resize, 4, "Active")
        self._phase("delete", self.delete, 0, "")


def one(number: int) -> dict[str, float]:
    """The figures of one number, in this process."""
    with tempfile.TemporaryDirectory(prefix="sparkaas-benchmark-") as directory:
        world = service.World(
            directory=pathlib.Path(directory),
            clock=wiring.SystemClock(),  # type: ignore[arg-type]
        )
        conductor = worker.Conductor(world.env)
        world.bell.listener = conductor.wakeup.wake
        conductor.start()
        run = Run(world, number)
        try:
            run.go()
        finally:
            conductor.stop()
            world.close()
        times = os.times()
        return {**run.figures, "cpu": times.user + times.system}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition(":")[0])
    parser.add_argument("--clusters", default="10,100,1000", metavar="N,N,...")
    parser.add_argument("--one", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        print(json.dumps(one(options.one)))
        return
    report.environment()
    rows = []
    base: dict[str, float] = {}
    for number in map(int, options.clusters.split(",")):
        seen = report.alone(str(number))
        for phase in ("create", "resize", "delete"):
            rate = number / seen[phase]
            base.setdefault(phase, rate)
            rows.append(
                (
                    f"{phase} {number}",
                    seen[phase],
                    rate,
                    rate / base[phase],
                    number / seen[f"{phase}_asked"],
                    seen[f"{phase}_mb"],
                    seen[f"{phase}_mb"] - seen["idle_mb"],
                )
            )
    report.table(
        ("phase", "s", "clusters/s", "x smallest", "asked/s", "RSS MB", "grown MB"),
        rows,
    )


if __name__ == "__main__":
    main()
