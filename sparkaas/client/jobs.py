# SPDX-License-Identifier: Apache-2.0
"""Jobs: runs of a job template on a cluster."""

from __future__ import annotations

import dataclasses
import datetime
import pathlib
import signal
from collections.abc import Mapping
from typing import Any

from sparkaas.client import errors
from sparkaas.client import event_logs
from sparkaas.client import job_templates
from sparkaas.client import resource
from sparkaas.client import transport as transport_module

#: A job in one of these changes no more.
TERMINAL = frozenset({"SUCCEEDED", "FAILED", "KILLED", "DONEWITHERROR"})

#: The exit code of a program that was interrupted.
INTERRUPTED = 128 + signal.SIGINT


@dataclasses.dataclass(frozen=True, kw_only=True)
class Progress(resource.Record):
    """How far the Spark application is."""

    stages_done: int = 0
    stages_total: int = 0
    tasks_done: int = 0
    tasks_total: int = 0
    ui_url: str = ""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Job(resource.Resource):
    """A job. ``name`` is its template's; before API 2.1 ``Jobs.named`` looks it up."""

    job_template_id: str = ""
    cluster_id: str | None = None
    input_id: str | None = None
    output_id: str | None = None
    engine_job_id: str | None = None
    info: Mapping[str, Any] = resource.mapping()
    job_configs: Mapping[str, Any] = resource.mapping()
    return_code: str | None = resource.field(str)
    start_time: datetime.datetime | None = resource.time()
    end_time: datetime.datetime | None = resource.time()
    # API 2.1
    reason: resource.Reason | None = resource.record(resource.Reason)
    step: str | None = None
    step_started_at: datetime.datetime | None = resource.time()
    waiting_for: str = ""
    next_run_at: datetime.datetime | None = resource.time()
    progress: Progress | None = resource.record(Progress)

    @property
    def status(self) -> str:
        """The job's state, one word in capitals."""
        return str(self.info.get("status", "")).upper()

    @property
    def finished(self) -> bool:
        """The job changes no more."""
        return self.status in TERMINAL

    @property
    def told(self) -> str:
        """Why the job is as it is, for a person."""
        why = self.reason or resource.Reason(sentence=f"The job is {self.status}.")
        return errors.told(why.sentence, why.hint, why.code)

    @property
    def exit_code(self) -> int:
        """What a program that stands for this finished job should exit with: the
        driver's own code, 128 + n for a signal n, 1 when it never started, 130
        when it was cancelled before it had a code."""
        if self.return_code is not None:
            code = int(self.return_code)
            if code or self.status == "SUCCEEDED":
                return 128 - code if code < 0 else code
        if self.status == "SUCCEEDED":
            return 0
        return INTERRUPTED if self.status == "KILLED" else 1


class Jobs(resource.Collection[Job]):
    """The verbs on jobs."""

    path = "/jobs"
    key = "job"
    keys = "jobs"
    noun = "job"
    filters_by_name = False
    record = Job

    def __init__(
        self,
        transport: transport_module.Transport,
        templates: job_templates.JobTemplates,
    ) -> None:
        super().__init__(transport)
        self._templates = templates

    def find(self, name_or_id: str) -> Job:
        if resource.looks_like_id(name_or_id):
            return super().find(name_or_id)
        offered = self._transport.microversion is not None
        jobs = self.list(**({"job.name": name_or_id} if offered else {}))
        named = [job for job in jobs if job.name == name_or_id]
        return resource.only(named, self.noun, name_or_id)

    def named(self, jobs: list[Job]) -> list[Job]:
        """The same jobs with the names of their templates, in one request."""
        if all(job.name for job in jobs):
            return jobs
        names = {template.id: template.name for template in self._templates.list()}
        return [
            dataclasses.replace(
                job, name=job.name or names.get(job.job_template_id, "")
            )
            for job in jobs
        ]

    def list(self, **filters: Any) -> list[Job]:
        """All visible jobs that match the filters, with names."""
        return self.named(super().list(**filters))

    def cancel(self, id: str) -> Job:
        """Ask the driver to end. A finished job is returned unchanged."""
        return self.update(id, info={"status": "cancel"})

    def download_events(self, id: str, directory: pathlib.Path) -> pathlib.Path | None:
        """Write the event log of a finished job into a directory, and return the file;
        None when it has none."""
        return event_logs.download(self._transport, id, directory)
