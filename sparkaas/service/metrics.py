# SPDX-License-Identifier: Apache-2.0
"""What the database tells an operator, looked up when Prometheus asks: four
statements, whatever there is."""

from __future__ import annotations

import collections
from collections.abc import Callable
from collections.abc import Iterable
from typing import Any

from sparkaas import meters
from sparkaas import states
from sparkaas.db import counts
from sparkaas.db import notifications
from sparkaas.service import env as service_env


def exposition(env: service_env.Env) -> bytes:
    """What was counted and what there is, in Prometheus' text format."""
    now = env.clock.now()
    clusters = counts.clusters(env.db, now)
    jobs = counts.jobs(env.db, now)
    due = []
    for kind, found in (("cluster", clusters), ("job", jobs)):
        times = [one.due for one in found if one.due is not None]
        waits = (now - min(times)).total_seconds() if times else 0.0
        due.append(([kind], waits))
    pending = [
        one.oldest
        for one in jobs
        if one.oldest is not None
        and states.job_status(one.one) is states.JobStatus.PENDING
    ]
    oldest = (now - min(pending)).total_seconds() if pending else 0.0
    looked_up = meters.gauges(
        {
            "sparkaas_clusters": (
                "Clusters by status.",
                ["status"],
                _by(states.cluster_status, clusters, states.ClusterStatus),
            ),
            "sparkaas_jobs": (
                "Jobs by status.",
                ["status"],
                _by(states.job_status, jobs, states.JobStatus),
            ),
            "sparkaas_nodes": (
                "Nodes that clusters have been asked to have.",
                [],
                [([], counts.nodes(env.db))],
            ),
            "sparkaas_due_seconds": (
                "How long the record that has been due longest has waited for a "
                "conductor.",
                ["kind"],
                due,
            ),
            "sparkaas_pending_job_seconds": (
                "Age of the oldest job that has not begun to run.",
                [],
                [([], oldest)],
            ),
            "sparkaas_notifications_waiting": (
                "Notifications that are recorded and not yet sent.",
                [],
                [([], notifications.waiting(env.db))],
            ),
        }
    )
    return meters.exposition() + looked_up


def _by(
    status: Callable[[Any], str], found: Iterable[counts.Count], words: Iterable[str]
) -> list[tuple[list[str], float]]:
    """Every status, those that nothing has with 0."""
    totals: collections.Counter[str] = collections.Counter()
    for each in found:
        totals[str(status(each.one))] += each.number
    return [([str(word)], totals[str(word)]) for word in words]
