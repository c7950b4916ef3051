# SPDX-License-Identifier: Apache-2.0
"""A job engine that runs no job: it takes every type, and says that all went well.

Two of a job's settings change that, so that clients can be tried against jobs that
last or fail: ``fake.seconds`` and ``fake.exit_code``.
"""

from __future__ import annotations

import json
import pathlib
from collections.abc import Mapping

from sparkaas import exceptions
from sparkaas import interfaces
from sparkaas import model
from sparkaas.edp import base
from sparkaas.edp import drivers
from sparkaas.edp import job_settings

TYPES = frozenset(
    {
        "Hive",
        "Java",
        "MapReduce",
        "MapReduce.Streaming",
        "Pig",
        "PySpark",
        "Shell",
        "Spark",
        "SparkSQL",
        "Storm",
        "Storm.Pyleus",
    }
)

#: How long the job lasts. A day is long for something that does nothing.
SECONDS = "fake.seconds"
MOST_SECONDS = 86400
#: With what it ends.
EXIT_CODE = "fake.exit_code"

_PROGRAM = pathlib.Path(__file__).with_name("program.py")


class FakeJobEngine(base.JobEngine):
    """Its drivers are real processes that tell what they were given."""

    types = TYPES

    def node(self, cluster: model.Cluster) -> model.Instance:
        if not cluster.instances:
            raise exceptions.Transient(f"{cluster.name} has no node yet.")
        return min(cluster.instances, key=lambda instance: instance.name)

    def validate(
        self,
        template: model.JobTemplate,
        job_configs: Mapping[str, object],
        cluster: model.Cluster,
    ) -> None:
        """Whether the job's own program would start is not its business."""
        configs = job_settings.section(job_configs, "configs")
        _number(configs, SECONDS, MOST_SECONDS)
        _number(configs, EXIT_CODE, 255)
        job_settings.check_arguments(job_configs.get("args") or ())

    def submit(
        self,
        job: model.Job,
        cluster: model.Cluster,
        submission: base.Submission,
        remote: interfaces.Remote,
    ) -> str:
        told = {
            "lines": _lines(job, submission),
            "seconds": _number(submission.configs, SECONDS, MOST_SECONDS),
            "exit_code": _number(submission.configs, EXIT_CODE, 255),
        }
        program = drivers.file(submission.directory, "program.py")
        settings = drivers.file(submission.directory, "settings.json")
        plan = {
            "argv": (remote.python, "-I", "-S", program, settings),
            "environment": {"LANG": "C.UTF-8"},
        }
        files = {
            "program.py": _PROGRAM.read_bytes(),
            "settings.json": json.dumps(told).encode(),
        }
        pid = drivers.start(remote, submission.directory, plan, files)
        return f"{pid}@{self.node(cluster).id}"

    def poll(
        self,
        job: model.Job,
        cluster: model.Cluster,
        directory: str,
        remote: interfaces.Remote,
    ) -> base.Report:
        state = drivers.look(remote, directory)
        lost = not state.running and state.exit_code is None
        return base.Report(state.running, exit_code=state.exit_code, lost=lost)

    def cancel(
        self,
        job: model.Job,
        cluster: model.Cluster,
        directory: str,
        remote: interfaces.Remote,
        *,
        kill: bool,
    ) -> None:
        drivers.stop(remote, directory, kill=kill)


def _number(configs: Mapping[str, object], name: str, most: int) -> int:
    """A setting's value, 0 when it is not there."""
    value = str(configs.get(name, 0))
    if not value.isdecimal() or len(value) > len(str(most)) or int(value) > most:
        raise exceptions.InvalidRequest(
            f"{name} must be a whole number from 0 to {most}, not {value[:80]!r}"
        )
    return int(value)


def _lines(job: model.Job, submission: base.Submission) -> list[str]:
    """No settings, for those may hold what others must not see."""
    return [
        f"{job.type} job {job.name}",
        *(f"main: {pathlib.PurePosixPath(path).name}" for path in submission.mains),
        *(f"lib: {pathlib.PurePosixPath(path).name}" for path in submission.libs),
        *(f"argument: {value}" for value in submission.args),
    ]
