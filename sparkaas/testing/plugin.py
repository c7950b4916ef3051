# SPDX-License-Identifier: Apache-2.0
"""The plugin ``fake`` with what its own lacks: rules, addresses, secrets, faults."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Sequence

from sparkaas import exceptions
from sparkaas import interfaces
from sparkaas import manifest
from sparkaas import model
from sparkaas.edp import base as edp
from sparkaas.plugins import base
from sparkaas.plugins.fake import plugin as shipped
from sparkaas.testing import crash
from sparkaas.testing import engine as fake_engine

VERSION = shipped.VERSION
_PORTS = {"namenode": 8020, "datanode": 50010, "jobtracker": 8021, "tasktracker": 50060}


class FakePlugin(shipped.FakePlugin):
    """Exactly one namenode; the other processes in any number. Groups without a
    namenode can be resized. Not hidden.

    ``sick``: reasons for RED checks. ``decommissioned`` has the names of the
    instances that were, in order.
    """

    def __init__(
        self,
        engine: edp.JobEngine | None = None,
        point: crash.Point = crash.no_crash,
    ) -> None:
        self.engine = engine or fake_engine.FakeEngine()
        super().__init__(engine=self.engine)
        self.labels: Mapping[str, base.Label] = shipped.labels(hidden=False)
        self.sick: list[str] = []
        self.decommissioned: list[str] = []
        self._point = point

    def validate(
        self, cluster: model.Cluster, previous: model.Cluster | None = None
    ) -> None:
        super().validate(cluster, previous)
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

    def entrances(self, cluster: model.Cluster) -> tuple[base.Entrance, ...]:
        return tuple(
            base.Entrance(
                name=process,
                url=f"fake://{found.internal_ip}",
                secret="fake",  # noqa: S106
            )
            for found in cluster.instances
            for group in cluster.node_groups
            if found.node_group_id == group.id and _is_head(group)
            for process in group.node_processes
        )

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


def _is_head(group: model.NodeGroup) -> bool:
    return "namenode" in group.node_processes
