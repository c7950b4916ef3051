# SPDX-License-Identifier: Apache-2.0
"""A cluster's progress, as its users see it: provision steps and their events.

A step of a plan that has a title opens a provision step when it begins and closes
it when it ends, in the same transactions that move the record. The open one's id
stands in the checkpoint, so that it is closed whatever happens in between.
"""

from __future__ import annotations

import dataclasses
import uuid
from collections.abc import Iterable
from typing import Any

from sparkaas import model
from sparkaas.service import plans

#: The open provision step's place in the checkpoint.
OPEN = "progress"


@dataclasses.dataclass(frozen=True)
class Progress:
    """What to write; ``open`` is the new value of the checkpoint's part."""

    steps: tuple[model.ProvisionStep, ...] = ()
    events: tuple[model.Event, ...] = ()
    open: dict[str, Any] | None = None

    def __add__(self, other: Progress) -> Progress:
        return Progress(
            self.steps + other.steps, self.events + other.events, other.open
        )


def begun(record: model.Work, step: plans.Step[Any]) -> Progress:
    """The step begins."""
    if not isinstance(record, model.Cluster) or not step.title or step.quiet:
        return Progress()
    opened = _shown(record, step, len(_each(record)) if step.each else 1)
    return Progress(
        steps=(opened,),
        open={
            "id": opened.id,
            "name": opened.step_name,
            "type": opened.step_type,
            "total": opened.total,
            "each": step.each,
        },
    )


def told(
    record: model.Work, step: plans.Step[Any], happenings: Iterable[plans.Happening]
) -> Progress:
    """What happened within the step under way, which goes on; a quiet step is shown
    now, as a whole."""
    found = tuple(happenings)
    current = record.checkpoint.get(OPEN)
    if not isinstance(record, model.Cluster) or not found:
        return Progress(open=current)
    if current is not None:
        return Progress(events=_events(record, current["id"], found), open=current)
    whole = _shown(record, step, len(found), successful=True)
    return Progress(steps=(whole,), events=_events(record, whole.id, found))


def ended(
    record: model.Work, successful: bool, happenings: Iterable[plans.Happening] = ()
) -> Progress:
    """The step under way ends. A good end has an event for each that was expected."""
    current = record.checkpoint.get(OPEN)
    found = tuple(happenings)
    if current is None or not isinstance(record, model.Cluster):
        return Progress()
    if successful and not found:
        names = _each(record) if current["each"] else [None]
        found = tuple(plans.Happening(instance=name) for name in names)
    closed = model.ProvisionStep(
        id=current["id"],
        cluster_id=record.id,
        project_id=record.project_id,
        step_name=current["name"],
        step_type=current["type"],
        total=max(len(found), 1) if successful else current["total"],
        successful=successful,
    )
    return Progress(steps=(closed,), events=_events(record, closed.id, found))


def _shown(
    cluster: model.Cluster,
    step: plans.Step[Any],
    total: int,
    successful: bool | None = None,
) -> model.ProvisionStep:
    return model.ProvisionStep(
        id=str(uuid.uuid4()),
        cluster_id=cluster.id,
        project_id=cluster.project_id,
        step_name=step.title,
        step_type=step.types[0 if cluster.active_at is None else 1],
        total=total,
        successful=successful,
    )


def _each(cluster: model.Cluster) -> list[str]:
    return sorted(model.wanted_instances(cluster))


def _events(
    cluster: model.Cluster, step_id: str, happenings: Iterable[plans.Happening]
) -> tuple[model.Event, ...]:
    instances = {instance.name: instance for instance in cluster.instances}
    groups = model.wanted_instances(cluster)
    result = []
    for each in happenings:
        instance = instances.get(each.instance or "")
        group = groups.get(each.instance or "")
        if instance is not None:
            group_id: str | None = instance.node_group_id
        else:
            group_id = None if group is None else group.id
        result.append(
            model.Event(
                id=str(uuid.uuid4()),
                step_id=step_id,
                successful=each.successful,
                node_group_id=group_id,
                instance_id=None if instance is None else instance.instance_id,
                instance_name=each.instance,
                event_info=each.text or None,
            )
        )
    return tuple(result)
