# SPDX-License-Identifier: Apache-2.0
"""A cluster's Heat stack: looked at, made, changed, removed.

What a stack was last asked to be stands in its tags, so that nothing has to be
remembered here: a process that goes on where another was killed sees it.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Iterable
from collections.abc import Mapping
from typing import Any

from sparkaas import exceptions
from sparkaas.infra.openstack import errors
from sparkaas.infra.openstack import names
from sparkaas.infra.openstack import sessions

_FAILURES_SHOWN = 3


@dataclasses.dataclass(frozen=True)
class Stack:
    """A stack as it is. ``action`` is CREATE, UPDATE, DELETE and so on, ``state`` is
    IN_PROGRESS, COMPLETE or FAILED; ``digest`` is that of the template it follows."""

    id: str
    action: str
    state: str
    why: str
    digest: str
    outputs: Mapping[str, Any]


def digest(wanted: Mapping[str, Any]) -> str:
    """Equal for equal templates; short enough for a tag (80 characters)."""
    text = json.dumps(wanted, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def find(cloud: sessions.Cloud, cluster_id: str, *, whole: bool = True) -> Stack | None:
    """The cluster's stack; ``whole``: with outputs, which takes Heat longer."""
    name = names.stack(cluster_id)
    with errors.explained(f"Looking for the stack {name}"):
        try:
            found = cloud.heat.stacks.get(name, resolve_outputs=whole)
        except errors.ABSENT:
            return None
        action, _, state = found.stack_status.partition("_")
        if action == "DELETE" and state == "COMPLETE":
            return None
        tags = found.tags or []
        return Stack(
            id=found.id,
            action=action,
            state=state,
            why=found.stack_status_reason or "",
            digest=next((t[2:] for t in tags if t.startswith("t-")), ""),
            outputs={
                each["output_key"]: each.get("output_value")
                for each in getattr(found, "outputs", None) or ()
            },
        )


def create(
    cloud: sessions.Cloud, cluster_id: str, wanted: Mapping[str, Any], minutes: int
) -> None:
    """Ask for the stack. That it is there already is fine: another was faster."""
    name = names.stack(cluster_id)
    with errors.explained(f"Making the stack {name}"):
        try:
            cloud.heat.stacks.create(
                stack_name=name,
                template=wanted,
                disable_rollback=True,
                timeout_mins=minutes,
                tags=_tags(cluster_id, wanted),
            )
        except Exception as error:
            if getattr(error, "code", None) != 409:
                raise


def update(
    cloud: sessions.Cloud,
    cluster_id: str,
    wanted: Mapping[str, Any],
    minutes: int,
) -> None:
    """Ask for the stack to become ``wanted``."""
    name = names.stack(cluster_id)
    with errors.explained(f"Changing the stack {name}"):
        cloud.heat.stacks.update(
            name,
            template=wanted,
            disable_rollback=True,
            timeout_mins=minutes,
            tags=_tags(cluster_id, wanted),
        )


def mark_lost(cloud: sessions.Cloud, cluster_id: str, resources: Iterable[str]) -> None:
    """Tell Heat that those are no good: its next update makes them anew."""
    name = names.stack(cluster_id)
    with errors.explained(f"Marking servers of the stack {name}"):
        for each in resources:
            cloud.heat.resources.mark_unhealthy(
                name, each, True, "It is gone or in error."
            )


def delete(cloud: sessions.Cloud, cluster_id: str) -> None:
    """Ask for it to go."""
    name = names.stack(cluster_id)
    with errors.explained(f"Deleting the stack {name}"):
        try:
            cloud.heat.stacks.delete(name)
        except errors.ABSENT:
            return


def owned(cloud: sessions.Cloud) -> tuple[str, ...]:
    """The cluster ids of all our stacks in the identity's project."""
    prefix = f"{names.OWNER}-"
    with errors.explained("Listing stacks"):
        found = cloud.heat.stacks.list(filters={"tags": names.OWNER})
        all_ = [stack.stack_name for stack in found]
    return tuple(n.removeprefix(prefix) for n in all_ if n.startswith(prefix))


def failure(cloud: sessions.Cloud, stack: Stack) -> exceptions.Permanent:
    """Why a stack failed, in the words of the resources that did."""
    with errors.explained("Asking a stack why it failed"):
        found = cloud.heat.resources.list(stack.id, filters={"status": "FAILED"})
        reasons = [
            f"{each.resource_name}: {each.resource_status_reason}" for each in found
        ]
    why = "; ".join(reasons[:_FAILURES_SHOWN]) or stack.why
    return exceptions.Permanent(
        f"The cloud could not {stack.action.lower()} the cluster's stack: {why}",
        code="STACK_FAILED",
        hint="Correct what the cloud complains of, delete the cluster and ask again.",
    )


def _tags(cluster_id: str, wanted: Mapping[str, Any]) -> str:
    return ",".join((names.OWNER, cluster_id, f"t-{digest(wanted)}"))
