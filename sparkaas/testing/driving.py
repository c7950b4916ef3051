# SPDX-License-Identifier: Apache-2.0
"""Drives the reconcilers by hand, on a clock that moves only when told."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from collections.abc import Iterator
from typing import Any

from sparkaas import model
from sparkaas.db import clusters
from sparkaas.db import jobs
from sparkaas.db import leases
from sparkaas.service import cluster_plans
from sparkaas.service import env as service_env
from sparkaas.service import job_plans
from sparkaas.service import plans
from sparkaas.service import reconciler
from sparkaas.testing import ground

KINDS: tuple[plans.Kind[Any], ...] = (cluster_plans.KIND, job_plans.KIND)

#: More than any test needs: what needs more goes round in circles.
MOST_PASSES = 2000


class Conductor:
    """One conductor, passes one by one."""

    def __init__(
        self, env: service_env.Env, clock: ground.FakeClock, owner: str = "conductor"
    ) -> None:
        self.env = env
        self.clock = clock
        self.reconcilers = [reconciler.Reconciler(env, kind, owner) for kind in KINDS]

    def passes(self) -> int:
        """Do all that is due now; return how many passes that took."""
        count = 0
        while any(self._each_once()):
            count += 1
            if count > MOST_PASSES:
                raise AssertionError("the passes do not come to an end")
        return count

    def settle(self, seconds: float = 20_000) -> None:
        """Go on, letting time pass, until nothing but health checks is to be done.
        More than ``seconds`` of it is an error."""
        limit = self.clock.now() + datetime.timedelta(seconds=seconds)
        for _ in range(MOST_PASSES):
            self.passes()
            if not any(self.unsettled()):
                return
            self._let_time_pass(limit)
        raise AssertionError(f"no end: {list(self.unsettled())}")

    def until(self, condition: Callable[[], object]) -> None:
        """Go on, letting time pass, until ``condition`` holds (looked at after each
        pass)."""
        for _ in range(MOST_PASSES):
            if condition():
                return
            if not any(self._each_once()):
                self._let_time_pass(None)
        raise AssertionError("it never came to that")

    def next_check(self, cluster: model.Cluster) -> model.Cluster:
        """Let the cluster's next health check come and go; its record after that."""
        due = clusters.get(self.env.db, cluster.id).next_run_at
        if due is None:
            raise AssertionError(f"no health check of {cluster.name} is to come")
        self.clock.advance_to(due)
        self.passes()
        return clusters.get(self.env.db, cluster.id)

    def _let_time_pass(self, limit: datetime.datetime | None) -> None:
        due = [leases.next_due(self.env.db, kind.name) for kind in KINDS]
        known = [when for when in due if when is not None]
        if not known:
            raise AssertionError("nothing will ever happen again")
        if limit is not None and min(known) > limit:
            raise AssertionError(f"unsettled: {list(self.unsettled())}")
        self.clock.advance_to(min(known))

    def _each_once(self) -> list[bool]:
        """One pass of every kind; a list, so that none is left out."""
        return [each.pass_once() for each in self.reconcilers]

    def unsettled(self) -> Iterator[model.Work]:
        """Records that ask for more than a health check."""
        everything = model.Query()
        for cluster in clusters.page(self.env.db, None, everything).items:
            plan = cluster_plans.plan_for(cluster)
            if plan.steps and not plan.idle or not _is_put_down(cluster):
                yield cluster
        for job in jobs.page(self.env.db, None, everything).items:
            if job_plans.plan_for(job).steps or not _is_put_down(job):
                yield job


def _is_put_down(record: model.Work) -> bool:
    """Whether the last request has been noticed at all."""
    return record.observed_generation == record.generation
