# SPDX-License-Identifier: Apache-2.0
"""Has files ask for no more replicas than there are datanodes, while some leave.

A namenode lets go of a datanode only when each of its blocks has as many replicas
elsewhere as its file asks for, or as ``dfs.replication`` says. Who did not choose that
number gets as many as there are datanodes, so it must follow them.
"""

from __future__ import annotations

import json
import pathlib
from collections.abc import Mapping
from typing import Any

from sparkaas import exceptions
from sparkaas import interfaces
from sparkaas import model
from sparkaas.edp import places
from sparkaas.plugins.hdfs import layout
from sparkaas.plugins.hdfs import options

#: Where the checkpoint has how far it got: ``most`` replicas were asked for, ``after``
#: is the path that was looked at last, ``rest`` the looks until it begins anew.
MARK = "hdfs_replicas"
#: Half a minute. What is written while datanodes leave goes to others; only a file that
#: was moved past the walk is left for another.
_REST = 15
#: For the work of one look, and for its command, which adds a request or two.
_SECONDS = 8.0
_DEADLINE = 30.0
_PROGRAM = pathlib.Path(__file__).with_name("lower_replicas.py")


def follow(
    cluster: model.Cluster, reach: interfaces.Reach, *, anew: bool
) -> Mapping[str, Any]:
    """Go on with it, or begin ``anew``; a part of the checkpoint. Nothing is done where
    enough datanodes stay, or the user has said how many replicas there are to be.
    Raises ``exceptions.Transient``."""
    most = layout.count(cluster, layout.DATANODE)
    if most >= options.REPLICAS or options.asked_replication(cluster):
        return {}
    mark = cluster.checkpoint.get(MARK) or {}
    if anew or mark.get("most") != most:
        mark = {}
    if rest := mark.get("rest"):
        return {MARK: {"most": most, "rest": rest - 1}}
    after = _run(cluster, reach, most, mark.get("after", ""))
    more = {"after": after} if after else {"rest": _REST}
    return {MARK: {"most": most, **more}}


def over(cluster: model.Cluster) -> Mapping[str, Any]:
    """What the checkpoint is told at the end."""
    return {MARK: None} if cluster.checkpoint.get(MARK) else {}


def _run(cluster: model.Cluster, reach: interfaces.Reach, most: int, after: str) -> str:
    head = places.instance(cluster, layout.NAMENODE)
    remote = reach.to(cluster, head)
    told = (f"{head.internal_ip}:{layout.WEB_PORT}", str(most), str(_SECONDS))
    done = remote.run(
        (remote.python, "-I", "-", *told, json.dumps(after)),
        deadline=_DEADLINE,
        input=_PROGRAM.read_bytes(),
    )
    if done.exit_code:
        last = done.stderr.decode(errors="replace").strip().rpartition("\n")[2]
        raise exceptions.Transient(
            f"Files could not be asked to have {most} replicas: {last[-300:]}"
        )
    try:
        return str(json.loads(done.stdout)["after"])
    except (ValueError, LookupError, TypeError):
        raise exceptions.Transient(
            "What asks files for fewer replicas gave no answer"
        ) from None
