# SPDX-License-Identifier: Apache-2.0
"""``job launch``: a job of a template that is there."""

from __future__ import annotations

import argparse
import secrets
from collections.abc import Iterable
from collections.abc import Sequence
from typing import Any

from sparkaas.client import jobs
from sparkaas.client import launching
from sparkaas.osc import base
from sparkaas.osc.v2 import jobs as job_commands


class LaunchJob(base.ShowOne):
    """Launch a job of a job template on a cluster.

    With --wait it exits as the job did: see run, which also shows its output.
    """

    _failed: jobs.Job | None = None

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser = super().get_parser(prog_name)
        parser.add_argument("template", metavar="TEMPLATE", help="name or id")
        parser.add_argument("--cluster", required=True, help="name or id")
        for option, what in (("input", "reads"), ("output", "writes")):
            parser.add_argument(
                f"--{option}",
                metavar="SOURCE",
                help=f"the data source that it {what}, by name or id",
            )
        _add_pairs(parser, "config", "a setting such as spark.executor.memory=1g")
        _add_pairs(parser, "param", "a parameter of the job")
        parser.add_argument(
            "--arg",
            action="append",
            dest="args",
            default=[],
            metavar="VALUE",
            help="an argument of the program; --arg=-x for one with a dash (repeat)",
        )
        _add_pairs(parser, "interface", "an argument that the template names")
        parser.add_argument(
            "--public", action="store_true", help="other projects may see it"
        )
        parser.add_argument(
            "--protected", action="store_true", help="it cannot be changed or deleted"
        )
        base.add_wait(parser, "it is over")
        return parser

    def run(self, parsed_args: argparse.Namespace) -> int:
        code = super().run(parsed_args)
        if self._failed is None:
            return code
        self.console().warn(f"error: {self._failed.told}")
        return self._failed.exit_code

    def take_action(
        self, parsed_args: argparse.Namespace
    ) -> tuple[Sequence[str], Iterable[Any]]:
        job = self._launch(parsed_args)
        if parsed_args.wait:
            with self.console().status(f"job {job.id}: {job.status}") as update:
                job = self.client.wait_for_job(
                    job.id,
                    parsed_args.timeout,
                    lambda seen: update(f"job {seen.id}: {seen.status}"),
                )
            if job.status != "SUCCEEDED":
                self._failed = job
        return base.shown(self.client.jobs.named([job])[0], job_commands.FIELDS)

    def _launch(self, parsed_args: argparse.Namespace) -> jobs.Job:
        template = self.client.job_templates.find(parsed_args.template)
        cluster = launching.usable_cluster(self.client, parsed_args.cluster)
        source = self.client.data_sources.find
        configs = {
            "configs": dict(parsed_args.config),
            "params": dict(parsed_args.param),
            "args": parsed_args.args,
        }
        return self.client.jobs.create(
            job_template_id=template.id,
            cluster_id=cluster.id,
            input_id=parsed_args.input and source(parsed_args.input).id,
            output_id=parsed_args.output and source(parsed_args.output).id,
            job_configs={key: value for key, value in configs.items() if value} or None,
            interface=dict(parsed_args.interface) or None,
            is_public=parsed_args.public or None,
            is_protected=parsed_args.protected or None,
            idempotency_key=secrets.token_hex(16),
        )


def _add_pairs(parser: argparse.ArgumentParser, option: str, what: str) -> None:
    names = ["--config", "--conf"] if option == "config" else [f"--{option}"]
    parser.add_argument(
        *names,
        action="append",
        type=base.key_value,
        default=[],
        dest=option,
        metavar="KEY=VALUE",
        help=f"{what} (repeat)",
    )
