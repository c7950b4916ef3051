# SPDX-License-Identifier: Apache-2.0
"""``job list | show | logs | cancel | delete``."""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from collections.abc import Sequence
from typing import Any

from sparkaas.client import errors
from sparkaas.client import logs
from sparkaas.osc import base
from sparkaas.osc import following

FIELDS = (
    "id",
    "name",
    "status",
    "reason",
    "return_code",
    "step",
    "waiting_for",
    "progress",
    "cluster_id",
    "job_template_id",
    "job_configs",
    "engine_job_id",
    "input_id",
    "output_id",
    "is_public",
    "is_protected",
    "created_at",
    "start_time",
    "end_time",
)


class ListJob(base.ListNoun):
    """List jobs, the latest last."""

    of_projects = True
    collection = "jobs"
    table = (
        ("ID", "id"),
        ("Name", "name"),
        ("Status", "status"),
        ("Exit Code", "return_code"),
        ("Cluster ID", "cluster_id"),
        ("Created", "created_at"),
        ("Ended", "end_time"),
    )

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser = super().get_parser(prog_name)
        parser.add_argument("--status", help="only these, for example RUNNING")
        return parser

    def filters(self, parsed_args: argparse.Namespace) -> dict[str, Any]:
        status = parsed_args.status
        return {"status": status and status.upper().replace("-", "")}

    def found(self, parsed_args: argparse.Namespace) -> list[Any]:
        jobs = super().found(parsed_args)
        return sorted(jobs, key=lambda job: str(job.document.get("created_at")))


class ShowJob(base.ShowNoun):
    """Show a job."""

    collection = "jobs"
    metavar = "JOB"
    fields = FIELDS

    def take_action(
        self, parsed_args: argparse.Namespace
    ) -> tuple[Sequence[str], Iterable[Any]]:
        job = self.client.jobs.find(parsed_args.name)
        return base.shown(self.client.jobs.named([job])[0], FIELDS)


class JobLogs(base.Command):
    """Print what a job's driver wrote, each stream to where it belongs."""

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser = super().get_parser(prog_name)
        parser.add_argument("name", metavar="JOB", help="name or id")
        parser.add_argument(
            "-f", "--follow", action="store_true", help="go on until the job is over"
        )
        parser.add_argument(
            "--stream",
            choices=[*logs.STREAMS, "both"],
            default="both",
            help="which output (default: both)",
        )
        parser.add_argument(
            "--offset",
            type=int,
            default=0,
            metavar="BYTES",
            help="begin there; only with one --stream",
        )
        return parser

    def take_action(self, parsed_args: argparse.Namespace) -> None:
        both = parsed_args.stream == "both"
        if parsed_args.offset < 0 or (parsed_args.offset and both):
            raise errors.UsageError(
                "--offset is a number of bytes from 0 up, of one --stream."
            )
        job = self.client.jobs.find(parsed_args.name)
        following.copy(
            self.client,
            job.id,
            self.console(),
            streams=logs.STREAMS if both else (parsed_args.stream,),
            offset=parsed_args.offset,
            follow=parsed_args.follow,
        )


class CancelJob(base.ShowOne):
    """Ask a job to stop; its record and output stay."""

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser = super().get_parser(prog_name)
        parser.add_argument("name", metavar="JOB", help="name or id")
        base.add_wait(parser, "it is over")
        return parser

    def take_action(
        self, parsed_args: argparse.Namespace
    ) -> tuple[Sequence[str], Iterable[Any]]:
        job = self.client.jobs.find(parsed_args.name)
        job = self.client.jobs.cancel(job.id)
        if parsed_args.wait:
            with self.console().status(f"job {job.id}: {job.status}") as update:
                job = self.client.wait_for_job(
                    job.id,
                    parsed_args.timeout,
                    lambda seen: update(f"job {seen.id}: {seen.status}"),
                )
        return base.shown(self.client.jobs.named([job])[0], FIELDS)


class DeleteJob(base.DeleteNoun):
    """Delete jobs with their output; one that runs is stopped first."""

    collection = "jobs"
    metavar = "JOB"

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser = super().get_parser(prog_name)
        base.add_wait(parser, "they are gone")
        return parser

    def remove(self, found: Any, parsed_args: argparse.Namespace) -> None:
        self.client.jobs.delete(found.id)
        if parsed_args.wait:
            self.client.wait_for_job_gone(found.id, parsed_args.timeout)
