# SPDX-License-Identifier: Apache-2.0
"""What a pass makes of a record: pure functions from an outcome to an update.

The marker of a step (its name, and when it began) is written with the facts of
the step before it, so it stands in the record before the step first runs: its
deadline counts from there, whatever becomes of the passes. Past the deadline a step
has one more pass, for the conductors may have been away for longer than that. That
pass, too, is marked before it runs, so a step that ends the process each time does
not come again for ever.
"""

from __future__ import annotations

import dataclasses
import datetime
from collections.abc import Mapping
from typing import Any
from typing import Generic

from oslo_config import cfg

from sparkaas import model
from sparkaas.service import env as service_env
from sparkaas.service import plans
from sparkaas.service import progress
from sparkaas.service.plans import R

#: In the checkpoint: the request, and the plan for it, that the step belongs to.
GENERATION = "generation"
PLAN = "plan"
#: In the checkpoint: the lease epoch after which comes the step's last pass.
LAST_TRY = "last_try"


@dataclasses.dataclass(frozen=True)
class Failure:
    """A step raised: why, whether trying again may help, and how often in all, if
    that is less often than what is configured."""

    reason: model.Reason
    again: bool
    tries: int | None = None


@dataclasses.dataclass(frozen=True)
class Update:
    """What to write: observed fields, when to look again, and what users see."""

    changes: Mapping[str, Any]
    next_run_at: datetime.datetime | None
    steps: tuple[model.ProvisionStep, ...] = ()
    events: tuple[model.Event, ...] = ()
    #: The step was given up.
    failed: bool = False


@dataclasses.dataclass(frozen=True)
class Pass(Generic[R]):
    """One pass: what was claimed, and what was chosen to be done about it.

    ``step`` None: the plan is to be begun, or is empty. ``epoch`` is the lease's: it
    counts the record's claims.
    """

    env: service_env.Env
    kind: plans.Kind[R]
    record: R
    plan: plans.Plan[R]
    step: plans.Step[R] | None
    epoch: int

    @property
    def now(self) -> datetime.datetime:
        return self.env.clock.now()

    @property
    def conf(self) -> cfg.ConfigOpts:
        return self.env.conf


def choose(env: service_env.Env, kind: plans.Kind[R], record: R, epoch: int) -> Pass[R]:
    """Which step the record needs now.

    The plan begins anew when the user asked for something else since, when another
    plan has become due, or when its step is unknown (as one of another release is).
    """
    plan = kind.plan_for(record)
    step = plan.find(record.step)
    same = (
        record.checkpoint.get(GENERATION) == record.generation
        and record.checkpoint.get(PLAN) == plan.name
    )
    return Pass(env, kind, record, plan, step if same else None, epoch)


def current_reason(record: model.Work) -> model.Reason | None:
    """Why the record is in its state. The last request's reason stands in it until
    a conductor begins the next one, and has nothing to do with that."""
    settled = record.generation == record.observed_generation
    begun: bool = record.checkpoint.get(GENERATION) == record.generation
    return record.reason if settled or begun else None


def check_facts(record: model.Work, facts: Mapping[str, Any]) -> None:
    """Raise ``ValueError`` for a fact that a step must not establish."""
    observed: frozenset[str] = record.OBSERVED  # type: ignore[attr-defined]
    foreign = facts.keys() - observed - {plans.HAPPENINGS}
    if foreign:
        raise ValueError(f"a step must not write {sorted(foreign)}")


def applied(record: R, update: Update) -> R:
    """The record as it is after the update."""
    changed = {**update.changes, "next_run_at": update.next_run_at}
    return dataclasses.replace(record, **changed)


def overdue(work: Pass[R], step: plans.Step[R]) -> Update | None:
    """What is written instead of running a step that has had its time; None: it has
    not, or this is its last try."""
    if not _is_late(work, step):
        return None
    marked: int | None = work.record.checkpoint.get(LAST_TRY)
    if marked is None:
        checkpoint = {**work.record.checkpoint, LAST_TRY: work.epoch}
        return Update({"checkpoint": checkpoint}, work.now)
    if work.epoch == marked + 1:
        return None
    late = _too_late(work, step, "The conductor that tried it last died in it.")
    return _give_up(work, step, late, {}, ())


def settle(
    work: Pass[R], step: plans.Step[R], outcome: plans.Outcome | Failure
) -> Update:
    """What a pass whose step ended with ``outcome`` writes."""
    if isinstance(outcome, Failure):
        return _failed(work, step, outcome)
    if isinstance(outcome, model.Wait):
        return _waits(work, step, outcome)
    if isinstance(outcome, model.Done):
        return _done(work, step, outcome)
    # Not removed after all, because the intent moved: the next pass sees to that.
    return Update({}, work.now)


def begin(work: Pass[R]) -> Update:
    """Put the marker of the first step, or come to rest."""
    record = work.record
    closed = progress.ended(
        record, False, [plans.Happening("Another request came.", successful=False)]
    )
    changes: dict[str, Any] = {}
    kept = dict(record.checkpoint)
    if kept.get(GENERATION) != record.generation:
        # A new request: what became of the last one is of no interest any more.
        changes["reason"] = None
        kept = {key: kept[key] for key in work.kind.lasting if key in kept}
    if work.plan.steps:
        return _enter(work, record, work.plan, changes, kept, closed)
    changes |= {"observed_generation": record.generation}
    return _rest(changes, {**kept, GENERATION: record.generation}, closed)


def _enter(
    work: Pass[R],
    record: R,
    plan: plans.Plan[R],
    changes: dict[str, Any],
    kept: Mapping[str, Any],
    shown: progress.Progress,
    step: plans.Step[R] | None = None,
    when: datetime.datetime | None = None,
) -> Update:
    """Put the marker of ``step`` (the plan's first), to be run at ``when`` (now)."""
    now = work.now
    step = step or plan.steps[0]
    shown = shown + progress.begun(record, step)
    checkpoint = {
        **kept,
        GENERATION: record.generation,
        PLAN: plan.name,
        progress.OPEN: shown.open,
        plans.MEMO: None,
        LAST_TRY: None,
    }
    changes = {
        **changes,
        "step": step.name,
        "step_started_at": when or now,
        "attempts": 0,
        "waiting_for": "",
        "checkpoint": _clean(checkpoint),
    }
    return Update(changes, when or now, shown.steps, shown.events)


def _rest(
    changes: Mapping[str, Any], kept: Mapping[str, Any], shown: progress.Progress
) -> Update:
    """Nothing to do until asked."""
    ended = (PLAN, progress.OPEN, plans.MEMO, LAST_TRY)
    checkpoint = {**kept, **dict.fromkeys(ended)}
    changes = {
        **changes,
        "step": None,
        "step_started_at": None,
        "attempts": 0,
        "waiting_for": "",
        "checkpoint": _clean(checkpoint),
    }
    return Update(changes, None, shown.steps, shown.events)


def _done(work: Pass[R], step: plans.Step[R], outcome: model.Done) -> Update:
    """Take the facts and go on: to the next step, or to what the plan's end means."""
    changes, happenings = _facts(work, outcome.facts)
    record = dataclasses.replace(work.record, **changes)
    if record.checkpoint.get(progress.OPEN) is None:
        shown = progress.told(record, step, happenings)
    else:
        shown = progress.ended(record, True, happenings)
    following = work.plan.after(step)
    if following is not None and work.kind.plan_for(record).name == work.plan.name:
        kept = record.checkpoint
        return _enter(work, record, work.plan, changes, kept, shown, following)
    changes |= work.kind.finished(record, work.plan, work.now)
    return _onwards(work, changes, shown)


def _onwards(
    work: Pass[R], changes: dict[str, Any], shown: progress.Progress
) -> Update:
    """A plan is over: enter the one that the record has now."""
    record = dataclasses.replace(work.record, **changes)
    plan = work.kind.plan_for(record)
    if not plan.steps:
        return _rest(changes, record.checkpoint, shown)
    when = None
    if plan.idle:
        delay = work.kind.delay(record, work.conf)
        when = work.now + datetime.timedelta(seconds=delay)
    kept = record.checkpoint
    return _enter(work, record, plan, changes, kept, shown, when=when)


def _waits(work: Pass[R], step: plans.Step[R], outcome: model.Wait) -> Update:
    """Come back later, unless the step has had its time."""
    changes, happenings = _facts(work, outcome.facts)
    if _is_late(work, step):
        late = _too_late(work, step, outcome.why)
        return _give_up(work, step, late, changes, happenings)
    record = dataclasses.replace(work.record, **changes)
    shown = progress.told(record, step, happenings)
    changes |= {"attempts": 0, "waiting_for": outcome.why}
    when = work.now + datetime.timedelta(seconds=outcome.seconds)
    return Update(changes, when, shown.steps, shown.events)


def _failed(work: Pass[R], step: plans.Step[R], failure: Failure) -> Update:
    """Try again after a while that doubles, or give up."""
    attempts = work.record.attempts + 1
    options = work.conf.conductor
    if not failure.again:
        return _give_up(work, step, failure.reason, {}, ())
    if _is_late(work, step):
        late = _too_late(work, step, failure.reason.sentence)
        return _give_up(work, step, late, {}, ())
    most = min(options.max_attempts, failure.tries or options.max_attempts)
    if attempts >= most:
        return _give_up(work, step, failure.reason, {}, ())
    # 2 ** 30 s is past any limit, and a float has room for it.
    seconds = min(options.retry_base * 2 ** min(attempts - 1, 30), options.retry_max)
    changes: dict[str, Any] = {
        "attempts": attempts,
        "waiting_for": f"Failed {attempts} of {most} times, tries again in "
        f"{seconds:g} s: {failure.reason.sentence}",
    }
    if not work.plan.idle:
        changes["reason"] = failure.reason
    when = work.now + datetime.timedelta(seconds=seconds)
    return Update(changes, when)


def _give_up(
    work: Pass[R],
    step: plans.Step[R],
    reason: model.Reason,
    changes: dict[str, Any],
    happenings: list[plans.Happening] | tuple[plans.Happening, ...],
) -> Update:
    """The step will not succeed: what that means is the kind's to say."""
    if not reason.hint and step.hint:
        reason = dataclasses.replace(reason, hint=step.hint)
    record = dataclasses.replace(work.record, **changes)
    last = plans.Happening(reason.sentence, successful=False)
    shown = progress.ended(record, False, [*happenings, last])
    given_up = work.kind.given_up(record, work.plan, step, reason, work.now)
    update = _onwards(work, {**changes, **given_up}, shown)
    return dataclasses.replace(update, failed=True)


def _facts(
    work: Pass[R], facts: Mapping[str, Any]
) -> tuple[dict[str, Any], list[plans.Happening]]:
    """A step's facts as changes. A step that got through takes back the reason that
    its own failed attempts had left."""
    record = work.record
    changes = dict(facts)
    happenings = list(changes.pop(plans.HAPPENINGS, ()))
    if record.attempts and not work.plan.idle:
        changes.setdefault("reason", None)
    merged = {**record.checkpoint, **facts.get("checkpoint", {})}
    changes["checkpoint"] = _clean(merged)
    return changes, happenings


def _clean(checkpoint: Mapping[str, Any]) -> dict[str, Any]:
    """A checkpoint without what was set to None."""
    return {key: value for key, value in checkpoint.items() if value is not None}


def _is_late(work: Pass[R], step: plans.Step[R]) -> bool:
    began = work.record.step_started_at
    if step.deadline is None or began is None:
        return False
    lasted = (work.now - began).total_seconds()
    return lasted >= step.deadline(work.conf)


def _too_late(work: Pass[R], step: plans.Step[R], why: str) -> model.Reason:
    seconds = step.deadline(work.conf) if step.deadline is not None else 0
    return model.Reason(
        code="DEADLINE_PASSED",
        sentence=f"The step {step.name} was not done within {seconds:g} seconds: {why}",
    )
