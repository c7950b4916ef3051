# SPDX-License-Identifier: Apache-2.0
"""The servers of a cluster: which are lost, how the others are, what they must be."""

from __future__ import annotations

import dataclasses
import datetime
from collections.abc import Collection
from collections.abc import Mapping
from typing import Any

from sparkaas import exceptions
from sparkaas import interfaces
from sparkaas import manifest
from sparkaas import model
from sparkaas.infra.openstack import documents
from sparkaas.infra.openstack import errors
from sparkaas.infra.openstack import names
from sparkaas.infra.openstack import sessions
from sparkaas.infra.openstack import userdata

#: How much of a console log is told: lines, and characters.
_LINES = 30
_MOST_CONSOLE = 1500
#: Every page of a listing.
_ALL = -1
#: States of Nova's in which a server is no more.
_LOST = frozenset({"ERROR", "DELETED", "SOFT_DELETED"})
#: Seconds that a look at a node, and its change, may take.
_LOOK_DEADLINE = 15.0
#: Seconds for which a node that starts looks at itself before it answers. A look from
#: outside costs it two starts of Python and a session of SSH. The program of an older
#: release does not know the variable, and answers at once.
_PATIENCE = {"SPARKAAS_PATIENCE": "3"}
_APPLY_DEADLINE = 180.0
_WRITE_DEADLINE = 30.0


@dataclasses.dataclass(frozen=True)
class Server:
    """A server as Nova has it; ``fault`` is why it is in error, ``launched`` when it
    began to run."""

    id: str
    name: str
    status: str
    fault: str = ""
    launched: datetime.datetime | None = None


def servers(cloud: sessions.Cloud, cluster: model.Cluster) -> Mapping[str, Server]:
    """The cluster's servers by the names of their instances. One that was there, and
    that the listing leaves out, is asked for by itself: a listing may be incomplete
    (Nova leaves out what a cell has that does not answer)."""
    with errors.explained("Listing servers"):
        # Not the whole project's: each of its clusters is looked at again and again.
        listed = cloud.nova.servers.list(
            detailed=True, limit=_ALL, search_opts={"name": names.pattern(cluster)}
        )
        found = {
            each.metadata[names.INSTANCE]: _server(each)
            for each in listed
            if getattr(each, "metadata", {}).get(names.OWNER) == cluster.id
            and names.INSTANCE in each.metadata
        }
        for instance in cluster.instances:
            if instance.name not in found:
                one = _one(cloud, instance)
                found |= {instance.name: one} if one is not None else {}
    return found


def _one(cloud: sessions.Cloud, instance: model.Instance) -> Server | None:
    try:
        return _server(cloud.nova.servers.get(instance.instance_id))
    except errors.ABSENT:
        return None


def _server(found: Any) -> Server:
    fault = getattr(found, "fault", None) or {}
    launched = getattr(found, "OS-SRV-USG:launched_at", None)
    return Server(
        id=found.id,
        name=getattr(found, "name", ""),
        status=getattr(found, "status", "UNKNOWN"),
        fault=str(fault.get("message", ""))[:300],
        launched=datetime.datetime.fromisoformat(launched).replace(tzinfo=datetime.UTC)
        if launched
        else None,
    )


def check_booted(
    cloud: sessions.Cloud,
    found: Mapping[str, Server],
    new: Mapping[str, str],
    since: datetime.datetime,
) -> None:
    """Raise ``exceptions.Permanent`` for a server that runs since before that time and
    was never reached (``new`` tells why), with the end of what it wrote on its console.
    """
    for name, why in sorted(new.items()):
        server = found.get(name)
        if server is None or server.launched is None or server.launched > since:
            continue
        written = _console(cloud, server.id)
        raise exceptions.Permanent(
            f"{name} runs since {server.launched:%Y-%m-%dT%H:%M:%SZ} and has not "
            f"become a node: {why} The end of its console log: {written}",
            code="GUEST_NOT_READY",
            hint="The image must start cloud-init and an SSH server, and the service "
            "must be let in from where it runs ([openstack] ssh_ranges, or the node "
            "group's own security groups).",
        )


def _console(cloud: sessions.Cloud, server_id: str) -> str:
    """The end of a server's console log; the reason, where the cloud has none."""
    try:
        with errors.explained("Reading the console log"):
            text = cloud.nova.servers.get_console_output(server_id, length=_LINES)
    except exceptions.SparkaasError as error:
        return error.message
    return str(text or "it is empty").strip()[-_MOST_CONSOLE:]


def lost(found: Mapping[str, Server], wanted: Collection[str]) -> Mapping[str, str]:
    """Which of the wanted servers are not there or in error, each with a sentence.
    Pure."""
    sentences = {}
    for name in wanted:
        server = found.get(name)
        if server is None:
            sentences[name] = f"The cloud has no server {name}."
        elif server.status in _LOST:
            fault = f" ({server.fault})" if server.fault else ""
            sentences[name] = (
                f"The server {name} is in the state {server.status}{fault}."
            )
    return sentences


def state(
    reach: interfaces.Reach, cluster: model.Cluster, instance: model.Instance
) -> interfaces.NodeState:
    """A node as it tells itself. One that cannot be reached exists, and starts."""
    expected = str(instance.facts.get("digest", ""))
    try:
        remote = reach.administer(cluster, instance)
        made = remote.run(
            [userdata.AGENT_PATH, "status"],
            environment=_PATIENCE,
            deadline=_LOOK_DEADLINE,
        )
        if made.exit_code:
            raise exceptions.Transient(made.stderr.decode(errors="replace")[-300:])
        found = documents.parsed(made.stdout)
    except exceptions.Transient as error:
        waiting = interfaces.ServiceState("starting", f"The node boots. {error}")
        return interfaces.NodeState(True, str(error), expected, {"boot": waiting})
    if found["error"]:
        failed = interfaces.ServiceState("failed", found["error"])
        return interfaces.NodeState(True, found["error"], expected, {"boot": failed})
    if not found["digest"]:
        doing = f": {found['doing']}" if found["doing"] else ""
        detail = f"The node sets itself up{doing}."
        waiting = interfaces.ServiceState("starting", detail)
        return interfaces.NodeState(True, "", expected, {"boot": waiting})
    return interfaces.NodeState(
        True,
        "",
        found["digest"],
        {
            name: interfaces.ServiceState(*state)
            for name, state in found["services"].items()
        },
    )


def bring(
    reach: interfaces.Reach,
    cluster: model.Cluster,
    instance: model.Instance,
    wanted: manifest.Manifest,
    facts: str,
) -> model.Instance:
    """Have a node follow another manifest; the instance with that noted."""
    remote = reach.administer(cluster, instance)
    # An older release made the node, perhaps, and its program knows less.
    remote.write_file(
        userdata.AGENT_PATH, [userdata.program()], mode=0o755, deadline=_WRITE_DEADLINE
    )
    document = documents.document(instance.name, wanted)
    for name, text in (("facts", facts), ("manifest", document)):
        remote.write_file(
            f"{userdata.STATE_PATH}/{name}.json",
            [text.encode()],
            deadline=_WRITE_DEADLINE,
        )
    made = remote.run([userdata.AGENT_PATH, "apply"], deadline=_APPLY_DEADLINE)
    if made.exit_code:
        raise exceptions.Transient(
            f"{instance.name} does not take up its new description: "
            f"{made.stderr.decode(errors='replace')[-500:]}"
        )
    noted = {**instance.facts, "digest": wanted.digest()}
    return dataclasses.replace(instance, facts=noted)


def with_instances(
    cluster: model.Cluster, instances: tuple[model.Instance, ...]
) -> model.Cluster:
    """The cluster as it is now, before that is recorded."""
    return dataclasses.replace(cluster, instances=instances)
