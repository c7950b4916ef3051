# SPDX-License-Identifier: Apache-2.0
"""What the nodes are told once the cluster's stack is whole: each other's names, and
which attached disk is which volume. A server's user data is older than both."""

from __future__ import annotations

import concurrent.futures
import dataclasses
import hashlib
import json
from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any

from sparkaas import exceptions
from sparkaas import interfaces
from sparkaas import model
from sparkaas.infra.openstack import errors
from sparkaas.infra.openstack import names
from sparkaas.infra.openstack import sessions
from sparkaas.infra.openstack import userdata

#: Seconds that a node has to format and mount all that it was given.
_DEADLINE = 300.0
#: Exit code of a node that would have had to touch what is not its own.
_REFUSED = 3
#: Exit code of a node that does not have our program yet.
_NO_COMMAND = 127
#: Nodes that are told at the same time.
_TOGETHER = 16
#: The instance's fact: the digest of what it was told last.
TOLD = "site"


@dataclasses.dataclass(frozen=True)
class Attached:
    """A volume as the cloud attached it: ``size`` in GiB, ``number`` from 1."""

    id: str
    size: int
    instance: str
    number: int
    device: str


def attached(cloud: sessions.Cloud, cluster_id: str) -> tuple[Attached, ...]:
    """The cluster's data volumes that are attached to something."""
    with errors.explained("Listing volumes"):
        found = cloud.cinder.volumes.list(
            search_opts={"metadata": {names.OWNER: cluster_id}}
        )
        return tuple(
            Attached(
                id=each.id,
                size=each.size,
                instance=each.metadata[names.INSTANCE],
                number=int(each.metadata[names.NUMBER]),
                device=each.attachments[0].get("device") or "",
            )
            for each in found
            if each.metadata.get(names.OWNER) == cluster_id
            and names.NUMBER in each.metadata
            and each.attachments
        )


def document(
    cluster: model.Cluster,
    group: model.NodeGroup,
    instance: model.Instance,
    volumes: Sequence[Attached],
    shares: Sequence[Mapping[str, Any]] = (),
) -> str:
    """``site.json`` of one node. Pure. Raises ``exceptions.Transient`` when a volume
    of its group is not attached."""
    own = {each.number: each for each in volumes if each.instance == instance.name}
    numbers = range(1, group.volumes_per_node + 1)
    if lacking := [number for number in numbers if number not in own]:
        raise exceptions.Transient(
            f"Volume {lacking[0]} of {instance.name} is not attached.",
            code="VOLUME_NOT_ATTACHED",
        )
    rows = sorted(
        [each.internal_ip or "", *names.hosts(cluster, each.name)]
        for each in cluster.instances
    )
    value = {
        "hosts": rows,
        "volumes": [
            {
                "id": own[number].id,
                "size": own[number].size,
                "device": own[number].device,
                "path": names.mount_point(group, number),
            }
            for number in numbers
        ],
        "shares": list(shares),
    }
    return json.dumps(value, sort_keys=True)


def digest(text: str) -> str:
    """Equal for equal documents."""
    return hashlib.sha256(text.encode()).hexdigest()


def tell_all(
    reach: interfaces.Reach,
    cluster: model.Cluster,
    texts: Mapping[str, str],
) -> tuple[tuple[model.Instance, ...], dict[str, str]]:
    """Have each of the cluster's instances follow its document, ``texts`` by name.
    Return the instances with that noted, and why some could not be reached yet."""
    late: dict[str, str] = {}

    def one(instance: model.Instance) -> model.Instance:
        text = texts[instance.name]
        if instance.facts.get(TOLD) == digest(text):
            return instance
        try:
            made = _call(reach, cluster, instance, text)
        except exceptions.Transient as error:
            late[instance.name] = error.message
            return instance
        return _told(instance, text, made)

    with concurrent.futures.ThreadPoolExecutor(_TOGETHER) as pool:
        return tuple(pool.map(one, cluster.instances)), late


def _call(
    reach: interfaces.Reach, cluster: model.Cluster, instance: model.Instance, text: str
) -> interfaces.Completed:
    remote = reach.administer(cluster, instance)
    made = remote.run(
        [userdata.AGENT_PATH, "site"], input=text.encode(), deadline=_DEADLINE
    )
    if made.exit_code == _NO_COMMAND:
        raise exceptions.Transient("The node sets itself up.")
    return made


def _told(
    instance: model.Instance, text: str, made: interfaces.Completed
) -> model.Instance:
    """The instance with what it was told noted. Raises ``exceptions.Transient`` when
    something is amiss there, and ``exceptions.Permanent`` when it must not do what it
    was told."""
    words = made.stderr.decode(errors="replace").strip()[-500:]
    if made.exit_code == _REFUSED:
        raise exceptions.Permanent(
            f"{instance.name} leaves a volume alone: {words}",
            code="VOLUME_REFUSED",
            hint="A volume is formatted only when it is certain which disk it is, and "
            "that it is empty.",
        )
    if made.exit_code:
        raise exceptions.Transient(
            f"{instance.name} cannot mount what it was given: {words}",
            code="VOLUME_NOT_MOUNTED",
        )
    return dataclasses.replace(instance, facts={**instance.facts, TOLD: digest(text)})
