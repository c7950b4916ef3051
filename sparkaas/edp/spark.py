# SPDX-License-Identifier: Apache-2.0
"""Runs Spark, PySpark, SparkSQL and Shell jobs: one engine for all plugins.

A vendor adapts it by a ``SparkProfile``. Everything about a job lies in its own
directory on the submission node: the driver's output in ``stdout`` and ``stderr``,
and below ``.launch`` what ``launcher.py`` is told and tells.
"""

from __future__ import annotations

import dataclasses
import json
import pathlib
from collections.abc import Callable
from collections.abc import Mapping
from typing import Any

from sparkaas import exceptions
from sparkaas import interfaces
from sparkaas import manifest
from sparkaas import model
from sparkaas.edp import base
from sparkaas.edp import job_settings
from sparkaas.edp import progress
from sparkaas.edp import reasons
from sparkaas.edp import spark_submit

TYPES = frozenset({"Spark", "PySpark", "SparkSQL", "Shell"})

_HERE = pathlib.Path(__file__).parent
_START_DEADLINE = 60.0
_LOOK_DEADLINE = 20.0
_WRITE_DEADLINE = 60.0


@dataclasses.dataclass(frozen=True)
class SparkProfile:
    """How a vendor's clusters run drivers. Texts may hold manifest symbols.

    ``process`` is the node process next to which drivers start; ``master`` answers the
    master URL of a cluster; ``environment`` what a driver on that instance needs
    besides PATH, HOME, LANG and the variables that the engine sets.
    """

    process: str
    master: Callable[[model.Cluster], str]
    environment: Callable[[model.Cluster, model.Instance], Mapping[str, str]]
    deploy_mode: str = "client"
    home: str = manifest.package("spark")
    java: str = manifest.package("java")


class SparkJobEngine(base.JobEngine):
    """A job's driver, started on the submission node and found again by its files."""

    types = TYPES

    def __init__(self, profile: SparkProfile) -> None:
        self._profile = profile

    def node(self, cluster: model.Cluster) -> model.Instance:
        groups = {
            group.id
            for group in cluster.node_groups
            if self._profile.process in group.node_processes
        }
        for instance in cluster.instances:
            if instance.node_group_id in groups and instance.internal_ip:
                return instance
        raise exceptions.Transient(
            f"Cluster {cluster.name} has no node with the process "
            f"{self._profile.process} yet"
        )

    def validate(
        self,
        template: model.JobTemplate,
        job_configs: Mapping[str, object],
        cluster: model.Cluster,
    ) -> None:
        job_settings.validate(template, job_configs)

    def submit(
        self,
        job: model.Job,
        cluster: model.Cluster,
        submission: base.Submission,
        remote: interfaces.Remote,
    ) -> str:
        node = self.node(cluster)
        launch = self._launch(job, cluster, node, submission, remote)
        key = "command" if launch.printed else "argv"
        plan = {key: launch.argv, "environment": dict(launch.environment)}
        files = {
            "launcher.py": (_HERE / "launcher.py").read_bytes(),
            "plan.json": json.dumps(plan).encode(),
            "spark.properties": launch.properties.encode(),
        }
        if job.type == "SparkSQL":
            files["sql_runner.py"] = (_HERE / "sql_runner.py").read_bytes()
            files["variables.json"] = json.dumps(dict(launch.variables)).encode()
        for name, content in files.items():
            remote.write_file(
                _file(submission.directory, name), [content], deadline=_WRITE_DEADLINE
            )
        driver = _ask(remote, submission.directory, "start", _START_DEADLINE)
        if "pid" not in driver:
            raise exceptions.Transient(
                f"The driver did not start: {driver.get('error', 'no answer')}"
            )
        return f"{driver['pid']}@{node.id}"

    def poll(
        self,
        job: model.Job,
        cluster: model.Cluster,
        directory: str,
        remote: interfaces.Remote,
    ) -> base.Report:
        try:
            state = _ask(remote, directory, "look", _LOOK_DEADLINE)
        except exceptions.Transient:
            if _has_launcher(remote, directory):
                raise
            return base.Report(running=False, lost=True, reason=reasons.lost())
        code = state["exit"]
        if code is not None:
            # spark-submit sends what a Python driver says on stderr to stdout.
            also = "" if job.type == "Shell" else state["stdout"]
            why = reasons.explain(code, state["stderr"], also)
            return base.Report(running=False, exit_code=code, reason=why)
        if not state["running"]:
            return base.Report(running=False, lost=True, reason=reasons.lost())
        return base.Report(running=True, progress=self._progress(job, cluster, remote))

    def cancel(
        self,
        job: model.Job,
        cluster: model.Cluster,
        directory: str,
        remote: interfaces.Remote,
        *,
        kill: bool,
    ) -> None:
        if _has_launcher(remote, directory):
            _run(remote, directory, "kill" if kill else "stop", _LOOK_DEADLINE)

    def _progress(
        self, job: model.Job, cluster: model.Cluster, remote: interfaces.Remote
    ) -> model.Progress | None:
        if job.type == "Shell":
            return None
        settings = job_settings.section(job.job_configs, "configs")
        port = settings.get("spark.ui.port", progress.port(job.id))
        address = self.node(cluster).internal_ip
        return progress.read(remote, f"http://{address}:{port}")

    def _launch(
        self,
        job: model.Job,
        cluster: model.Cluster,
        node: model.Instance,
        submission: base.Submission,
        remote: interfaces.Remote,
    ) -> spark_submit.Launch:
        target = self._target(job, cluster, node, remote)
        if job.type == "Shell":
            return spark_submit.shell(submission, target)
        return spark_submit.spark(
            job.type,
            submission,
            target,
            properties_file=_file(submission.directory, "spark.properties"),
            sql_runner=_file(submission.directory, "sql_runner.py"),
            variables_file=_file(submission.directory, "variables.json"),
        )

    def _target(
        self,
        job: model.Job,
        cluster: model.Cluster,
        node: model.Instance,
        remote: interfaces.Remote,
    ) -> spark_submit.Target:
        profile = self._profile
        home = remote.expand(profile.home)
        java = remote.expand(profile.java)
        environment = {
            "PATH": f"{home}/bin:{java}/bin:/usr/local/bin:/usr/bin:/bin",
            "LANG": "C.UTF-8",
            "HOME": f"{remote.work_directory}/{job.id}",
            "JAVA_HOME": java,
            "SPARK_HOME": home,
            "PYSPARK_PYTHON": remote.python,
            # What the scripts around Spark's launcher set. It asks for a Scala
            # version though it needs one only in Spark's own source tree; and
            # sets of strings must have one order in driver and executors.
            "SPARK_SCALA_VERSION": "2.13",
            "PYTHONHASHSEED": "0",
        }
        for name, value in profile.environment(cluster, node).items():
            environment[name] = remote.expand(value)
        return spark_submit.Target(
            home=home,
            java=java,
            master=remote.expand(profile.master(cluster)),
            deploy_mode=profile.deploy_mode,
            environment=environment,
            defaults={
                "spark.app.name": job.name,
                "spark.ui.port": str(progress.port(job.id)),
            },
            fixed={"spark.driver.host": str(node.internal_ip)},
        )


def _file(directory: str, name: str) -> str:
    return f"{directory}/.launch/{name}"


def _has_launcher(remote: interfaces.Remote, directory: str) -> bool:
    """Whether a driver may ever have been started there."""
    launcher = _file(directory, "launcher.py")
    try:
        remote.read_file(launcher, limit=1, deadline=_LOOK_DEADLINE)
    except exceptions.NotFound:
        return False
    return True


def _run(
    remote: interfaces.Remote, directory: str, verb: str, deadline: float
) -> bytes:
    """What the launcher said; raises ``exceptions.Transient`` when it failed."""
    argv = (remote.python, "-I", _file(directory, "launcher.py"), verb, directory)
    done = remote.run(argv, deadline=deadline)
    if done.exit_code != 0:
        last = done.stderr.decode("utf-8", "replace").strip().rpartition("\n")[2]
        raise exceptions.Transient(
            f"The job's launcher failed to {verb} (exit code {done.exit_code}): {last}"
        )
    return done.stdout


def _ask(
    remote: interfaces.Remote, directory: str, verb: str, deadline: float
) -> dict[str, Any]:
    answer = _run(remote, directory, verb, deadline)
    try:
        found: dict[str, Any] = json.loads(answer)
    except ValueError:
        raise exceptions.Transient(
            f"The job's launcher did not answer to {verb}"
        ) from None
    return found
