# SPDX-License-Identifier: Apache-2.0
"""A plugin whose software costs nothing: ``fake`` 0.1, in the shape of Sahara's."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Sequence

from sparkaas import exceptions
from sparkaas import interfaces
from sparkaas import manifest
from sparkaas import model
from sparkaas.edp import base as edp
from sparkaas.plugins import base
from sparkaas.testing import crash
from sparkaas.testing import engine as fake_engine

VERSION = "0.1"
PROCESSES: Mapping[str, tuple[str, ...]] = {
    "HDFS": ("namenode", "datanode"),
    "MapReduce": ("jobtracker", "tasktracker"),
}
_PORTS = {"namenode": 8020, "datanode": 50010, "jobtracker": 8021, "tasktracker": 50060}


def _labels() -> dict[str, base.Label]:
    return {
        "enabled": base.Label(status=True, mutable=True, description="May be used."),
        "hidden": base.Label(status=True, mutable=True, description="Not shown."),
    }


class FakePlugin(base.Plugin):
    """Exactly one namenode; the other processes in any number. Groups without a
    namenode can be resized.

    ``sick``: reasons for RED checks. ``decommissioned`` has the names of the
    instances that were, in order.
    """

    name = "fake"
    title = "Fake Plugin"
    description = "Clusters without software, for tests."

    def __init__(
        self,
        engine: edp.JobEngine | None = None,
        point: crash.Point = crash.no_crash,
    ) -> None:
        self.engine = engine or fake_engine.FakeEngine()
        self.labels = _labels()
        self.job_engines = dict.fromkeys(sorted(self.engine.types), self.engine)
        self.sick: list[str] = []
        self.decommissioned: list[str] = []
        self._point = point

    def versions(self) -> tuple[base.Version, ...]:
        tags = (self.name, VERSION)
        return (base.Version(name=VERSION, labels=_labels(), required_image_tags=tags),)

    def node_processes(self, version: str) -> Mapping[str, tuple[str, ...]]:
        self._check(version)
        return PROCESSES

    def options(self, version: str) -> tuple[base.Option, ...]:
        self._check(version)
        return (
            base.Option(
                name="Timeout",
                description="Seconds.",
                type="int",
                default=300,
                priority=1,
            ),
            base.Option(
                name="dfs.replication",
                description="Copies of each block.",
                type="int",
                default=1,
                target="HDFS",
            ),
            base.Option(
                name="Heap Size",
                description="Of each process, in MiB.",
                type="int",
                default=256,
                target="HDFS",
                scope="node",
            ),
            base.Option(
                name="Scheduler",
                description="Who is first.",
                type="dropdown",
                default="fifo",
                values=("fifo", "fair"),
                target="MapReduce",
            ),
            base.Option(
                name="Compress",
                description="Map output.",
                type="bool",
                default=False,
                target="MapReduce",
            ),
        )

    def allows(self, version: str, target: str, name: str) -> bool:
        return name.startswith("fake.")

    def validate(
        self, cluster: model.Cluster, previous: model.Cluster | None = None
    ) -> None:
        count = sum(g.count for g in cluster.node_groups if _is_head(g))
        if count != 1:
            raise exceptions.InvalidComponentCount(
                f"A cluster needs 1 namenode, this one has {count}"
            )
        if previous is None:
            return
        before = {group.name: group for group in previous.node_groups}
        for group in cluster.node_groups:
            old = before.get(group.name)
            if _is_head(group) and (old is None or old.count != group.count):
                raise exceptions.NodeGroupCannotBeScaled(
                    f"{group.name} has the namenode"
                )

    def describe(self, cluster: model.Cluster) -> Mapping[str, manifest.Manifest]:
        wanted = model.wanted_instances(cluster)
        return {
            name: self._manifest(group, sorted(wanted))
            for name, group in wanted.items()
        }

    def secrets(self, cluster: model.Cluster) -> tuple[str, ...]:
        return ("fake",)

    def ports(self, cluster: model.Cluster, instance_name: str) -> tuple[int, ...]:
        group = model.wanted_instances(cluster)[instance_name]
        return tuple(_PORTS[process] for process in group.node_processes)

    def health(
        self, cluster: model.Cluster, reach: interfaces.Reach
    ) -> Sequence[model.Check]:
        bad = [model.Check(name="Fake", status="RED", description=s) for s in self.sick]
        good = model.Check(name="Fake", status="GREEN", description="All is well.")
        return bad or [good]

    def decommission(
        self,
        cluster: model.Cluster,
        leaving: Sequence[model.Instance],
        reach: interfaces.Reach,
    ) -> model.Outcome:
        for instance in leaving:
            self._point(f"before decommission {instance.name}")
            self.decommissioned.append(instance.name)
            self._point(f"after decommission {instance.name}")
        return model.Done()

    def converge(
        self, cluster: model.Cluster, reach: interfaces.Reach
    ) -> model.Outcome:
        head = min(cluster.instances, key=lambda instance: instance.name)
        url = f"http://{head.internal_ip}:50070"
        return model.Done({"info": {"HDFS": {"Web UI": url}}})

    def _manifest(self, group: model.NodeGroup, names: list[str]) -> manifest.Manifest:
        addresses = "".join(f"{manifest.address(name)} {name}\n" for name in names)
        files = [
            manifest.File(f"{manifest.ROOT}/secret", manifest.secret("fake"), 0o600)
        ]
        if _is_head(group):
            # Only the head knows the others: a resize changes it, and only it.
            files.append(manifest.File(f"{manifest.ROOT}/hosts", addresses))
        return manifest.Manifest(
            files=tuple(files),
            directories=(manifest.Directory(f"{manifest.ROOT}/data"),),
            services=tuple(
                manifest.Service(
                    name=process,
                    argv=(process, "--root", manifest.ROOT),
                    probe=manifest.Probe(port=_PORTS[process]),
                    ports=(_PORTS[process],),
                )
                for process in group.node_processes
            ),
        )

    def _check(self, version: str) -> None:
        if version != VERSION:
            raise exceptions.InvalidReference(f"There is no version {version}")


def _is_head(group: model.NodeGroup) -> bool:
    return "namenode" in group.node_processes
