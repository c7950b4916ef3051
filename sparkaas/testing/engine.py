# SPDX-License-Identifier: Apache-2.0
"""A job engine whose drivers live in ``FakeNode``s."""

from __future__ import annotations

from sparkaas import exceptions
from sparkaas import interfaces
from sparkaas import model
from sparkaas.edp import base
from sparkaas.plugins.fake import engine
from sparkaas.testing import node as fake_node
from sparkaas.testing import remote as fake_remote


class FakeEngine(engine.FakeJobEngine):
    """Starts a ``Script`` for each job: that in ``scripts`` under the job's id, else
    ``script``. ``submissions`` has what it was given, by job id. ``waits`` is what
    its drivers stand still for, as they tell it. ``keep`` is where event logs go."""

    types = frozenset({"Spark", "PySpark", "SparkSQL", "Shell"})

    def __init__(self, script: fake_node.Script | None = None) -> None:
        self.script = script or fake_node.Script()
        self.scripts: dict[str, fake_node.Script] = {}
        self.submissions: dict[str, base.Submission] = {}
        self.waits: model.Reason | None = None
        self.keep = ""

    def submit(
        self,
        job: model.Job,
        cluster: model.Cluster,
        submission: base.Submission,
        remote: interfaces.Remote,
    ) -> str:
        node = _fake(remote)
        self.submissions[job.id] = submission
        for path in (*submission.mains, *submission.libs, *submission.files):
            if path not in node.node.files:
                raise exceptions.Permanent(
                    f"{path} is not on the node", code="FILE_MISSING"
                )
        if node.driver(submission.directory) is None:
            script = self.scripts.get(job.id, self.script)
            node.start_driver(job.id, submission.directory, script)
        return f"{job.id}@{node.node.instance_id}"

    def poll(
        self,
        job: model.Job,
        cluster: model.Cluster,
        directory: str,
        remote: interfaces.Remote,
    ) -> base.Report:
        driver = _fake(remote).driver(directory)
        if driver is None:
            return base.Report(running=False, lost=True)
        stages = driver.script.stages
        progress = model.Progress(
            stages_done=int(stages * driver.part),
            stages_total=stages,
            tasks_done=int(stages * driver.part) * 2,
            tasks_total=stages * 2,
        )
        if driver.exit_code is None:
            return base.Report(running=True, progress=progress, waits=self.waits)
        return base.Report(running=False, exit_code=driver.exit_code, progress=progress)

    def cancel(
        self,
        job: model.Job,
        cluster: model.Cluster,
        directory: str,
        remote: interfaces.Remote,
        *,
        kill: bool,
    ) -> None:
        _fake(remote).signal_driver(directory, kill)

    def event_log(
        self,
        job: model.Job,
        cluster: model.Cluster,
        directory: str,
        remote: interfaces.Remote,
    ) -> base.EventLog | None:
        node = _fake(remote).node
        driver = _fake(remote).driver(directory)
        written = node.files.get(f"{directory}/events")
        if driver is None or written is None:
            return None
        return base.EventLog(
            name="events",
            size=len(written),
            complete=(driver.exit_code or 0) >= 0,
            then=f"{self.keep}/{job.id}" if self.keep else "",
        )


class LoseAnswerAfterSubmit(FakeEngine):
    """The first driver starts, but the answer that says so is lost."""

    def __init__(self, script: fake_node.Script | None = None) -> None:
        super().__init__(script)
        self._lost = False

    def submit(
        self,
        job: model.Job,
        cluster: model.Cluster,
        submission: base.Submission,
        remote: interfaces.Remote,
    ) -> str:
        id = super().submit(job, cluster, submission, remote)
        if not self._lost:
            self._lost = True
            raise exceptions.DeadlineExceeded("The node did not answer in 60 seconds.")
        return id


class RefusesToLaunch(FakeEngine):
    """Nothing can be started here."""

    def submit(
        self,
        job: model.Job,
        cluster: model.Cluster,
        submission: base.Submission,
        remote: interfaces.Remote,
    ) -> str:
        raise exceptions.Permanent(
            "There is no spark-submit on the node.",
            code="LAUNCH_FAILED",
            hint="Use an image that has Spark.",
        )


def _fake(remote: interfaces.Remote) -> fake_remote.FakeRemote:
    if not isinstance(remote, fake_remote.FakeRemote):
        raise TypeError("a FakeEngine's drivers live in FakeNodes only")
    return remote
