# SPDX-License-Identifier: Apache-2.0
"""The loop's body: claim a due record, run one step of its plan, record.

Nothing is remembered between passes: any conductor can do the next. A pass that
is killed leaves a lease, which runs out.
"""

from __future__ import annotations

import datetime
import logging
import time
from collections.abc import Callable
from collections.abc import Sequence
from typing import Generic

from sparkaas import exceptions
from sparkaas import meters
from sparkaas import model
from sparkaas.db import leases
from sparkaas.service import env as service_env
from sparkaas.service import notices
from sparkaas.service import plans
from sparkaas.service import transitions
from sparkaas.service.plans import R

LOG = logging.getLogger(__name__)

#: Seconds until a database that was away is asked again.
_PATIENCE = 0.5


class Claim(Generic[R]):
    """A record that is ours for a while. ``extend`` may be called by another thread
    than the one that works on it, and also after that one has given it back."""

    def __init__(
        self, env: service_env.Env, kind: str, record: R, lease: model.Lease
    ) -> None:
        self.record = record
        self.lease = lease
        self._env = env
        self._kind = kind

    def extend(self) -> bool:
        """Hold the record for another ``lease_seconds``. False when it is held no
        more: then what this pass records is refused, if another conductor has it."""
        seconds = self._env.conf.conductor.lease_seconds
        now = self._env.clock.now()
        lease = leases.extend(self._env.db, self._kind, self.lease, now, seconds)
        if lease is not None:
            self.lease = lease
        return lease is not None


class Reconciler(Generic[R]):
    """Passes over the records of one kind. May be used by many threads."""

    def __init__(self, env: service_env.Env, kind: plans.Kind[R], owner: str) -> None:
        self.kind = kind
        self._env = env
        self._owner = owner

    def pass_once(self, id: str | None = None) -> bool:
        """Claim a due record (that of ``id``) and run one step; False: none is due."""
        claim = self.claim(id)
        if claim is None:
            return False
        self.run(claim)
        return True

    def claim(self, id: str | None = None) -> Claim[R] | None:
        """Get the record that has been due longest."""
        claimed = leases.claim(
            self._env.db,
            self.kind.name,
            owner=self._owner,
            now=self._env.clock.now(),
            seconds=self._env.conf.conductor.lease_seconds,
            id=id,
        )
        if claimed is None:
            return None
        record: R = claimed[0]  # type: ignore[assignment]
        return Claim(self._env, self.kind.name, record, claimed[1])

    def next_due(self) -> datetime.datetime | None:
        """When the next record of the kind can be claimed; None: not by itself."""
        return leases.next_due(self._env.db, self.kind.name)

    def run(self, claim: Claim[R]) -> None:
        """Run one step and record what came of it. What the step raises is recorded,
        too; what this raises is the database's."""
        record, epoch = claim.record, claim.lease.epoch
        work = transitions.choose(self._env, self.kind, record, epoch)
        step = work.step
        if step is None:
            self._record(claim, work, transitions.begin(work))
            return
        instead = transitions.overdue(work, step)
        if instead is not None:
            self._record(claim, work, instead)
            return
        outcome = self._metered(work, step)
        if isinstance(outcome, plans.Gone) and self._remove(claim):
            return
        self._settle(claim, work, step, outcome)

    def _metered(
        self, work: transitions.Pass[R], step: plans.Step[R]
    ) -> plans.Outcome | transitions.Failure:
        began = time.monotonic()
        outcome = self._attempt(work, step)
        name = self.kind.name
        if isinstance(outcome, transitions.Failure):
            word = "transient" if outcome.again else "permanent"
        else:
            word = type(outcome).__name__.lower()
        meters.STEPS.labels(name, step.name, word).inc()
        seconds = time.monotonic() - began
        meters.STEP_SECONDS.labels(name, step.name).observe(seconds)
        return outcome

    def _attempt(
        self, work: transitions.Pass[R], step: plans.Step[R]
    ) -> plans.Outcome | transitions.Failure:
        try:
            outcome = step.run(self._env, work.record)
            if not isinstance(outcome, plans.Gone):
                transitions.check_facts(work.record, outcome.facts)
        except exceptions.Transient as error:
            LOG.warning("%s: %s", self._name(work), error.message)
            return transitions.Failure(_reason(error), again=True, tries=error.tries)
        except exceptions.SparkaasError as error:
            LOG.warning("%s: %s", self._name(work), error.message)
            return transitions.Failure(_reason(error), again=False)
        except Exception:
            LOG.exception("%s: unexpected error", self._name(work))
            return transitions.Failure(_unexpected(step.name), again=True)
        return outcome

    def _remove(self, claim: Claim[R]) -> bool:
        """True when the record is gone, False when it was asked for something else or
        another conductor has it."""
        record = claim.record
        removed = self._patiently(
            lambda: leases.remove(
                self._env.db,
                self.kind.name,
                claim.lease,
                now=self._env.clock.now(),
                notices=self._notices(record, None),
            )
        )
        if not removed:
            return False
        status = self.kind.status(record)
        LOG.info("%s %s moved from %s to gone", self.kind.name, record.id, status)
        return True

    def _settle(
        self,
        claim: Claim[R],
        work: transitions.Pass[R],
        step: plans.Step[R],
        outcome: plans.Outcome | transitions.Failure,
    ) -> None:
        try:
            self._record(claim, work, transitions.settle(work, step, outcome))
        except Exception:
            if isinstance(outcome, transitions.Failure):
                raise
            # Facts that cannot be stored, say: as if the step had failed, or it
            # would come again at once for ever. Had they been stored after all, the
            # lease is gone and this is refused.
            LOG.exception("%s: cannot be recorded", self._name(work))
            failure = transitions.Failure(_unexpected(step.name), again=True)
            self._record(claim, work, transitions.settle(work, step, failure))

    def _record(
        self,
        claim: Claim[R],
        work: transitions.Pass[R],
        update: transitions.Update,
    ) -> None:
        record = transitions.applied(work.record, update)
        recorded = self._patiently(
            lambda: leases.record(
                self._env.db,
                self.kind.name,
                claim.lease,
                now=self._env.clock.now(),
                changes=update.changes,
                next_run_at=update.next_run_at,
                steps=update.steps,
                events=update.events,
                notices=self._notices(work.record, record),
            )
        )
        if not recorded:
            LOG.warning("%s: another conductor took it over", self._name(work))
            meters.LEASE_LOSSES.labels(self.kind.name).inc()
            return
        if update.failed and work.step is not None:
            meters.GIVEN_UP.labels(self.kind.name, work.step.name).inc()
        before = f"{self.kind.status(work.record)} ({work.record.step})"
        after = f"{self.kind.status(record)} ({record.step})"
        if before != after:
            name = self.kind.name
            LOG.info("%s %s moved from %s to %s", name, record.id, before, after)

    def _patiently(self, write: Callable[[], bool]) -> bool:
        """Write what came of a step, also if the database is away for a while: what is
        not recorded must be done once more, and not before the lease has run out. Where
        it was written before the answer was lost, the lease is not ours any more."""
        until = time.monotonic() + self._env.conf.conductor.lease_seconds
        while True:
            try:
                return write()
            except exceptions.DatabaseAway:
                if time.monotonic() >= until:
                    raise
                time.sleep(_PATIENCE)

    def _notices(self, before: R, after: R | None) -> Sequence[model.Notice]:
        if not self._env.announces:
            return ()
        found = notices.of(before, after)
        if self._env.conf.notifications.sahara_events:
            return found
        return [each for each in found if not each.event_type.startswith("sahara.")]

    def _name(self, work: transitions.Pass[R]) -> str:
        return f"{self.kind.name} {work.record.id} {work.record.step}"


def _reason(error: exceptions.SparkaasError) -> model.Reason:
    return model.Reason(code=error.code, sentence=error.message, hint=error.hint)


def _unexpected(step: str) -> model.Reason:
    """For users: nothing of what a traceback says."""
    return model.Reason(
        code="INTERNAL_ERROR",
        sentence=f"The service met an unexpected error in the step {step}.",
        hint="The conductor's log has the details.",
    )
