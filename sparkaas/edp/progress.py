# SPDX-License-Identifier: Apache-2.0
"""How far a Spark application is, from its driver's own REST API."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from typing import Any

from sparkaas import exceptions
from sparkaas import interfaces
from sparkaas import model

#: Below the range from which Linux gives out ports to outgoing connections.
_FIRST_PORT = 20000
_PORTS = 12000
_DEADLINE = 3.0
_LIMIT = 8 * 1024 * 1024


def port(job_id: str) -> int:
    """The port of a job's Spark UI: derived from its id, so that it is known to
    whoever knows the job, and drivers of one node hardly meet."""
    number = int.from_bytes(hashlib.sha256(job_id.encode()).digest()[:8], "big")
    return _FIRST_PORT + number % _PORTS


@dataclasses.dataclass(frozen=True)
class Seen:
    """An application: its id in Spark, and how far it is."""

    application: str
    progress: model.Progress


def read(remote: interfaces.Remote, ui_url: str) -> Seen | None:
    """What the application's UI says; None while there is none to ask."""
    try:
        applications = _get(remote, f"{ui_url}/api/v1/applications")
        id = str(applications[0]["id"])
        jobs = _get(remote, f"{ui_url}/api/v1/applications/{id}/jobs")
        return Seen(id, add_up(jobs, ui_url))
    except exceptions.SparkaasError:
        return None  # not up yet, busy, or gone: the next look will tell
    except (ValueError, LookupError, TypeError):
        return None  # something else answers there


def add_up(jobs: list[dict[str, Any]], ui_url: str) -> model.Progress:
    """The sum over an application's Spark jobs; skipped work counts as none."""
    return model.Progress(
        stages_done=sum(int(job["numCompletedStages"]) for job in jobs),
        stages_total=sum(
            len(job["stageIds"]) - int(job["numSkippedStages"]) for job in jobs
        ),
        tasks_done=sum(int(job["numCompletedTasks"]) for job in jobs),
        tasks_total=sum(
            int(job["numTasks"]) - int(job["numSkippedTasks"]) for job in jobs
        ),
        ui_url=ui_url,
    )


def _get(remote: interfaces.Remote, url: str) -> Any:
    return json.loads(remote.fetch(url, limit=_LIMIT, deadline=_DEADLINE))
