# SPDX-License-Identifier: Apache-2.0
"""What python-saharaclient makes of the API's speed.

    python benchmarks/clients.py [--clusters 1000] [--seconds 3]

Stores clusters in a new SQLite database, starts ``sparkaas-api`` on it, and asks it
through python-saharaclient 4.2.0, with both versions of the API, in the environment
that tests/conformance makes for it. Each is compared with the same request of v2 made
without the client (the baseline; its answer is parsed too), by turns in the same run.
"""

from __future__ import annotations

import argparse
import itertools
import json
import pathlib
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from collections.abc import Iterator

import api
import report

from sparkaas.cmd import state
from sparkaas.infra.local import catalog

ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from tests.conformance import environment  # noqa: E402

#: Run by the clients' own Python: answers each line with the seconds that it took.
_CLIENT = """
import json, sys, time
from keystoneauth1 import session, token_endpoint
from saharaclient import client
url, token = sys.argv[1:]
clients = {}
for version, path in (("1.1", "v1.1"), ("2", "v2")):
    auth = token_endpoint.Token(f"{url}/{path}", token)
    clients[version] = client.Client(
        version, session=session.Session(auth=auth), sahara_url=f"{url}/{path}")
for line in sys.stdin:
    version, method, arguments = json.loads(line)
    call = getattr(clients[version].clusters, method)
    before = time.perf_counter()
    call(**arguments)
    print(time.perf_counter() - before, flush=True)
"""


class Saharaclient:
    """python-saharaclient, in a process of its own."""

    def __init__(self, url: str, token: str) -> None:
        self._process = subprocess.Popen(
            [environment.python(), "-c", _CLIENT, url, token],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def call(self, version: str, method: str, **arguments: object) -> float:
        """Milliseconds of a call of ``clusters``' method."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps([version, method, arguments]) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        if not line:
            sys.exit(f"python-saharaclient could not {method}")
        return float(line) * 1000

    def stop(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(30)


def _new(version: str, word: str, image: str, network: str) -> dict[str, object]:
    groups = [
        {"name": n, "flavor_id": api.FLAVOR.id, "node_processes": [p], "count": c}
        for n, p, c in (("master", "master", 1), ("worker", "slave", 2))
    ]
    name = f"new-{next(_numbers)}"
    return {
        "name": name,
        "plugin_name": "spark",
        word: version,
        "node_groups": groups,
        "default_image_id": image,
        network: catalog.NETWORK_ID,
    }


_numbers = itertools.count()


def _ways(
    raw: api.Client, client: Saharaclient, version: str, ids: list[str]
) -> Iterator[tuple[str, dict[str, Callable[[], float]]]]:
    """What is measured: each request in all ways, the baseline first."""
    chosen = itertools.cycle(ids)
    image = raw.ask("GET", "/v2/images")["images"][0]["id"]

    def new(word: str, network: str = "net_id") -> dict[str, object]:
        return _new(version, word, image, network)

    def plain(ask: Callable[[], object]) -> Callable[[], float]:
        def run() -> float:
            before = time.perf_counter()
            ask()
            return (time.perf_counter() - before) * 1000

        return run

    yield (
        f"list {len(ids)} clusters",
        {
            "baseline: v2, no client": plain(lambda: raw.ask("GET", "/v2/clusters")),
            "saharaclient, API 2": lambda: client.call("2", "list"),
            "saharaclient, API 1.1": lambda: client.call("1.1", "list"),
        },
    )
    yield (
        "show a cluster",
        {
            "baseline: v2, no client": plain(
                lambda: raw.ask("GET", f"/v2/clusters/{next(chosen)}")
            ),
            "saharaclient, API 2": lambda: client.call(
                "2", "get", cluster_id=next(chosen)
            ),
            "saharaclient, API 1.1": lambda: client.call(
                "1.1", "get", cluster_id=next(chosen)
            ),
        },
    )
    yield (
        "create a cluster",
        {
            "baseline: v2, no client": plain(
                lambda: raw.ask(
                    "POST",
                    "/v2/clusters",
                    new("plugin_version", "neutron_management_network"),
                )
            ),
            "saharaclient, API 2": lambda: client.call(
                "2", "create", **new("plugin_version")
            ),
            "saharaclient, API 1.1": lambda: client.call(
                "1.1", "create", **new("hadoop_version")
            ),
        },
    )


def _measure(ways: dict[str, Callable[[], float]], seconds: float) -> dict[str, list]:
    """Milliseconds of each way, by turns, so that what else the machine does hits all
    alike; the first turn does not count."""
    took: dict[str, list[float]] = {name: [] for name in ways}
    for ask in ways.values():
        ask()
    until = time.perf_counter() + seconds * len(ways)
    while len(next(iter(took.values()))) < 3 or time.perf_counter() < until:
        for name, ask in ways.items():
            took[name].append(ask())
    return took


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--clusters", type=int, default=1000)
    parser.add_argument("--seconds", type=float, default=3.0, help="for each figure")
    options = parser.parse_args()
    report.environment()
    with tempfile.TemporaryDirectory(prefix="sparkaas-benchmark-") as directory:
        path = pathlib.Path(directory)
        state.make(path)
        version, ids = api.fill(path, options.clusters, 0)
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        process = api.serve(path, port)
        token = state.token(path)
        client = Saharaclient(f"http://127.0.0.1:{port}", token)
        try:
            rows = []
            raw = api.Client(port, token, version="2.0")
            for request, ways in _ways(raw, client, version, ids):
                took = _measure(ways, options.seconds)
                base = report.p50(next(iter(took.values())))
                for name, each in took.items():
                    middle = report.p50(each)
                    p99 = report.percentile(each, 0.99)
                    rows.append((request, name, middle, p99, middle / base))
            report.table(("request", "by", "p50 ms", "p99 ms", "x baseline"), rows)
        finally:
            client.stop()
            process.send_signal(signal.SIGTERM)
            process.wait(30)


if __name__ == "__main__":
    main()
