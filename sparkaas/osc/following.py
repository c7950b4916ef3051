# SPDX-License-Identifier: Apache-2.0
"""A running job at a person's terminal: both outputs, progress, Ctrl-C."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import TYPE_CHECKING

from sparkaas.client import errors
from sparkaas.client import logs
from sparkaas.client import resource
from sparkaas.osc import console as console_module

if TYPE_CHECKING:
    from sparkaas.client import client as client_module
    from sparkaas.client import jobs

#: Seconds between two looks at the job while its output flows.
LOOK_SECONDS = 0.5
#: Seconds that the end of the output may lag behind the end of the job.
LAG_SECONDS = 60.0


class Detached(Exception):
    """The person left; the job goes on. ``asked``: it was their explicit choice."""

    def __init__(self, asked: bool) -> None:
        super().__init__()
        self.asked = asked


class _Copier(threading.Thread):
    """Copies one stream of a job until it is complete; keeps what went wrong."""

    def __init__(
        self,
        client: client_module.Client,
        job_id: str,
        stream: str,
        output: console_module.Output,
        offset: int,
        follow: bool,
        ended: threading.Event,
    ) -> None:
        super().__init__(name=f"copy-{stream}", daemon=True)
        self._pieces = client.follow_log(job_id, stream, offset, follow=follow)
        self._stream = stream
        self._output = output
        self._ended = ended
        self.failure: Exception | None = None

    def run(self) -> None:
        try:
            for piece in self._pieces:
                self._output.write(self._stream, piece)
        except Exception as error:  # told by the thread that joins this one
            self.failure = error
        finally:
            self._ended.set()


class _Copiers:
    """The copiers of a job's streams."""

    def __init__(
        self,
        client: client_module.Client,
        job_id: str,
        output: console_module.Output,
        streams: Sequence[str],
        offset: int = 0,
        follow: bool = True,
    ) -> None:
        # Settled before two threads could both ask for it.
        client.transport.need_microversion("reading a job's output")
        self._ended = threading.Event()
        self._threads = [
            _Copier(client, job_id, stream, output, offset, follow, self._ended)
            for stream in streams
        ]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    @property
    def alive(self) -> bool:
        return any(thread.is_alive() for thread in self._threads)

    def wait(self, seconds: float) -> None:
        """Until a copier ends, or the time is over."""
        self._ended.wait(seconds)
        self._ended.clear()

    def check(self) -> None:
        """Raise what went wrong in a copier."""
        for thread in self._threads:
            if thread.failure is not None:
                raise thread.failure


def copy(
    client: client_module.Client,
    job_id: str,
    console: console_module.Console,
    *,
    streams: Sequence[str] = logs.STREAMS,
    offset: int = 0,
    follow: bool = True,
) -> None:
    """Copy a job's output: all of it with ``follow``, else what there is."""
    output = console_module.Output(console)
    copiers = _Copiers(client, job_id, output, streams, offset, follow)
    copiers.start()
    while copiers.alive:
        copiers.wait(LOOK_SECONDS)
        copiers.check()
    copiers.check()


class Follower:
    """Follows one job to its end."""

    def __init__(
        self,
        client: client_module.Client,
        job_id: str,
        console: console_module.Console,
    ) -> None:
        self._client = client
        self._id = job_id
        self._console = console
        self._said = ""
        self._output = console_module.Output(console)
        self._copiers = _Copiers(client, job_id, self._output, logs.STREAMS)

    def run(self) -> jobs.Job:
        """Copy both outputs and draw progress until the job is over; return the
        finished job. Raises ``Detached`` when the person leaves."""
        self._copiers.start()
        try:
            while True:
                try:
                    return self._to_the_end()
                except KeyboardInterrupt:
                    self._interrupted()
        finally:
            self._output.close()

    def _to_the_end(self) -> jobs.Job:
        while True:
            self._copiers.check()
            job = self._client.see_job(self._id)
            self._draw(job)
            if job.finished:
                break
            # When the output ends, the job is over or is about to be.
            self._copiers.wait(LOOK_SECONDS)
        waited = 0.0
        while self._copiers.alive:
            if waited >= LAG_SECONDS:
                raise errors.DeadlineExceeded(
                    f"The job is {job.status}, but its output is not complete.",
                    hint=f"Read it later with: job logs {self._id}",
                )
            self._copiers.wait(LOOK_SECONDS)
            waited += LOOK_SECONDS
        self._copiers.check()
        return job

    def _draw(self, job: jobs.Job) -> None:
        progress = job.progress
        if job.reason is not None and not job.finished:
            self._stands_still(job.reason)
            return
        if progress is not None and progress.tasks_total:
            self._output.show(
                f"stage {min(progress.stages_done + 1, progress.stages_total)}"
                f"/{progress.stages_total}  task {progress.tasks_done}"
                f"/{progress.tasks_total}",
                progress.tasks_done,
                progress.tasks_total,
            )
            return
        waiting = f": {job.waiting_for}" if job.waiting_for else ""
        self._output.show(f"{job.status.lower()}{waiting}", 0, 0)

    def _stands_still(self, reason: resource.Reason) -> None:
        """Say it where lines stay, once; a bar shows it as long as it is so."""
        self._output.show(reason.sentence, 0, 0)
        if self._said != reason.sentence and not self._console.moving:
            self._console.say(errors.told(reason.sentence, reason.hint, reason.code))
        self._said = reason.sentence

    def _interrupted(self) -> None:
        """Ctrl-C: ask whether to leave or to cancel."""
        if not self._console.can_ask:
            raise Detached(asked=False)
        try:
            with self._output.held():
                answer = self._ask()
        except KeyboardInterrupt:
            raise Detached(asked=False) from None
        if answer == "d":
            raise Detached(asked=True)
        self._console.warn("Cancelling ...")
        self._client.jobs.cancel(self._id)

    def _ask(self) -> str:
        while True:
            self._console.stderr.write("\nThe job runs. [d]etach or [c]ancel? ")
            self._console.stderr.flush()
            line = self._console.stdin.readline()
            answer = line.strip().lower()[:1]
            if not line:
                raise Detached(asked=False)
            if answer in ("d", "c"):
                return answer
