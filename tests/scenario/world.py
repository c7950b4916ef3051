# SPDX-License-Identifier: Apache-2.0
"""A plugin and its engines on real daemons, with no service in between: the manifests
go to the local driver, jobs to the engines."""

from __future__ import annotations

import dataclasses
import pathlib
import secrets
import uuid
from collections.abc import Callable
from collections.abc import Iterable
from typing import Any

from oslo_config import cfg

from sparkaas import conf as service_conf
from sparkaas import model
from sparkaas.edp import base
from sparkaas.infra.local import driver
from sparkaas.plugins import registry
from sparkaas.remote import local
from sparkaas.testing import spark_cluster
from tests.scenario import harness

#: One of a job's programs: a file as it is, or a name and what is in it.
Program = pathlib.Path | tuple[str, str | bytes]


def wait_for(condition: Callable[[], Any], what: str) -> Any:
    """The first truthy value of ``condition``, by a deadline that suits JVMs."""
    return harness.wait_for(condition, 240, what, every=0.2)


class World:
    """A cluster of real processes on this machine. ``network`` must be one that no
    other test has; without ``groups`` there are a head and two workers."""

    def __init__(
        self,
        plugin: str,
        state: pathlib.Path,
        network: str,
        *groups: model.NodeGroup,
        configs: dict[str, Any] | None = None,
    ) -> None:
        self.state = state
        self._litter = harness.Litter(state)
        conf = cfg.ConfigOpts()
        service_conf.register_opts(conf)
        conf([], default_config_files=[], default_config_dirs=[])
        conf.set_override("state_path", str(state), group="service")
        conf.set_override("network", network, group="local")
        self.reach = local.LocalReach()
        self.infrastructure = driver.from_conf(conf, self.reach, str)
        self.plugin = registry.load(conf)[plugin]
        self.cluster = dataclasses.replace(
            spark_cluster.cluster(*groups, version=self.plugin.versions()[0].name),
            plugin_name=plugin,
            cluster_configs=configs or {},
            id=str(uuid.uuid4()),
        )
        self.plugin.validate(self.cluster)
        self.secrets = {
            name: secrets.token_hex(32) for name in self.plugin.secrets(self.cluster)
        }

    def ensure(self) -> None:
        """Have it be as its record says, and well."""

        def ensured() -> model.Done | None:
            manifests = self.plugin.describe(self.cluster)
            found = self.infrastructure.ensure(self.cluster, manifests, self.secrets)
            return found if isinstance(found, model.Done) else None

        facts = wait_for(ensured, "nodes").facts
        self.cluster = dataclasses.replace(self.cluster, **facts)
        wait_for(self.is_green, "a healthy cluster")
        self.plugin.converge(self.cluster, self.reach)

    def is_green(self) -> bool:
        checks = self.plugin.health(self.cluster, self.reach)
        return all(check.status == "GREEN" for check in checks)

    def part_with_one(self) -> None:
        """Have the last node of its last group leave, as the conductor does, up to
        where the node may be removed."""
        *others, workers = self.cluster.node_groups
        left = workers.count - 1
        fewer = dataclasses.replace(workers, count=left, indices=tuple(range(left)))
        smaller = dataclasses.replace(self.cluster, node_groups=(*others, fewer))
        self.plugin.validate(smaller, self.cluster)
        wanted = model.wanted_instances(smaller)
        leaving = [one for one in self.cluster.instances if one.name not in wanted]
        self.cluster = smaller

        def gone() -> bool:
            found = self.plugin.decommission(self.cluster, leaving, self.reach)
            told = found.facts.get("checkpoint", {})
            checkpoint = {**self.cluster.checkpoint, **told}
            self.cluster = dataclasses.replace(self.cluster, checkpoint=checkpoint)
            return isinstance(found, model.Done)

        wait_for(gone, "the node's leave")

    def remove(self) -> None:
        """Delete it, and see that no process is left, nor a file."""

        def removed() -> bool:
            return isinstance(self.infrastructure.delete(self.cluster), model.Done)

        wait_for(removed, "removal")
        assert not harness.processes_below(self.state)
        self._litter.check()

    def start(
        self,
        type: str,
        mains: Iterable[Program] = (),
        libs: Iterable[Program] = (),
        **given: Any,
    ) -> Run:
        """Start a job as the conductor does; ``given`` is more of its submission."""
        return Run(self, type, mains, libs, given)


class Run:
    """One job, started."""

    def __init__(
        self,
        world: World,
        type: str,
        mains: Iterable[Program],
        libs: Iterable[Program],
        given: dict[str, Any],
    ) -> None:
        self.world = world
        self.job = model.Job(
            id=str(uuid.uuid4()),
            project_id="p",
            name="scenario",
            job_template_id="t",
            type=type,
            cluster_id=world.cluster.id,
            job_configs={"configs": given.get("configs", {})},
        )
        self.engine = world.plugin.job_engines[type]
        node = self.engine.node(world.cluster)
        self.remote = world.reach.to(world.cluster, node)
        self.directory = f"{self.remote.work_directory}/{self.job.id}"
        self.submission = base.Submission(
            directory=self.directory,
            mains=tuple(map(self._placed, mains)),
            libs=tuple(map(self._placed, libs)),
            **{**given, "args": tuple(given.get("args", ()))},
        )
        self.id = self.submit()
        self.progress: list[model.Progress] = []

    def _placed(self, program: Program) -> str:
        if isinstance(program, pathlib.Path):
            program = (program.name, program.read_bytes())
        name, content = program
        path = f"{self.directory}/{name}"
        content = content.encode() if isinstance(content, str) else content
        self.remote.write_file(path, [content], deadline=10)
        return path

    def submit(self) -> str:
        return self.engine.submit(
            self.job, self.world.cluster, self.submission, self.remote
        )

    def poll(self) -> base.Report:
        found = self.engine.poll(
            self.job, self.world.cluster, self.directory, self.remote
        )
        if found.progress is not None:
            self.progress.append(found.progress)
        return found

    def cancel(self, kill: bool = False) -> None:
        self.engine.cancel(
            self.job, self.world.cluster, self.directory, self.remote, kill=kill
        )

    def wait(self) -> base.Report:
        """What is reported of its end."""

        def ended() -> base.Report | None:
            report = self.poll()
            return None if report.running else report

        return wait_for(ended, "the job's end")

    def read(self, stream: str) -> str:
        path = f"{self.directory}/{stream}"
        return self.remote.read_file(path, limit=1 << 20, deadline=10).decode()

    def told(self) -> str:
        """All that it said, for failures."""
        return f"{self.read('stdout')}\n{self.read('stderr')}"
