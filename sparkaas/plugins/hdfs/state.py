# SPDX-License-Identifier: Apache-2.0
"""What a namenode says of itself, its datanodes and its blocks (JMX over HTTP)."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from typing import Any

from sparkaas import exceptions
from sparkaas import interfaces
from sparkaas import model
from sparkaas.edp import places
from sparkaas.plugins.hdfs import layout

_DEADLINE = 10.0
_LIMIT = 64 * 1024 * 1024
_BEANS = ("NameNodeInfo", "FSNamesystem")
_LIVE = "LiveNodes"
_DEAD = "DeadNodes"


@dataclasses.dataclass(frozen=True)
class Datanode:
    """A datanode as the namenode knows it. ``host`` is the address that it says is its
    own, ``key`` how the namenode identifies it (address and port), ``silent`` the
    seconds since its last heartbeat; sizes are in bytes."""

    host: str
    key: str
    live: bool
    silent: int = 0
    admin: str = ""
    used: int = 0
    remaining: int = 0

    @property
    def decommissioned(self) -> bool:
        return self.admin == "Decommissioned"


@dataclasses.dataclass(frozen=True)
class State:
    """A namenode's figures. ``safe_mode`` is its sentence on why it takes no writes,
    ``missing`` counts blocks without a replica, ``lacking`` those with too few,
    ``lost`` names some files with missing blocks."""

    datanodes: tuple[Datanode, ...]
    safe_mode: str
    missing: int
    lacking: int
    blocks: int
    lost: tuple[str, ...] = ()

    def by_host(self) -> dict[str, Datanode]:
        """The datanodes by their own address, the live one where there are several:
        the others are of past lives."""
        ordered = sorted(self.datanodes, key=lambda each: each.live)
        return {each.host: each for each in ordered}


def read(cluster: model.Cluster, reach: interfaces.Reach) -> State:
    """Ask the namenode; raises ``exceptions.Transient``."""
    node = places.instance(cluster, layout.NAMENODE)
    remote = reach.to(cluster, node)
    base = f"http://{node.internal_ip}:{layout.WEB_PORT}/jmx"
    merged: dict[str, Any] = {}
    for bean in _BEANS:
        url = f"{base}?qry=Hadoop:service=NameNode,name={bean}"
        body = remote.fetch(url, limit=_LIMIT, deadline=_DEADLINE)
        try:
            (found,) = json.loads(body)["beans"]
            merged |= found
        except (ValueError, LookupError, TypeError) as error:
            raise exceptions.Transient(
                f"{base} does not answer as a namenode does"
            ) from error
    try:
        return parse(merged)
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        raise exceptions.Transient(
            f"{base} says what is not understood: {type(error).__name__}: {error}"
        ) from error


def parse(beans: Mapping[str, Any]) -> State:
    """The figures from both beans. Raises ``LookupError`` and the like for others."""
    nodes = [
        _datanode(name, entry, live=kind == _LIVE)
        for kind in (_LIVE, _DEAD)
        for name, entry in json.loads(beans[kind]).items()
    ]
    return State(
        datanodes=tuple(nodes),
        safe_mode=str(beans["Safemode"]),
        missing=int(beans["NumberOfMissingBlocks"]),
        lacking=int(beans["UnderReplicatedBlocks"]),
        blocks=int(beans["BlocksTotal"]),
        lost=_lost(beans.get("CorruptFiles")),
    )


def _datanode(name: str, entry: Mapping[str, Any], *, live: bool) -> Datanode:
    # The name is HOST:PORT, in which HOST is what the datanode calls itself.
    host, _, _ = name.rpartition(":")
    return Datanode(
        host=host,
        key=str(entry["xferaddr"]),
        live=live,
        silent=int(entry["lastContact"]),
        admin=str(entry.get("adminState", "")),
        used=int(entry.get("usedSpace", 0)),
        remaining=int(entry.get("remaining", 0)),
    )


def _lost(text: object) -> tuple[str, ...]:
    try:
        found = json.loads(str(text))
    except ValueError:
        return ()
    return tuple(map(str, found)) if isinstance(found, list) else ()
