# SPDX-License-Identifier: Apache-2.0
"""What a job's driver wrote, by byte offset, also while it still writes."""

from __future__ import annotations

import dataclasses
import threading
import time
from collections.abc import Callable

from sparkaas import context as contexts
from sparkaas import exceptions
from sparkaas import model
from sparkaas import states
from sparkaas.db import jobs as db_jobs
from sparkaas.service import env as environment
from sparkaas.service import job_history

#: The event log of the job's application, there when the job has ended.
EVENTS = "events"
STREAMS = ("stdout", "stderr", EVENTS)

#: Bytes in one answer unless the caller asks for fewer or more.
DEFAULT_LIMIT = 1024 * 1024

#: Looks at the store for each look at the record.
_LOOKS = 3


@dataclasses.dataclass(frozen=True)
class Piece:
    """Bytes of a log from ``start``; the next ones begin at ``next``. With
    ``complete`` there will never be more. ``name`` is for a file of all of them."""

    data: bytes
    start: int
    next: int
    complete: bool
    name: str = dataclasses.field(default="", compare=False)


def key(job_id: str, stream: str) -> str:
    """Where the store keeps the bytes."""
    return f"jobs/{job_id}/{stream}"


def read(
    env: environment.Env,
    context: contexts.RequestContext,
    id: str,
    stream: str,
    *,
    offset: int = 0,
    limit: int = DEFAULT_LIMIT,
    wait: float = 0.0,
    pause: Callable[[float], object] | None = None,
) -> Piece:
    """A piece of a job's output.

    Answers at once when there is something from ``offset`` on or the log is complete,
    else after at most ``wait`` seconds (cut to the service's own limit) with
    nothing. ``pause`` waits some seconds; tests give their own.
    """
    if pause is None:
        pause = threading.Event().wait
    job = db_jobs.get(env.db, id, context.project_id)
    name = _name(env, id, stream)
    if offset > (size := env.store.size(key(id, name))):
        raise exceptions.InvalidRequest(
            f"Offset {offset} lies past the end of the log, which is at {size}."
        )
    deadline = time.monotonic() + min(wait, env.conf.api.long_poll_seconds)
    while True:
        # The record before the store: output is complete before a job is terminal.
        ended = _ended(job)
        for _ in range(_LOOKS):
            name = _name(env, id, stream)
            if env.store.size(key(id, name)) > offset or ended:
                return _piece(env, id, name, offset, limit, ended)
            left = deadline - time.monotonic()
            if left <= 0:
                return Piece(b"", offset, offset, False, name)
            pause(min(env.conf.api.long_poll_pause, left))
        job = db_jobs.get(env.db, id, context.project_id)


def _name(env: environment.Env, id: str, stream: str) -> str:
    return job_history.name(env, id) if stream == EVENTS else stream


def _ended(job: model.Job) -> bool:
    return job.outcome in states.JOB_TERMINAL


def _piece(
    env: environment.Env, id: str, name: str, offset: int, limit: int, ended: bool
) -> Piece:
    where = key(id, name)
    data = env.store.read(where, offset, limit)
    after = offset + len(data)
    whole = ended and after >= env.store.size(where)
    return Piece(data, offset, after, whole, name)
