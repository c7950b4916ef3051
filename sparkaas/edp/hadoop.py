# SPDX-License-Identifier: Apache-2.0
"""Runs Java and MapReduce jobs on a Hadoop cluster.

A Java job is a program of the user's beside the resource manager, with Hadoop and the
cluster's configuration on its class path; what it submits is the job's. A MapReduce
job is a configuration that is submitted as it stands, then followed to its end.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable
from collections.abc import Mapping

from sparkaas import exceptions
from sparkaas import interfaces
from sparkaas import model
from sparkaas.edp import base
from sparkaas.edp import drivers
from sparkaas.edp import hadoop_xml
from sparkaas.edp import job_settings
from sparkaas.edp import places
from sparkaas.edp import properties
from sparkaas.edp import spark_submit
from sparkaas.edp import yarn

TYPES = frozenset({"Java", "MapReduce"})

JAVA_OPTIONS = "edp.java.java_opts"
_HEAP = 512
_SUBMIT = "org.apache.hadoop.mapred.JobClient"
#: Settings that are for others than Hadoop.
_NOT_HADOOP = ("edp.", "oozie.", "spark.")
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.*/:\[\]$-]{0,250}")


class HadoopJobEngine(base.JobEngine):
    """A job's program, started on the node of ``process`` and found again by its files;
    its applications on YARN by their tag."""

    types = TYPES

    def __init__(
        self,
        place: yarn.Yarn,
        process: str,
        environment: Callable[[model.Cluster, model.Instance], Mapping[str, str]],
    ) -> None:
        self._yarn = place
        self._process = process
        self._environment = environment

    def node(self, cluster: model.Cluster) -> model.Instance:
        return places.instance(cluster, self._process)

    def validate(
        self,
        template: model.JobTemplate,
        job_configs: Mapping[str, object],
        cluster: model.Cluster,
    ) -> None:
        configs = job_settings.section(job_configs, "configs")
        if template.type == "Java":
            job_settings.check_main_class(template.type, configs)
            java_options(configs)
        for name, value in configs.items():
            if is_setting(name) and not _NAME.fullmatch(name):
                raise exceptions.InvalidRequest(f"{name[:80]!r} is no property")
            properties.check_value(name, value)
        job_settings.check_arguments(job_configs.get("args") or ())

    def submit(
        self,
        job: model.Job,
        cluster: model.Cluster,
        submission: base.Submission,
        remote: interfaces.Remote,
    ) -> str:
        node = self.node(cluster)
        argv, files = self._program(job, submission, remote)
        runner, more = yarn.supervised(
            self._yarn,
            job,
            cluster,
            submission.directory,
            remote,
            argv,
            follow="end" if job.type == "MapReduce" else "",
        )
        environment = drivers.environment(
            remote,
            submission.directory,
            (self._yarn.java,),
            self._environment(cluster, node),
        )
        plan = {"argv": runner, "environment": environment}
        pid = drivers.start(remote, submission.directory, plan, {**files, **more})
        return f"{pid}@{node.id}"

    def poll(
        self,
        job: model.Job,
        cluster: model.Cluster,
        directory: str,
        remote: interfaces.Remote,
    ) -> base.Report:
        if report := drivers.ended(drivers.look(remote, directory)):
            return report
        url = remote.expand(self._yarn.manager(cluster))
        progress, waits = yarn.look(url, job, remote)
        return base.Report(running=True, progress=progress, waits=waits)

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
        if kill:
            yarn.kill(directory, remote)

    def _program(
        self, job: model.Job, submission: base.Submission, remote: interfaces.Remote
    ) -> tuple[tuple[str, ...], dict[str, bytes]]:
        """The argv of what is started, and the files that it needs."""
        place = submission.directory
        paths = (*submission.mains, *submission.libs)
        jars = [path for path in paths if path.endswith(".jar")]
        conf = drivers.file(place, "conf")
        before = "".join(f"{path}:" for path in (conf, *jars))
        own = {"mapreduce.job.tags": yarn.tag(job.id)}
        if job.type == "Java":
            site = f"{self._yarn.conf}/mapred-site.xml"
            text = hadoop_xml.document(
                {**settings(submission), **own}, remote.expand(site)
            )
            argv = yarn.program(
                self._yarn,
                place,
                str(submission.configs[spark_submit.MAIN_CLASS]),
                heap=_HEAP,
                before=before,
            )
            java, *rest = [remote.expand(word) for word in argv]
            *jvm, main = rest
            options = [*jvm, *java_options(submission.configs)]
            files = {
                "conf/mapred-site.xml": text.encode(),
                "java.args": argument_file(options).encode(),
            }
            told = drivers.file(place, "java.args")
            return (java, f"@{told}", main, *submission.args), files
        text = hadoop_xml.document({**map_reduce(job, submission, jars), **own})
        job_file = drivers.file(place, "job.xml")
        argv = yarn.program(
            self._yarn, place, _SUBMIT, "-submit", job_file, heap=_HEAP, before=before
        )
        files = {"job.xml": text.encode()}
        return tuple(remote.expand(word) for word in argv), files


def java_options(configs: Mapping[str, object]) -> list[str]:
    """The JVM's options that a job asks for, as words."""
    try:
        return shlex.split(str(configs.get(JAVA_OPTIONS) or ""))
    except ValueError as error:
        raise exceptions.InvalidRequest(f"{JAVA_OPTIONS}: {error}") from None


def is_setting(name: str) -> bool:
    """Whether a job's setting is for Hadoop."""
    return not name.startswith(_NOT_HADOOP)


def settings(submission: base.Submission) -> dict[str, str]:
    """A job's settings that are for Hadoop, its secrets among them."""
    given = (*submission.configs.items(), *submission.secrets.items())
    return {name: value for name, value in given if is_setting(name)}


def map_reduce(
    job: model.Job, submission: base.Submission, jars: list[str]
) -> dict[str, str]:
    """The configuration of a MapReduce job."""
    found = {"mapreduce.job.name": job.name}
    if submission.input:
        found["mapreduce.input.fileinputformat.inputdir"] = submission.input
    if submission.output:
        found["mapreduce.output.fileoutputformat.outputdir"] = submission.output
    if jars:
        found["mapreduce.job.jar"] = jars[0]
    if jars[1:]:
        found["tmpjars"] = ",".join(f"file://{path}" for path in jars[1:])
    # A user's own setting wins, also one by Hadoop's older names.
    given = settings(submission)
    for old, new in (
        ("mapred.input.dir", "mapreduce.input.fileinputformat.inputdir"),
        ("mapred.output.dir", "mapreduce.output.fileoutputformat.outputdir"),
        ("mapred.job.name", "mapreduce.job.name"),
    ):
        if old in given:
            found.pop(new, None)
    return {**found, **given}


def argument_file(words: list[str]) -> str:
    """The text of a file from which ``java`` takes these words."""
    escaped = (word.replace("\\", "\\\\").replace('"', '\\"') for word in words)
    return "".join(f'"{word}"\n' for word in escaped)
