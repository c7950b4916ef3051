# SPDX-License-Identifier: Apache-2.0
"""``why``: one screen on the state of a cluster or job."""

from __future__ import annotations

import argparse
import datetime
from collections.abc import Iterable
from collections.abc import Sequence
from typing import Any

from sparkaas.client import clusters
from sparkaas.client import errors
from sparkaas.client import jobs
from sparkaas.osc import base
from sparkaas.osc import columns

#: How many of the latest events are shown.
EVENTS = 8

#: What a healthy or running state means, where the service gives no reason.
PLAIN = {
    "Active": "Everything that was asked for is there.",
    "Deleting": "Its deletion was asked for.",
    "PENDING": "It waits for its cluster or its files.",
    "RUNNING": "Its driver runs.",
    "TOBEKILLED": "Its end was asked for.",
    "SUCCEEDED": "Its driver ended with exit code 0.",
    "KILLED": "It was cancelled, or its cluster was deleted.",
}


class Why(base.ShowOne):
    """Tell in what state a cluster or job is, since when, why, and what is next."""

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser = super().get_parser(prog_name)
        parser.add_argument("name", metavar="CLUSTER|JOB", help="name or id")
        return parser

    def take_action(
        self, parsed_args: argparse.Namespace
    ) -> tuple[Sequence[str], Iterable[Any]]:
        found = self._find(parsed_args.name)
        now = datetime.datetime.now(datetime.UTC)
        if isinstance(found, clusters.Cluster):
            full = self.client.clusters.get(found.id, show_progress="true")
            rows = of_cluster(full, now)
        else:
            rows = of_job(found, self._cluster_name(found), now)
        rows = {key: value for key, value in rows.items() if value not in ("", None)}
        return list(rows), [columns.present(value) for value in rows.values()]

    def _find(self, name: str) -> clusters.Cluster | jobs.Job:
        """By id or name; a name that a cluster and a job share is ambiguous."""
        found: list[clusters.Cluster | jobs.Job] = []
        for find in (self.client.clusters.find, self.client.jobs.find):
            try:
                found.append(find(name))
            except errors.NotFound:
                continue
        if not found:
            raise errors.NotFound(
                f"There is no cluster or job with the id or name {name!r}.",
                status=404,
                hint="cluster list and job list show what there is.",
            )
        if len(found) > 1:
            raise errors.Ambiguous(
                f"A cluster and a job have the name {name!r}.",
                hint=f"Use an id: cluster {found[0].id}, job {found[1].id}.",
            )
        one = found[0]
        return self.client.jobs.named([one])[0] if isinstance(one, jobs.Job) else one

    def _cluster_name(self, job: jobs.Job) -> str:
        if job.cluster_id is None:
            return "gone"
        try:
            cluster = self.client.clusters.get(job.cluster_id)
        except errors.NotFound:
            return "gone"
        return f"{cluster.name} ({cluster.status})"


def of_cluster(cluster: clusters.Cluster, now: datetime.datetime) -> dict[str, Any]:
    """The screen of a cluster."""
    groups = ", ".join(
        f"{len(group.instances)} of {group.count} {group.name}"
        for group in cluster.node_groups
    )
    at_rest, failed = cluster.at_rest, cluster.status == "Error"
    since = None if at_rest else cluster.step_started_at
    since = since or _settled_at(cluster) or cluster.updated_at or cluster.created_at
    health = cluster.verification
    return {
        "cluster": f"{cluster.name} ({cluster.id})",
        "state": cluster.status,
        "since": _since(since, now),
        "why": _why(cluster.status, cluster.reason, cluster.status_description),
        "code": cluster.reason.code if cluster.reason else "",
        "hint": cluster.reason.hint if cluster.reason else "",
        "next": _next(cluster, now, "nothing until you ask" if failed else ""),
        "nodes": groups,
        "health": health.status if health else "",
        "checks": [
            f"{check.status} {check.name}: {check.description}"
            for check in (health.checks if health else ())
        ]
        or None,
        "events": events(cluster) or None,
    }


def of_job(job: jobs.Job, cluster: str, now: datetime.datetime) -> dict[str, Any]:
    """The screen of a job."""
    since = job.end_time or job.start_time or job.step_started_at or job.created_at
    progress = job.progress
    return {
        "job": f"{job.name} ({job.id})",
        "state": job.status,
        "since": _since(since, now),
        "why": _why(job.status, job.reason, ""),
        "code": job.reason.code if job.reason else "",
        "hint": job.reason.hint if job.reason else "",
        "exit code": job.return_code,
        "next": _next(job, now, "nothing: it is over" if job.finished else ""),
        "cluster": cluster,
        "progress": (
            f"stages {progress.stages_done}/{progress.stages_total}, "
            f"tasks {progress.tasks_done}/{progress.tasks_total} {progress.ui_url}"
            if progress
            else ""
        ).rstrip(),
    }


def _settled_at(cluster: clusters.Cluster) -> datetime.datetime | None:
    """When the last step ended: health checks change a cluster, but not its state."""
    ends = [step.updated_at for step in cluster.provision_progress if step.updated_at]
    return max(ends, default=None)


def _since(moment: datetime.datetime | None, now: datetime.datetime) -> str:
    if moment is None:
        return ""
    span = columns.format_span((now - moment).total_seconds())
    return f"{columns.format_time(moment)} ({span})"


def _why(status: str, reason: Any, description: str) -> str:
    return (reason.sentence if reason else "") or description or PLAIN.get(status, "")


def _next(
    found: clusters.Cluster | jobs.Job, now: datetime.datetime, at_rest: str
) -> str:
    """What the service does next."""
    if at_rest:
        return at_rest
    what = f"step {found.step}" if found.step else "it is looked at"
    if found.waiting_for and found.waiting_for != _sentence(found):
        what = f"{what}: {found.waiting_for.rstrip('.')}"
    if found.next_run_at is None:
        return what if found.step or found.waiting_for else "nothing until you ask"
    left = (found.next_run_at - now).total_seconds()
    when = f"in {columns.format_span(left)}" if left > 0 else "now"
    return f"{what}; next look {when}"


def _sentence(found: clusters.Cluster | jobs.Job) -> str:
    return found.reason.sentence if found.reason else ""


def events(cluster: clusters.Cluster) -> list[str]:
    """The latest of what happened, oldest first."""
    lines: list[tuple[str, str]] = []
    for step in cluster.provision_progress:
        state = {None: "under way", True: "done", False: "failed"}[step.successful]
        at = columns.format_time(step.updated_at or step.created_at)
        lines.append((at, f"{at}  {step.step_name}: {state}"))
        for event in step.events:
            if not (event.instance_name or event.event_info):
                continue  # says no more than its step
            at = columns.format_time(event.created_at)
            what = event.event_info or ("done" if event.successful else "failed")
            who = f", {event.instance_name}" if event.instance_name else ""
            lines.append((at, f"{at}  {step.step_name}{who}: {what}"))
    lines.sort(key=lambda line: line[0])
    return [text for _, text in lines[-EVENTS:]]
