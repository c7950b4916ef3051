# SPDX-License-Identifier: Apache-2.0
"""A cluster's Heat stack: looked at, made, changed, removed.

What a stack was last asked to be, and by which request, stands in its tags, so that
nothing has to be remembered here: a process that goes on where another was killed sees
it. A change that fails is taken back by Heat, so that a cluster whose resize cannot be
is what it was, and nothing of the attempt stays.
"""

from __future__ import annotations

import contextlib
import dataclasses
import json
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from typing import Any

from sparkaas import exceptions
from sparkaas.infra.openstack import errors
from sparkaas.infra.openstack import names
from sparkaas.infra.openstack import sessions
from sparkaas.infra.openstack import template

_FAILURES_SHOWN = 3
#: Levels of stacks in a stack, and events, that are looked at for a failure.
_DEPTH = 2
_EVENTS = 50
#: What Heat says when Keystone does not let it act for a stack's owner.
_HEAT_REFUSED = "Authorization failed"
#: How Heat begins the reasons of what failed because something else did.
_ECHOES = (
    "Resource CREATE failed",
    "Resource UPDATE failed",
    "CREATE aborted",
    "UPDATE aborted",
    "DELETE aborted",
    "Operation cancelled",
    "Stack CREATE cancelled",
    "Stack UPDATE cancelled",
)


@dataclasses.dataclass(frozen=True)
class Stack:
    """A stack as it is. ``action`` is CREATE, UPDATE, DELETE and so on, ``state`` is
    IN_PROGRESS, COMPLETE or FAILED; ``digest`` is that of the template that was asked
    for last, and ``ask`` tells by which request."""

    id: str
    action: str
    state: str
    why: str
    digest: str
    ask: str
    outputs: Mapping[str, Any]

    @property
    def is_whole(self) -> bool:
        """Whether it became what was asked for."""
        return self.state == "COMPLETE" and self.action != "ROLLBACK"


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
        tags = {tag[:2]: tag[2:] for tag in found.tags or [] if tag[1:2] == "-"}
        return Stack(
            id=found.id,
            action=action,
            state=state,
            why=found.stack_status_reason or "",
            digest=tags.get("t-", ""),
            ask=tags.get("a-", ""),
            outputs={
                each["output_key"]: each.get("output_value")
                for each in getattr(found, "outputs", None) or ()
            },
        )


def create(
    cloud: sessions.Cloud,
    cluster_id: str,
    wanted: template.Template,
    ask: str,
    minutes: int,
    installation: str,
) -> None:
    """Ask for the stack. That it is there already is fine: another was faster."""
    name = names.stack(cluster_id)
    with errors.explained(f"Making the stack {name}"):
        try:
            cloud.heat.stacks.create(
                stack_name=name,
                template=wanted.body,
                files=_files(wanted),
                disable_rollback=True,
                timeout_mins=minutes,
                tags=_tags(installation, cluster_id, wanted, ask),
            )
        except Exception as error:
            if getattr(error, "code", None) != 409:
                raise


def update(
    cloud: sessions.Cloud,
    cluster_id: str,
    wanted: template.Template,
    ask: str,
    minutes: int,
    installation: str,
) -> None:
    """Ask for the stack to become ``wanted``."""
    name = names.stack(cluster_id)
    with _own_trust(name), errors.explained(f"Changing the stack {name}"):
        cloud.heat.stacks.update(
            name,
            template=wanted.body,
            files=_files(wanted),
            disable_rollback=False,
            timeout_mins=minutes,
            tags=_tags(installation, cluster_id, wanted, ask),
        )


@contextlib.contextmanager
def _own_trust(name: str) -> Iterator[None]:
    """Heat works by a trust of its own, lent by the cluster's: it goes with that one.
    Heat makes itself another one for another user only; it still deletes."""
    try:
        yield
    except exceptions.Transient as error:
        # Its answer is 500, where it lets us in and is not let in itself.
        if _HEAT_REFUSED not in error.message:
            raise
        raise exceptions.Transient(
            f"The cloud may not change the stack {name}: it has lost its right to act "
            "for the cluster's owner.",
            code="STACK_TRUST_GONE",
            hint="If that lasts, delete the cluster and create it again. What it has "
            "runs on.",
        ) from error


def mark_lost(cloud: sessions.Cloud, cluster_id: str, lost: Mapping[str, str]) -> None:
    """Tell Heat that those resources are no good: its next update makes them anew.
    Each comes with the resource that is the stack that it is in; empty: the outermost.
    """
    name = names.stack(cluster_id)
    with errors.explained(f"Marking servers of the stack {name}"):
        inner = {
            place: cloud.heat.resources.get(name, place).physical_resource_id
            for place in set(lost.values()) - {""}
        }
        for each, place in lost.items():
            cloud.heat.resources.mark_unhealthy(
                inner.get(place, name), each, True, "It is gone or in error."
            )


def delete(cloud: sessions.Cloud, cluster_id: str) -> None:
    """Ask for it to go."""
    _delete(cloud, names.stack(cluster_id))


def delete_inner(cloud: sessions.Cloud, cluster_id: str) -> bool:
    """Ask for those to go that were inside the cluster's and are left: Heat knows
    nothing any more of one whose making it was told of too late. False: there is none.
    """
    prefix = f"{names.stack(cluster_id)}-"
    with errors.explained("Listing the stacks inside"):
        every = cloud.heat.stacks.list(show_nested=True)
        left = [each for each in every if each.stack_name.startswith(prefix)]
    for each in left:
        if each.stack_status != "DELETE_IN_PROGRESS":
            _delete(cloud, each.id)
    return bool(left)


def _delete(cloud: sessions.Cloud, name: str) -> None:
    with errors.explained(f"Deleting the stack {name}"):
        try:
            cloud.heat.stacks.delete(name)
        except errors.ABSENT:
            return


def owned(cloud: sessions.Cloud, installation: str) -> tuple[str, ...]:
    """The cluster ids of all stacks of this installation in the identity's project."""
    prefix = f"{names.OWNER}-"
    with errors.explained("Listing stacks"):
        found = cloud.heat.stacks.list(
            filters={"tags": f"{names.OWNER},i-{installation}"}
        )
        all_ = [stack.stack_name for stack in found]
    return tuple(n.removeprefix(prefix) for n in all_ if n.startswith(prefix))


def failure(cloud: sessions.Cloud, stack: Stack) -> exceptions.Permanent:
    """Why a stack is not what was asked for, in the words of the resources that
    failed: those that are there, else (taken back since) those that its events name."""
    with errors.explained("Asking a stack why it failed"):
        found = cloud.heat.resources.list(
            stack.id, filters={"status": "FAILED"}, nested_depth=_DEPTH
        )
        reasons = _reasons(found) or _reasons(
            cloud.heat.events.list(
                stack.id,
                filters={"resource_status": "FAILED"},
                sort_dir="desc",
                limit=_EVENTS,
                nested_depth=_DEPTH,
            )
        )
    why = "; ".join(reasons[:_FAILURES_SHOWN]) or stack.why
    action = "change" if stack.action == "ROLLBACK" else stack.action.lower()
    code, hint = errors.cause(why)
    return exceptions.Permanent(
        f"The cloud could not {action} the cluster's stack: {why}",
        code=code or "STACK_FAILED",
        hint=hint
        or "Correct what the cloud complains of, delete the cluster and ask again.",
    )


def _reasons(found: Iterable[Any]) -> list[str]:
    """What went wrong by itself: not what was stopped for it, nor what holds it."""
    texts = {
        each.resource_name: str(each.resource_status_reason or "")
        for each in found
        if each.resource_status.endswith("FAILED")
    }
    return [
        f"{name}: {text}"
        for name, text in texts.items()
        if text and not text.startswith(_ECHOES)
    ]


def _tags(
    installation: str, cluster_id: str, wanted: template.Template, ask: str
) -> str:
    said = f"i-{installation}", f"t-{wanted.digest()}", f"a-{ask}"
    return ",".join((names.OWNER, cluster_id, *said))


def _files(wanted: template.Template) -> dict[str, str]:
    return {name: json.dumps(body) for name, body in wanted.files.items()}
