# SPDX-License-Identifier: Apache-2.0
"""Clusters on an OpenStack cloud, against the bare Heat stack of the same servers.

    python benchmarks/cloud.py --image ID --version 4.1.4 --network NAME --pool NAME \
        --flavor NAME [--workers 2 9] [--rounds 3] [--url http://HOST:8386]

Takes the cloud and the user from the ``OS_*`` environment, as ``openstack`` does, and
the service from the catalog unless a URL is given. In each round, for each number of
workers: a stack of as many ports and servers that run nothing, a floating IP on the
first (the baseline: asked to ``CREATE_COMPLETE``, and its deletion), then a cluster of
one master and the workers (asked to ``Active``), one worker more, and its deletion.
Everything that was made is deleted, whatever happens.
"""

from __future__ import annotations

import argparse
import contextlib
import dataclasses
import sys
import time
import uuid
from collections.abc import Callable
from collections.abc import Iterator
from typing import Any

import openstack
import report
from keystoneauth1 import adapter

_DEADLINE = 900
_TURN = 0.25


@dataclasses.dataclass(frozen=True)
class Place:
    """What both ways build on."""

    image: str
    flavor: str
    network: str
    pool: str
    keypair: str | None


def main() -> None:
    """Run the benchmark and print its figures."""
    asked = _arguments()
    report.environment()
    cloud = openstack.connect()
    place = _place(cloud, asked)
    api = _api(cloud, asked.url)
    rows = []
    for workers in asked.workers:
        rounds = [
            {**_bare(cloud, place, workers), **_cluster(api, place, workers, asked)}
            for _ in range(asked.rounds)
        ]
        rows += _rows(workers, rounds)
    report.table(("seconds", "min", "median", "max", "over the bare stack"), rows)


def _rows(workers: int, rounds: list[dict[str, float]]) -> Iterator[tuple[Any, ...]]:
    shape = f"1+{workers}"
    for name, base in (
        ("bare stack: created", None),
        ("cluster: Active", "bare stack: created"),
        ("bare stack: deleted", None),
        ("cluster: deleted", "bare stack: deleted"),
        ("bare stack: one server more", None),
        ("cluster: one worker more", "bare stack: one server more"),
    ):
        values = [each[name] for each in rounds]
        over = ""
        if base:
            # pairs of one round, since a cloud warms up
            beyond = [each[name] - each[base] for each in rounds]
            over = f"{report.p50(beyond):+.2f}"
        yield (
            f"{shape} {name}",
            min(values),
            report.p50(values),
            max(values),
            over,
        )


def _bare(cloud: Any, place: Place, workers: int) -> dict[str, float]:
    name = f"bare-{uuid.uuid4().hex[:8]}"
    result = {}
    try:
        began = time.monotonic()
        cloud.orchestration.create_stack(
            name=name, template=_template(place, workers + 1)
        )
        _until(lambda: _settled(cloud, name, "CREATE"))
        result["bare stack: created"] = time.monotonic() - began
        began = time.monotonic()
        stack = cloud.orchestration.find_stack(name)
        cloud.orchestration.update_stack(stack, template=_template(place, workers + 2))
        _until(lambda: _settled(cloud, name, "UPDATE"))
        result["bare stack: one server more"] = time.monotonic() - began
    finally:
        began = time.monotonic()
        found = cloud.orchestration.find_stack(name)
        if found:
            cloud.orchestration.delete_stack(found)
            _until(lambda: cloud.orchestration.find_stack(name) is None)
    result["bare stack: deleted"] = time.monotonic() - began
    return result


def _settled(cloud: Any, name: str, action: str) -> bool:
    status = cloud.orchestration.find_stack(name).status
    if status == f"{action}_FAILED":
        sys.exit(f"The bare stack failed: {cloud.orchestration.find_stack(name)}")
    return bool(status == f"{action}_COMPLETE")


def _template(place: Place, servers: int) -> dict[str, Any]:
    resources: dict[str, Any] = {
        "ip": {
            "type": "OS::Neutron::FloatingIP",
            "properties": {
                "floating_network": place.pool,
                "port_id": {"get_resource": "port0"},
            },
        }
    }
    for number in range(servers):
        resources[f"port{number}"] = {
            "type": "OS::Neutron::Port",
            "properties": {"network": place.network},
        }
        resources[f"server{number}"] = {
            "type": "OS::Nova::Server",
            "properties": {
                "image": place.image,
                "flavor": place.flavor,
                "networks": [{"port": {"get_resource": f"port{number}"}}],
                **({"key_name": place.keypair} if place.keypair else {}),
            },
        }
    return {"heat_template_version": "2018-08-31", "resources": resources}


def _cluster(
    api: adapter.Adapter, place: Place, workers: int, asked: argparse.Namespace
) -> dict[str, float]:
    common = {"flavor_id": place.flavor, "auto_security_group": True}
    master = {
        **common,
        "name": "master",
        "node_processes": ["master"],
        "count": 1,
        "floating_ip_pool": place.pool,
    }
    worker = {**common, "name": "worker", "node_processes": ["slave"], "count": workers}
    result = {}
    began = time.monotonic()
    made = api.post(
        "/clusters",
        json={
            "name": f"bench-{uuid.uuid4().hex[:8]}",
            "plugin_name": "spark",
            "plugin_version": asked.version,
            "default_image_id": place.image,
            "neutron_management_network": place.network,
            "node_groups": [master, worker],
            **({"user_keypair_id": place.keypair} if place.keypair else {}),
        },
    ).json()["cluster"]
    path = f"/clusters/{made['id']}"
    try:
        _until(lambda: _active(api, path))
        result["cluster: Active"] = time.monotonic() - began
        began = time.monotonic()
        wanted = [{"name": "worker", "count": workers + 1}]
        api.put(path, json={"resize_node_groups": wanted})
        _until(lambda: _active(api, path, nodes=workers + 2))
        result["cluster: one worker more"] = time.monotonic() - began
    finally:
        began = time.monotonic()
        api.delete(path)
        _until(lambda: api.get(path, raise_exc=False).status_code == 404)
    result["cluster: deleted"] = time.monotonic() - began
    return result


def _active(api: adapter.Adapter, path: str, nodes: int = 0) -> bool:
    cluster = api.get(path).json()["cluster"]
    if cluster["status"] == "Error" or (cluster["reason"] or {}).get("code"):
        sys.exit(f"The cluster failed: {cluster['reason']}")
    there = sum(len(group["instances"]) for group in cluster["node_groups"])
    return bool(cluster["status"] == "Active" and there >= nodes)


def _until(true: Callable[[], bool]) -> None:
    limit = time.monotonic() + _DEADLINE
    while not true():
        if time.monotonic() > limit:
            sys.exit(f"Not done after {_DEADLINE} s.")
        time.sleep(_TURN)


def _place(cloud: Any, asked: argparse.Namespace) -> Place:
    return Place(
        image=cloud.image.find_image(asked.image, ignore_missing=False).id,
        flavor=cloud.compute.find_flavor(asked.flavor, ignore_missing=False).id,
        network=cloud.network.find_network(asked.network, ignore_missing=False).id,
        pool=cloud.network.find_network(asked.pool, ignore_missing=False).id,
        keypair=asked.keypair,
    )


def _api(cloud: Any, url: str | None) -> adapter.Adapter:
    made = adapter.Adapter(
        session=cloud.session,
        service_type="data-processing",
        endpoint_override=f"{url}/v2" if url else None,
    )
    made.additional_headers["OpenStack-API-Version"] = "data-processing 2.1"
    if not url:
        root = made.get_endpoint().split("/v")[0]
        made.endpoint_override = f"{root}/v2"
    return made


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--image", required=True)
    parser.add_argument("--version", required=True, help="of Spark, in the image")
    parser.add_argument("--network", required=True)
    parser.add_argument("--pool", required=True, help="the floating IPs' network")
    parser.add_argument("--flavor", required=True)
    parser.add_argument("--keypair")
    parser.add_argument("--workers", type=int, nargs="+", default=[2, 9])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--url", help="the service's root")
    return parser.parse_args()


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        main()
