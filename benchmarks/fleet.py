# SPDX-License-Identifier: Apache-2.0
"""The control plane on a real OpenStack whose servers are none: how its work grows with
the nodes of a cluster, and with the clusters that are asked for at once.

    tests/cloud/fleet up
    . .cache/cloud/openrc-fleet
    python benchmarks/fleet.py --config-file .cache/cloud/fleet.conf --image NAME \
        --flavor NAME --network NAME --zone NAME [--sizes 1x3,1x50,1x200,10x3,50x3]

A size is CLUSTERSxNODES. Each has a process of its own, with the API's functions and
one conductor in it; they speak to Keystone, Heat, Nova, Neutron and Glance, and to the
database of the configuration (SQLite on disk if that names none). Only the way to the
nodes is a fake: they answer at once, and as ready. So what SSH takes is not in it.

All clusters of a size are asked for (by ``--asking`` threads) and come up, are looked
at once, and are deleted. Time that is Heat's own is from its records of each stack, to
whole seconds; ``to ask`` is until the last request was answered. CPU, SQL statements
and requests to the cloud are per node, and then against the first size (what an API
redirects is one); ``most MB`` is the largest resident size so far.
"""

from __future__ import annotations

import argparse
import collections
import concurrent.futures
import dataclasses
import datetime
import json
import resource
import sys
import tempfile
import time
import uuid
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any

import openstack
import psutil
import report
import sqlalchemy as sa

from sparkaas import context as contexts
from sparkaas import exceptions
from sparkaas import interfaces
from sparkaas import meters
from sparkaas import model
from sparkaas.cmd import setup
from sparkaas.cmd import wiring
from sparkaas.conductor import worker
from sparkaas.db import clusters as db
from sparkaas.db import migration
from sparkaas.db import models
from sparkaas.db import session
from sparkaas.infra.openstack import driver
from sparkaas.infra.openstack import names
from sparkaas.service import clusters
from sparkaas.service import env as service_env
from sparkaas.service import lending

_DEADLINE = 3600
_TURN = 0.2
#: What is told of each phase, per node; the services as the service's meters call them.
_SERVICES = ("identity", "orchestration", "compute", "network", "image")


class Node:
    """An ``interfaces.Remote`` to a node that is all that it should be."""

    python = "python3"
    work_directory = "/srv/jobs"

    def __init__(self, cluster: model.Cluster, instance: model.Instance) -> None:
        self._cluster = cluster
        self._digest = instance.facts.get("digest", "")

    def expand(self, text: str) -> str:
        return text

    def run(self, argv: Sequence[str], **options: Any) -> interfaces.Completed:
        services = {"spark": {"state": "ready", "detail": ""}}
        status = {"digest": self._digest, "error": "", "services": services}
        return interfaces.Completed(0, json.dumps(status).encode(), b"")

    def write_file(self, path: str, chunks: Iterable[bytes], **options: Any) -> None:
        collections.deque(chunks, maxlen=0)

    def read_file(self, path: str, **options: Any) -> bytes:
        raise exceptions.NotFound(f"There is no file {path}")

    def fetch(self, url: str, **options: Any) -> bytes:
        """As the master tells of its workers."""
        workers = [
            {"host": each.internal_ip, "state": "ALIVE"}
            for each in self._cluster.instances
        ]
        return json.dumps({"status": "ALIVE", "workers": workers}).encode()


class Reach:
    """An ``interfaces.Reach`` to such nodes."""

    def logins(self, cluster: model.Cluster) -> tuple[interfaces.Login, ...]:
        return ()

    def to(self, cluster: model.Cluster, instance: model.Instance) -> Node:
        return Node(cluster, instance)

    administer = to


def _environment(config_file: str, directory: str) -> tuple[service_env.Env, Any]:
    """The service's world, and the way by which its bell rings."""
    conf = setup.load(setup.options(), ["--config-file", config_file], "fleet", "")
    conf.set_override("state_path", directory, "service")
    messages = wiring.transport(conf, "fake://")
    env = wiring.build_env(conf, messages)
    reach = Reach()
    made = driver.from_conf(conf, reach, wiring.installation(env.secrets))
    migration.upgrade(env.db)
    lent = lending.Lending(made, env.secrets)
    return dataclasses.replace(env, reach=reach, infrastructure=lent), messages


class Meter:
    """What this process did since the last reading."""

    def __init__(self, engine: sa.Engine) -> None:
        self._statements = 0
        sa.event.listen(engine, "before_cursor_execute", self._count)
        self._last: dict[str, float] = {}
        self.read()

    def read(self) -> dict[str, float]:
        """Seconds, CPU seconds, SQL statements, requests; the megabytes are as of
        now, and the most there ever were."""
        now = {
            "s": time.monotonic(),
            "cpu": time.process_time(),
            "sql": float(self._statements),
            **dict.fromkeys(_SERVICES, 0.0),
            **_requests(),
        }
        done = {name: value - self._last.get(name, 0.0) for name, value in now.items()}
        self._last = now
        most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        return {**done, "mb": psutil.Process().memory_info().rss / 2**20, "most": most}

    def _count(self, *execution: Any) -> None:
        self._statements += 1


def _requests() -> dict[str, float]:
    """How many there were to each of the cloud's services."""
    found: collections.Counter[str] = collections.Counter()
    for metric in meters.CALLS.collect():
        for sample in metric.samples:
            if sample.name.endswith("_total"):
                found[sample.labels["service"]] += int(sample.value)
    return dict(found)


class Watch:
    """Looks at clusters through a database of its own, so that nobody counts it."""

    def __init__(self, database: session.Database, ids: Sequence[str]) -> None:
        self._database = database
        self._ids = ids

    def until(self, status: str) -> None:
        """Wait until all are in that state with nothing left to do, or, without one,
        until all are gone. Ends the process for one that failed, or is too late."""
        limit = time.monotonic() + _DEADLINE
        while not self._all_are(status):
            if time.monotonic() > limit:
                sys.exit(f"Not done after {_DEADLINE} s: {self._states()}")
            time.sleep(_TURN)

    def _all_are(self, status: str) -> bool:
        states = self._states()
        for found, reason, _ in states:
            if found == "Error" and status:
                sys.exit(f"A cluster failed: {reason}")
        return all(found == status and not waits for found, _, waits in states)

    def _states(self) -> list[tuple[str, Any, bool]]:
        """Of each of those that are there: status, reason, whether a look at it was
        asked for and not taken."""
        table = models.Cluster
        waits = table.verify_asked != table.verify_done
        query = sa.select(db.status(), table.reason, waits)
        with self._database.reader() as transaction:
            found = transaction.execute(query.where(table.id.in_(self._ids)))
            return [(status, reason, wait) for status, reason, wait in found]


class _Run:
    """One size, in this process."""

    def __init__(self, env: service_env.Env, asked: argparse.Namespace) -> None:
        self._env = env
        self._asked = asked
        self._cloud = openstack.connect()
        self._ids: list[str] = []
        self._groups = self._node_groups()
        self._image = self._cloud.image.find_image(asked.image, ignore_missing=False)
        self._network = self._cloud.network.find_network(
            asked.network, ignore_missing=False
        )
        self._watch = Watch(session.connect(env.conf), self._ids)
        self._version = asked.version

    def go(self) -> dict[str, dict[str, float]]:
        """The figures of each phase."""
        count, _ = self._asked.one
        meter = Meter(self._env.db.engine)
        figures = {}
        try:
            began = time.monotonic()
            self._each(self._create, range(count))
            asked = time.monotonic() - began
            self._watch.until("Active")
            figures["create"] = {**meter.read(), "asked": asked}
            figures["create"]["heat"] = self._heat()
            meter.read()
            self._each(self._verify, self._ids)
            self._watch.until("Active")
            figures["look"] = meter.read()
        finally:
            meter.read()
            self._each(self._delete, self._ids)
            self._watch.until("")
        figures["delete"] = meter.read()
        return figures

    def _node_groups(self) -> list[dict[str, Any]]:
        flavor = self._cloud.compute.find_flavor(
            self._asked.flavor, ignore_missing=False
        )
        _, nodes = self._asked.one
        common = {
            "flavor_id": flavor.id,
            "availability_zone": self._asked.zone,
            "auto_security_group": True,
        }
        shape = ("master", "master", 1), ("worker", "slave", nodes - 1)
        return [
            {**common, "name": name, "node_processes": [process], "count": count}
            for name, process, count in shape
        ]

    def _each(self, ask: Callable[[Any], None], of: Iterable[Any]) -> None:
        with concurrent.futures.ThreadPoolExecutor(self._asked.asking) as pool:
            collections.deque(pool.map(ask, of), maxlen=0)

    def _context(self) -> contexts.RequestContext:
        return contexts.RequestContext(
            auth_token=self._cloud.session.get_token(),
            user_id=self._cloud.current_user_id,
            project_id=self._cloud.current_project_id,
            roles=["member", "reader"],
        )

    def _create(self, number: int) -> None:
        body = {
            "name": f"fleet-{uuid.uuid4().hex[:8]}",
            "plugin_name": "spark",
            "plugin_version": self._version,
            "default_image_id": self._image.id,
            "neutron_management_network": self._network.id,
            "node_groups": self._groups,
        }
        context = self._context()
        made = clusters.create(self._env.for_caller(context), context, body)
        self._ids.append(made.id)

    def _verify(self, id: str) -> None:
        context = self._context()
        clusters.verify(self._env.for_caller(context), context, id)

    def _delete(self, id: str) -> None:
        context = self._context()
        clusters.delete(self._env.for_caller(context), context, id)

    def _heat(self) -> float:
        """Seconds from the first stack's creation until the last one's completion."""
        began, ended = zip(*map(self._lasted, self._ids), strict=True)
        return (max(ended) - min(began)).total_seconds()

    def _lasted(self, id: str) -> tuple[datetime.datetime, datetime.datetime]:
        heat = self._cloud.orchestration
        name = names.stack(id)
        stack = heat.find_stack(name, ignore_missing=False)
        times = [
            datetime.datetime.fromisoformat(event.event_time)
            for event in heat.stack_events(stack, resource_name=name)
        ]
        return min(times), max(times)


def _one(asked: argparse.Namespace) -> dict[str, dict[str, float]]:
    with tempfile.TemporaryDirectory(prefix="sparkaas-benchmark-") as directory:
        env, messages = _environment(asked.config_file, directory)
        conductor = worker.Conductor(env, messages)
        conductor.start()
        try:
            return _Run(env, asked).go()
        finally:
            conductor.stop()
            env.db.dispose()


def _rows(
    size: str, figures: Mapping[str, Mapping[str, float]], base: dict[str, float]
) -> Iterator[tuple[object, ...]]:
    count, nodes = shape(size)
    total = count * nodes
    for phase, seen in figures.items():
        seconds = seen["s"]
        heat = seen.get("heat")
        requests = sum(seen[each] for each in _SERVICES)
        per_node = {
            "cpu": seen["cpu"] * 1000 / total,
            "sql": seen["sql"] / total,
            "requests": requests / total,
        }
        cells: list[object] = []
        for name, value in per_node.items():
            first = base.setdefault(f"{phase} {name}", value)
            cells += [value, value / first if first else 0.0]
        yield (
            f"{size} {phase}",
            seconds,
            "" if heat is None else seconds - heat,
            seen.get("asked", ""),
            *cells,
            *(seen[each] / total for each in _SERVICES),
            seen["mb"],
            seen["most"],
        )


def shape(text: str) -> tuple[int, int]:
    """How many clusters, and of how many nodes each."""
    count, nodes = map(int, text.split("x"))
    return count, nodes


def main() -> None:
    """Run the benchmark and print its figures."""
    asked = _arguments()
    if asked.one:
        print(json.dumps(_one(asked)))
        return
    report.environment()
    rows: list[tuple[object, ...]] = []
    base: dict[str, float] = {}
    try:
        for size in asked.sizes.split(","):
            rows += _rows(size, report.alone(size), base)
    finally:
        # A long run is not lost for its last size.
        counted = ("cpu ms/node", "sql/node", "requests/node")
        ratios = (word for name in counted for word in (name, "x first"))
        first = ("size phase", "s", "beyond Heat", "to ask")
        report.table((*first, *ratios, *_SERVICES, "RSS MB", "most MB"), rows)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--config-file", required=True)
    parser.add_argument("--image", required=True)
    parser.add_argument(
        "--version", required=True, help="of Spark, of the image's tags"
    )
    parser.add_argument("--flavor", required=True)
    parser.add_argument("--network", required=True)
    parser.add_argument("--zone", required=True, help="where servers are none")
    parser.add_argument("--sizes", default="1x3,1x50,1x200,10x3,50x3")
    parser.add_argument("--asking", type=int, default=8, help="threads of the API")
    parser.add_argument("--one", type=shape, help=argparse.SUPPRESS)
    return parser.parse_args()


if __name__ == "__main__":
    main()
