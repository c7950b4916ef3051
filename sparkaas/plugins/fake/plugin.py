# SPDX-License-Identifier: Apache-2.0
"""The plugin ``fake``: nodes with processes that do nothing.

Sahara's had one of that name, version and processes, and the test suites of its
clients look for it. Here as there it is hidden until somebody shows it.
"""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Sequence

from oslo_config import cfg

from sparkaas import exceptions
from sparkaas import interfaces
from sparkaas import manifest
from sparkaas import model
from sparkaas.edp import base as edp
from sparkaas.plugins import base
from sparkaas.plugins import checks
from sparkaas.plugins import versions
from sparkaas.plugins.fake import engine as fake_engine
from sparkaas.plugins.fake import options

VERSION = "0.1"
PROCESSES: Mapping[str, tuple[str, ...]] = {
    "HDFS": ("namenode", "datanode"),
    "MapReduce": ("jobtracker", "tasktracker"),
}

_DEADLINE = 10.0


def labels(*, hidden: bool) -> dict[str, base.Label]:
    """Those that the plugin and its version have."""
    return {
        "enabled": base.Label(
            status=True,
            mutable=True,
            description="Clusters of it can be created and scaled.",
        ),
        "hidden": base.Label(
            status=hidden,
            mutable=True,
            description="Clients should not show it by default.",
        ),
    }


class FakePlugin(base.Plugin):
    """Takes any processes in any number, and any change of it."""

    name = "fake"
    title = "Fake Plugin"
    description = (
        "Clusters without software: nodes, processes and jobs that do nothing, for "
        "trying clients and templates."
    )

    def __init__(
        self, conf: cfg.ConfigOpts | None = None, engine: edp.JobEngine | None = None
    ) -> None:
        engine = engine or fake_engine.FakeJobEngine()
        self.labels: Mapping[str, base.Label] = labels(hidden=True)
        self.job_engines = dict.fromkeys(sorted(engine.types), engine)

    def versions(self) -> tuple[base.Version, ...]:
        return (
            base.Version(
                name=VERSION,
                labels=labels(hidden=False),
                required_image_tags=(self.name, VERSION),
            ),
        )

    def node_processes(self, version: str) -> Mapping[str, tuple[str, ...]]:
        self._check(version)
        return PROCESSES

    def options(self, version: str) -> tuple[base.Option, ...]:
        self._check(version)
        return options.ALL

    def allows(self, version: str, target: str, name: str) -> bool:
        return name.startswith("fake.")

    def validate(
        self, cluster: model.Cluster, previous: model.Cluster | None = None
    ) -> None:
        self._check(cluster.plugin_version)
        if not model.wanted_instances(cluster):
            raise exceptions.InvalidComponentCount(
                "A cluster has 1 or more nodes, not 0",
                hint="Give one of its node groups a count.",
            )

    def describe(self, cluster: model.Cluster) -> Mapping[str, manifest.Manifest]:
        return {
            name: manifest.Manifest(
                services=tuple(
                    manifest.Service(name=process, argv=("sleep", "infinity"))
                    for process in group.node_processes
                )
            )
            for name, group in model.wanted_instances(cluster).items()
        }

    def secrets(self, cluster: model.Cluster) -> tuple[str, ...]:
        return ()

    def ports(self, cluster: model.Cluster, instance_name: str) -> tuple[int, ...]:
        return ()

    def health(
        self, cluster: model.Cluster, reach: interfaces.Reach
    ) -> Sequence[model.Check]:
        """Whether each node runs a command: there is nothing else to look at."""
        silent = [
            one.name for one in cluster.instances if not _answers(one, cluster, reach)
        ]
        total = len(cluster.instances)
        return (checks.all_of("Nodes", total, "nodes answer", silent, they="silent"),)

    def decommission(
        self,
        cluster: model.Cluster,
        leaving: Sequence[model.Instance],
        reach: interfaces.Reach,
    ) -> model.Outcome:
        return model.Done()

    def converge(
        self, cluster: model.Cluster, reach: interfaces.Reach
    ) -> model.Outcome:
        return model.Done({"info": {"Fake": {"Software": "none"}}})

    def _check(self, version: str) -> None:
        versions.find({VERSION: None}, self.name, version)


def _answers(
    node: model.Instance, cluster: model.Cluster, reach: interfaces.Reach
) -> bool:
    try:
        done = reach.to(cluster, node).run(("true",), deadline=_DEADLINE)
    except exceptions.SparkaasError:
        return False
    return done.exit_code == 0
