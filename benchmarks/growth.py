# SPDX-License-Identifier: Apache-2.0
"""The driver ``openstack`` and the conductor over a cloud in memory: how their own work
grows with the nodes of a cluster, and with clusters that are asked for at once.

    python benchmarks/growth.py [--sizes 1x3,1x50,1x100,1x200,10x3,50x3]

As ``benchmarks/fleet.py``, but nobody else's work is in it: Heat, Nova and Keystone are
objects of this process that take no time, a stack is done when it has been looked at
``--looks`` times, and the database is SQLite. A size is CLUSTERSxNODES and has a
process of its own. Everything is per node, and then against the first size; the memory
has what the pretended cloud keeps in it, too.
"""

from __future__ import annotations

import argparse
import json
import pathlib
import tempfile
from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Mapping
from typing import Any

import fleet
import report

from sparkaas import context as contexts
from sparkaas import model
from sparkaas.cmd import wiring
from sparkaas.conductor import worker
from sparkaas.db import session
from sparkaas.infra.openstack import driver
from sparkaas.infra.openstack import resources
from sparkaas.service import clusters
from sparkaas.service import env as service_env
from sparkaas.service import lending
from sparkaas.testing import catalog
from sparkaas.testing import heat
from sparkaas.testing import service
from sparkaas.testing import spark_cluster

_COUNTED = ("cpu ms", "sql", "calls")
_CONTEXT = contexts.RequestContext(
    user_id="benchmark", project_id="p", roles=["admin", "member"]
)


class _Driver(driver.OpenStackInfrastructure):
    """Accepts what is asked: the pretended cloud has no limits to ask for."""

    def check(self, cluster: model.Cluster) -> None:
        """Takes any cluster."""


class _Counted:
    """Any object; counts the calls of its methods, and of those of its parts."""

    def __init__(self, inner: Any, count: Callable[[], None]) -> None:
        self._inner = inner
        self._count = count

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._inner, name)
        if isinstance(found, str):
            return found
        return _Counted(found, self._count)

    def __call__(self, *words: Any, **options: Any) -> Any:
        self._count()
        return self._inner(*words, **options)


class _Clouds(heat.Clouds):
    """Counts what is asked of the cloud."""

    def __init__(self, world: heat.World) -> None:
        super().__init__(world)
        self.calls = 0
        self._cloud = _Counted(heat.Cloud(world), self._one)  # type: ignore[assignment]
        self.service = self._cloud

    def _one(self) -> None:
        self.calls += 1


class _Run:
    """One size, in this process."""

    def __init__(self, env: service_env.Env, clouds: _Clouds, nodes: int) -> None:
        self._env = env
        self._clouds = clouds
        self._nodes = nodes
        self._meter = fleet.Meter(env.db.engine)
        self._ids: list[str] = []
        # The same file, by another engine.
        again = session.Database(str(env.db.engine.url))
        self._watch = fleet.Watch(again, self._ids)

    def go(self, count: int) -> dict[str, dict[str, float]]:
        """The figures of each phase."""
        figures = {}
        env = self._env.for_caller(_CONTEXT)
        for phase, ask, status in (
            ("create", lambda: self._create(env, count), "Active"),
            ("look", lambda: self._verify(env), "Active"),
            ("delete", lambda: self._delete(env), ""),
        ):
            self._meter.read()
            self._clouds.calls = 0
            ask()
            self._watch.until(status)
            seen = self._meter.read()
            more = {"calls": self._clouds.calls, "cpu ms": seen["cpu"] * 1000}
            figures[phase] = {**seen, **more}
        return figures

    def _create(self, env: service_env.Env, count: int) -> None:
        shape = ("master", "master", 1), ("worker", "slave", self._nodes - 1)
        groups = [
            {"name": name, "flavor_id": "2", "node_processes": [process], "count": n}
            for name, process, n in shape
        ]
        for number in range(count):
            body = {
                "name": f"growth-{number}",
                "plugin_name": "spark",
                "plugin_version": "4.3.0",
                "default_image_id": catalog.SPARK_IMAGE,
                "neutron_management_network": catalog.NETWORK,
                "node_groups": groups,
            }
            self._ids.append(clusters.create(env, _CONTEXT, body).id)

    def _verify(self, env: service_env.Env) -> None:
        for id in self._ids:
            clusters.verify(env, _CONTEXT, id)

    def _delete(self, env: service_env.Env) -> None:
        for id in self._ids:
            clusters.delete(env, _CONTEXT, id)


def _one(size: tuple[int, int], looks: int) -> dict[str, dict[str, float]]:
    count, nodes = size
    with tempfile.TemporaryDirectory(prefix="sparkaas-benchmark-") as directory:
        world = service.World(
            directory=pathlib.Path(directory),
            clock=wiring.SystemClock(),  # type: ignore[arg-type]
            further_plugins={"spark": spark_cluster.plugin()},
        )
        clouds = _Clouds(heat.World(looks))
        reach = fleet.Reach()
        made = _Driver(
            clouds,  # type: ignore[arg-type]
            reach,
            site=resources.Site(),
            stack_minutes=60,
            trust_roles=("member",),
            installation=lambda: "benchmark",
        )
        lent = lending.Lending(made, world.env.secrets)
        env = world.change(infrastructure=lent, reach=reach)
        conductor = worker.Conductor(env)
        world.bell.listener = conductor.wakeup.wake
        conductor.start()
        try:
            return _Run(env, clouds, nodes).go(count)
        finally:
            conductor.stop()
            world.close()


def _rows(
    size: str, figures: Mapping[str, Mapping[str, float]], base: dict[str, float]
) -> Iterator[tuple[object, ...]]:
    count, nodes = fleet.shape(size)
    total = count * nodes
    for phase, seen in figures.items():
        cells: list[object] = []
        for name in _COUNTED:
            value = seen[name] / total
            first = base.setdefault(f"{phase} {name}", value)
            cells += [value, value / first if first else 0.0]
        yield f"{size} {phase}", seen["s"], *cells, seen["mb"], seen["most"]


def main() -> None:
    """Run the benchmark and print its figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--sizes", default="1x3,1x50,1x100,1x200,10x3,50x3")
    parser.add_argument("--looks", type=int, default=10)
    parser.add_argument("--one", type=fleet.shape, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.one:
        print(json.dumps(_one(asked.one, asked.looks)))
        return
    report.environment()
    rows: list[tuple[object, ...]] = []
    base: dict[str, float] = {}
    for size in asked.sizes.split(","):
        rows += _rows(size, report.alone(size), base)
    per_node = (word for name in _COUNTED for word in (f"{name}/node", "x first"))
    report.table(("size phase", "s", *per_node, "RSS MB", "most MB"), rows)


if __name__ == "__main__":
    main()
