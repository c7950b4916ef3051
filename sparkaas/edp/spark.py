# SPDX-License-Identifier: Apache-2.0
"""Runs Spark, PySpark, SparkSQL and Shell jobs: one engine for all plugins.

A vendor adapts it by a ``SparkProfile``. Everything about a job lies in its own
directory on the submission node: the driver's output in ``stdout`` and ``stderr``,
and below ``.launch`` what ``launcher.py`` is told and tells.
"""

from __future__ import annotations

import dataclasses
import ipaddress
import json
import pathlib
from collections.abc import Callable
from collections.abc import Mapping

from sparkaas import exceptions
from sparkaas import interfaces
from sparkaas import manifest
from sparkaas import model
from sparkaas.edp import base
from sparkaas.edp import drivers
from sparkaas.edp import event_logs
from sparkaas.edp import job_settings
from sparkaas.edp import objects
from sparkaas.edp import places
from sparkaas.edp import progress
from sparkaas.edp import shortage
from sparkaas.edp import spark_submit
from sparkaas.edp import temporary
from sparkaas.edp import yarn

TYPES = frozenset({"Spark", "PySpark", "SparkSQL", "Shell"})

_HERE = pathlib.Path(__file__).parent
#: Where the driver may run on YARN: beside the resource manager, or in a container.
_MODES = ("client", "cluster")


@dataclasses.dataclass(frozen=True)
class SparkProfile:
    """How a vendor's clusters run drivers. Texts may hold manifest symbols.

    ``process`` is the node process next to which drivers start; ``master`` answers the
    master URL of a cluster; ``environment`` what a driver on that instance needs
    besides PATH, HOME, LANG and the variables that the engine sets; ``applications``
    the URL where a standalone master tells of its applications and workers; ``yarn``
    where YARN is on a cluster of its own: there a job chooses its deploy mode;
    ``settings`` what the cluster itself sets of Spark's properties for them; ``events``
    where the cluster's own history server looks for event logs, empty without one.
    """

    process: str
    master: Callable[[model.Cluster], str]
    environment: Callable[[model.Cluster, model.Instance], Mapping[str, str]]
    applications: Callable[[model.Cluster], str] | None = None
    yarn: yarn.Yarn | None = None
    settings: Callable[[model.Cluster, model.Instance], Mapping[str, str]] = (
        lambda cluster, node: {}
    )
    events: Callable[[model.Cluster], str] = lambda cluster: ""
    deploy_mode: str = "client"
    home: str = manifest.package("spark")
    java: str = manifest.package("java")


class SparkJobEngine(base.JobEngine):
    """A job's driver, started on the submission node and found again by its files."""

    types = TYPES

    def __init__(self, profile: SparkProfile) -> None:
        self._profile = profile

    def node(self, cluster: model.Cluster) -> model.Instance:
        return places.instance(cluster, self._profile.process)

    def validate(
        self,
        template: model.JobTemplate,
        job_configs: Mapping[str, object],
        cluster: model.Cluster,
    ) -> None:
        modes = _MODES if self._profile.yarn is not None else ()
        job_settings.validate(template, job_configs, modes)

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
        files = {"spark.properties": launch.properties.encode()}
        if job.type == "SparkSQL":
            files["sql_runner.py"] = (_HERE / "sql_runner.py").read_bytes()
            files["variables.json"] = json.dumps(dict(launch.variables)).encode()
        if self._profile.yarn is not None and job.type != "Shell":
            in_cluster = self._mode(job) == "cluster"
            argv, more = yarn.supervised(
                self._profile.yarn,
                job,
                cluster,
                submission.directory,
                remote,
                launch.argv,
                printed=launch.printed,
                follow="output" if in_cluster else "",
            )
            files |= more
            if in_cluster:
                plan = {"argv": argv, "environment": dict(launch.environment)}
        pid = drivers.start(remote, submission.directory, plan, files)
        return f"{pid}@{node.id}"

    def poll(
        self,
        job: model.Job,
        cluster: model.Cluster,
        directory: str,
        remote: interfaces.Remote,
    ) -> base.Report:
        state = drivers.look(remote, directory)
        # spark-submit sends what a Python driver says on stderr to stdout.
        also = "" if job.type == "Shell" else state.stdout
        if report := drivers.ended(state, also):
            return report
        if self._profile.yarn is not None and job.type != "Shell":
            url = remote.expand(self._profile.yarn.manager(cluster))
            done, waits = yarn.look(url, job, remote)
            return base.Report(running=True, progress=done, waits=waits)
        seen = self._progress(job, cluster, remote)
        if seen is None:
            return base.Report(running=True)
        waits = self._shortage(seen, cluster, remote)
        return base.Report(running=True, progress=seen.progress, waits=waits)

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
        if kill and self._profile.yarn is not None:
            yarn.kill(directory, remote)

    def _mode(self, job: model.Job) -> str:
        configs = job_settings.section(job.job_configs, "configs")
        asked = configs.get(job_settings.DEPLOY_MODE)
        if asked and self._profile.yarn is not None:
            return str(asked)
        return self._profile.deploy_mode

    def event_log(
        self,
        job: model.Job,
        cluster: model.Cluster,
        directory: str,
        remote: interfaces.Remote,
    ) -> base.EventLog | None:
        keep = remote.expand(self._profile.events(cluster))
        return event_logs.find(remote, directory, keep)

    def _progress(
        self, job: model.Job, cluster: model.Cluster, remote: interfaces.Remote
    ) -> progress.Seen | None:
        if job.type == "Shell":
            return None
        settings = job_settings.section(job.job_configs, "configs")
        port = settings.get("spark.ui.port", progress.port(job.id))
        address = self.node(cluster).internal_ip
        return progress.read(remote, f"http://{address}:{port}")

    def _shortage(
        self, seen: progress.Seen, cluster: model.Cluster, remote: interfaces.Remote
    ) -> model.Reason | None:
        # One that got something done has what it needs, and the master is left alone.
        if self._profile.applications is None or seen.progress.tasks_done:
            return None
        url = remote.expand(self._profile.applications(cluster))
        return shortage.read(remote, url, seen.application)

    def _launch(
        self,
        job: model.Job,
        cluster: model.Cluster,
        node: model.Instance,
        submission: base.Submission,
        remote: interfaces.Remote,
    ) -> spark_submit.Launch:
        target = self._target(job, cluster, node, remote)
        if submission.objects:
            of_cluster = self._profile.settings(cluster, node)
            target = _with_objects(target, of_cluster, remote)
        if job.type == "Shell":
            return spark_submit.shell(submission, target)
        return spark_submit.spark(
            job.type,
            submission,
            target,
            properties_file=drivers.file(submission.directory, "spark.properties"),
            sql_runner=drivers.file(submission.directory, "sql_runner.py"),
            variables_file=drivers.file(submission.directory, "variables.json"),
        )

    def _target(
        self,
        job: model.Job,
        cluster: model.Cluster,
        node: model.Instance,
        remote: interfaces.Remote,
    ) -> spark_submit.Target:
        profile = self._profile
        directory = f"{remote.work_directory}/{job.id}"
        more = {
            "JAVA_HOME": profile.java,
            "SPARK_HOME": profile.home,
            "PYSPARK_PYTHON": remote.python,
            # What the scripts around Spark's launcher set. It asks for a Scala
            # version though it needs one only in Spark's own source tree; and
            # sets of strings must have one order in driver and executors.
            "SPARK_SCALA_VERSION": "2.13",
            "PYTHONHASHSEED": "0",
            **temporary.submits(temporary.of_job(directory)),
            **profile.environment(cluster, node),
        }
        mode = self._mode(job)
        fixed = {}
        if mode == "client":
            fixed["spark.driver.host"] = str(node.internal_ip)
        if profile.yarn is not None:
            fixed["spark.yarn.tags"] = yarn.tag(job.id)
            fixed["spark.yarn.submit.waitAppCompletion"] = "false"
        return spark_submit.Target(
            home=remote.expand(profile.home),
            java=remote.expand(profile.java),
            master=remote.expand(profile.master(cluster)),
            deploy_mode=mode,
            environment=drivers.environment(
                remote,
                directory,
                (profile.home, profile.java),
                more,
            ),
            defaults={
                "spark.app.name": job.name,
                "spark.ui.port": str(progress.port(job.id)),
                **_of_address(node),
                **self._event_log(job, cluster, node, remote),
            },
            fixed=fixed,
        )

    def _event_log(
        self,
        job: model.Job,
        cluster: model.Cluster,
        node: model.Instance,
        remote: interfaces.Remote,
    ) -> Mapping[str, str]:
        """A driver elsewhere has no use for a directory of this node."""
        if self._mode(job) != "client":
            return {}
        directory = f"{remote.work_directory}/{job.id}"
        chosen = self._profile.settings(cluster, node)
        return event_logs.properties(directory, chosen)


def _of_address(node: model.Instance) -> Mapping[str, str]:
    """What a node's address asks for. All nodes that are loopback addresses of one
    machine call from the same one, and a namenode takes that for a datanode's, unless a
    client goes by the datanode's own word."""
    address = ipaddress.ip_address(node.internal_ip or "0.0.0.0")  # noqa: S104
    if not address.is_loopback:
        return {}
    return {
        "spark.hadoop.dfs.client.use.datanode.hostname": "true",
        # A node's own directory is too long for a socket, should a job ask for some.
        "spark.python.unix.domain.socket.dir": "/tmp",  # noqa: S108
    }


def _with_objects(
    target: spark_submit.Target,
    of_cluster: Mapping[str, str],
    remote: interfaces.Remote,
) -> spark_submit.Target:
    """With the jars that open object stores, if the node has them; a job may bring its
    own instead."""
    schemes = {f"spark.hadoop.{k}": v for k, v in objects.schemes().items()}
    try:
        tree = remote.expand(manifest.package(objects.PACKAGE))
    except exceptions.Permanent:
        return dataclasses.replace(target, defaults={**schemes, **target.defaults})
    ours = objects.committer() | objects.patience() | schemes
    ours |= dict.fromkeys(spark_submit.CLASS_PATHS, "")
    defaults = {name: of_cluster.get(name, ours[name]) for name in ours}
    defaults |= target.defaults
    return dataclasses.replace(target, defaults=defaults, jars=f"{tree}/lib/*")
