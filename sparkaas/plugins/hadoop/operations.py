# SPDX-License-Identifier: Apache-2.0
"""What is asked of a running cluster: is it well, and where is it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any

from sparkaas import exceptions
from sparkaas import interfaces
from sparkaas import model
from sparkaas.edp import places
from sparkaas.plugins import checks
from sparkaas.plugins.hadoop import layout
from sparkaas.plugins.hadoop import processes
from sparkaas.plugins.hdfs import operations as hdfs

_DEADLINE = 10.0
_LIMIT = 16 * 1024 * 1024
#: The state of a node that takes containers.
RUNNING = "RUNNING"


def health(cluster: model.Cluster, reach: interfaces.Reach) -> tuple[model.Check, ...]:
    """The resource manager answers, all node managers run, and HDFS is well."""
    return (*_health(cluster, reach), *hdfs.health(cluster, reach))


def _health(cluster: model.Cluster, reach: interfaces.Reach) -> tuple[model.Check, ...]:
    try:
        found = ask(cluster, reach, "info")["clusterInfo"]
        nodes = node_states(cluster, reach)
    except exceptions.SparkaasError as error:
        return (
            checks.red("YARN ResourceManager", f"It does not answer: {error.message}"),
            checks.red(
                "YARN nodes", "Unknown while the resource manager does not answer."
            ),
        )
    except (LookupError, TypeError):
        return (
            checks.red(
                "YARN ResourceManager", "Something else answers at its address."
            ),
            checks.red(
                "YARN nodes", "Unknown while the resource manager does not answer."
            ),
        )
    state = f"{found.get('state')}, {found.get('haState')}"
    if state != "STARTED, ACTIVE":
        return (
            checks.red("YARN ResourceManager", f"Its state is {state}."),
            checks.red(
                "YARN nodes", "Unknown while the resource manager is not active."
            ),
        )
    return (
        checks.green("YARN ResourceManager", "The resource manager is active."),
        _nodes(cluster, nodes),
    )


def _nodes(cluster: model.Cluster, states: Mapping[str, str]) -> model.Check:
    wanted = processes.hosts(cluster, processes.NODE)
    missing = [name for name in wanted if state_of(cluster, name, states) != RUNNING]
    return checks.all_of("YARN nodes", len(wanted), "node managers run", missing)


def node_states(cluster: model.Cluster, reach: interfaces.Reach) -> dict[str, str]:
    """Host as YARN knows it -> the state of its node manager: of several lives the
    one that runs, if any. Raises ``exceptions.Transient``."""
    answer = ask(cluster, reach, "nodes")
    found: dict[str, str] = {}
    for node in (answer.get("nodes") or {}).get("node") or ():
        host = str(node["nodeHostName"])
        if found.get(host) != RUNNING:
            found[host] = str(node["state"])
    return found


def state_of(
    cluster: model.Cluster, name: str, states: Mapping[str, str]
) -> str | None:
    """The state of an instance's node manager, whom YARN may know by its address or
    by the name that the cloud's name server has for it; None: YARN knows it not."""
    for instance in cluster.instances:
        if instance.name == name:
            return _state(instance, states)
    return None


def _state(instance: model.Instance, states: Mapping[str, str]) -> str | None:
    for host, state in states.items():
        if host == instance.internal_ip or host.partition(".")[0] == instance.name:
            return state
    return None


def ask(cluster: model.Cluster, reach: interfaces.Reach, what: str) -> dict[str, Any]:
    """What the resource manager says; raises ``exceptions.Transient``."""
    manager = places.instance(cluster, processes.MANAGER)
    remote = reach.to(cluster, manager)
    at = f"http://{manager.internal_ip}:{layout.MANAGER_UI}"
    url = f"{at}/ws/v1/cluster/{what}"
    body = remote.fetch(url, limit=_LIMIT, deadline=_DEADLINE)
    try:
        found = json.loads(body)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise exceptions.Transient(f"{url} does not answer as YARN does")
    return found


def info(cluster: model.Cluster) -> dict[str, dict[str, str]]:
    """The cluster's addresses, for its users."""
    manager = places.instance(cluster, processes.MANAGER)
    shown = {
        "YARN": {
            "Web UI": _http(manager, layout.MANAGER_UI),
            "ResourceManager": f"http://{manager.internal_ip}:{layout.MANAGER}",
        },
    }
    if processes.hosts(cluster, processes.HISTORY):
        history = places.instance(cluster, processes.HISTORY)
        shown["MapReduce JobHistory Server"] = {
            "Web UI": _http(history, layout.HISTORY_UI)
        }
    return {**shown, **hdfs.info(cluster)}


def _http(found: model.Instance, port: int) -> str:
    return f"http://{found.management_ip or found.internal_ip}:{port}"


def leaving_states(
    leaving: Sequence[model.Instance], states: Mapping[str, str]
) -> dict[str, str]:
    """Instance name -> state, of those whom YARN knows."""
    found = {each.name: _state(each, states) for each in leaving}
    return {name: state for name, state in found.items() if state is not None}
