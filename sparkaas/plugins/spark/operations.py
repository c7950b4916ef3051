# SPDX-License-Identifier: Apache-2.0
"""What is asked of a running cluster: is it well, may workers go, where is it."""

from __future__ import annotations

import json
import pathlib
from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any

from sparkaas import exceptions
from sparkaas import interfaces
from sparkaas import model
from sparkaas.edp import places
from sparkaas.plugins import base
from sparkaas.plugins import checks
from sparkaas.plugins import looks
from sparkaas.plugins.hdfs import decommission as hdfs_decommission
from sparkaas.plugins.hdfs import operations as hdfs
from sparkaas.plugins.spark import layout
from sparkaas.plugins.spark import options
from sparkaas.plugins.spark import processes

_DEADLINE = 10.0
_LIMIT = 16 * 1024 * 1024
#: Where ``decommission`` counts its looks, in the cluster's checkpoint.
_LOOKS = "spark_decommission_looks"
_SIGNAL = pathlib.Path(__file__).with_name("signal_worker.py")


def health(cluster: model.Cluster, reach: interfaces.Reach) -> tuple[model.Check, ...]:
    """The master answers as alive, and has every wanted worker; HDFS is well."""
    return (*_spark(cluster, reach), *hdfs.health(cluster, reach))


def _spark(cluster: model.Cluster, reach: interfaces.Reach) -> tuple[model.Check, ...]:
    try:
        master = places.instance(cluster, processes.MASTER)
        state = master_state(cluster, master, reach)
    except exceptions.SparkaasError as error:
        return (
            checks.red("Spark master", f"The master does not answer: {error.message}"),
            checks.red("Spark workers", "Unknown while the master does not answer."),
        )
    status = str(state.get("status"))
    if status != "ALIVE":
        return (
            checks.red("Spark master", f"The master's state is {status}."),
            checks.red("Spark workers", "Unknown while the master is not alive."),
        )
    return (
        checks.green("Spark master", "The master is alive."),
        _workers(cluster, state),
    )


def _workers(cluster: model.Cluster, state: Mapping[str, Any]) -> model.Check:
    wanted = processes.hosts(cluster, processes.WORKER)
    address = {found.name: found.internal_ip for found in cluster.instances}
    alive = {host for host, worker in _by_host(state).items() if _alive(worker)}
    missing = [name for name in wanted if address.get(name) not in alive]
    return checks.all_of("Spark workers", len(wanted), "workers are alive", missing)


def decommission(
    cluster: model.Cluster,
    leaving: Sequence[model.Instance],
    reach: interfaces.Reach,
) -> model.Outcome:
    """Have datanodes emptied and workers freed, side by side. What Spark loses it
    computes again, so workers have a limited time; blocks of HDFS have not."""
    return hdfs_decommission.leave(cluster, leaving, reach, _free)


def _free(
    cluster: model.Cluster,
    leaving: Sequence[model.Instance],
    reach: interfaces.Reach,
) -> model.Outcome:
    """Tell leaving workers to take no more work, and see their executors end.

    Spark moves their shuffle and cached blocks meanwhile. After the option's time,
    or without a master to ask, they go all the same: Spark computes again what is
    lost.
    """
    try:
        state = master_state(cluster, places.instance(cluster, processes.MASTER), reach)
    except exceptions.SparkaasError:
        return looks.over(_LOOKS)
    workers = _by_host(state)
    listed = [
        (found, workers[found.internal_ip])
        for found in leaving
        if found.internal_ip in workers
    ]
    for found, worker in listed:
        if _alive(worker):
            _signal(cluster, found, reach)
    busy = [
        found.name
        for found, worker in listed
        if _alive(worker)
        or (
            worker.get("state") == "DECOMMISSIONED"
            and worker.get("coresused")
            and _has_executors(cluster, found, reach)
        )
    ]
    seconds = options.number(options.DECOMMISSION_SECONDS, cluster)
    waits_for = f"{len(busy)} leaving workers to end their tasks" if busy else ""
    return looks.outcome(cluster, _LOOKS, seconds, waits_for)


def info(cluster: model.Cluster) -> dict[str, dict[str, str]]:
    """The cluster's addresses, for its users."""
    master = places.instance(cluster, processes.MASTER)
    shown = {
        "Web UI": _http(master, options.number(options.MASTER_UI, cluster)),
        "Master": f"spark://{master.internal_ip}:"
        f"{options.number(options.MASTER_PORT, cluster)}",
    }
    if processes.hosts(cluster, processes.HISTORY):
        history = places.instance(cluster, processes.HISTORY)
        port = options.number(options.HISTORY_UI, cluster)
        shown["History UI"] = _http(history, port)
    if processes.hosts(cluster, processes.CONNECT):
        connect = places.instance(cluster, processes.CONNECT)
        port = options.number(options.CONNECT_PORT, cluster)
        shown["Connect"] = f"sc://{_outside(connect)}:{port}"
    if processes.hosts(cluster, processes.NOTEBOOK):
        notebook = places.instance(cluster, processes.NOTEBOOK)
        port = options.number(options.NOTEBOOK_PORT, cluster)
        shown["Notebook"] = _http(notebook, port)
    if processes.hosts(cluster, processes.THRIFT):
        thrift = places.instance(cluster, processes.THRIFT)
        port = options.number(options.THRIFT_PORT, cluster)
        shown["Thrift"] = f"jdbc:hive2://{_outside(thrift)}:{port}"
    return {"Spark": shown, **hdfs.info(cluster)}


def entrances(cluster: model.Cluster) -> tuple[base.Entrance, ...]:
    """Where users come in with a token."""
    offered = (
        (processes.CONNECT, "connect", "sc://{}:{}", options.CONNECT_PORT),
        (processes.NOTEBOOK, "notebook", "http://{}:{}/lab", options.NOTEBOOK_PORT),
    )
    secrets = {"connect": layout.CONNECT_TOKEN, "notebook": layout.NOTEBOOK_TOKEN}
    return tuple(
        base.Entrance(
            name=name,
            url=url.format(found.internal_ip, options.number(port, cluster)),
            secret=secrets[name],
        )
        for process, name, url, port in offered
        for found in cluster.instances
        if found.name in processes.hosts(cluster, process) and found.internal_ip
    )


def master_state(
    cluster: model.Cluster, master: model.Instance, reach: interfaces.Reach
) -> dict[str, Any]:
    """What the master says of itself; raises ``exceptions.Transient``."""
    port = options.number(options.MASTER_UI, cluster)
    url = f"http://{master.internal_ip}:{port}/json/"
    body = reach.to(cluster, master).fetch(url, limit=_LIMIT, deadline=_DEADLINE)
    try:
        found = json.loads(body)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise exceptions.Transient(f"{url} does not answer as a Spark master does")
    return found


def _has_executors(
    cluster: model.Cluster, worker: model.Instance, reach: interfaces.Reach
) -> bool:
    """Whether a decommissioned worker has any left, by its own word: the master goes
    on to count those that ended. One that does not tell may have."""
    port = options.number(options.WORKER_UI, cluster)
    url = f"http://{worker.internal_ip}:{port}/json/"
    try:
        remote = reach.to(cluster, worker)
        found = json.loads(remote.fetch(url, limit=_LIMIT, deadline=_DEADLINE))
        return bool(found["executors"])
    except (exceptions.Transient, ValueError, LookupError, TypeError):
        return True


def _signal(
    cluster: model.Cluster, worker: model.Instance, reach: interfaces.Reach
) -> None:
    remote = reach.to(cluster, worker)
    try:
        remote.run(
            (remote.python, "-I", "-", str(worker.internal_ip)),
            deadline=_DEADLINE,
            input=_SIGNAL.read_bytes(),
        )
    except exceptions.Transient:
        return  # out of reach: it goes without a farewell when the time is up


def _by_host(state: Mapping[str, Any]) -> dict[str | None, Mapping[str, Any]]:
    """The latest registration of each worker; older ones are of its past lives."""
    found: dict[str | None, Mapping[str, Any]] = {}
    for worker in state.get("workers", ()):
        host = worker.get("host")
        if host not in found or _alive(worker) or not _alive(found[host]):
            found[host] = worker
    return found


def _alive(worker: Mapping[str, Any]) -> bool:
    return worker.get("state") == "ALIVE"


def _outside(found: model.Instance) -> str | None:
    return found.management_ip or found.internal_ip


def _http(found: model.Instance, port: int) -> str:
    return f"http://{_outside(found)}:{port}"
