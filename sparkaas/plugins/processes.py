# SPDX-License-Identifier: Apache-2.0
"""Which processes the node groups of a cluster have: the same questions of all plugins,
asked of what each of them knows."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from collections.abc import Mapping

from sparkaas import exceptions
from sparkaas import model


@dataclasses.dataclass(frozen=True)
class Known:
    """What a plugin knows: ``services`` has the processes of each, ``scalable`` those
    whose nodes come and go, ``synonyms`` other names that users may write -> the name
    in ``services``."""

    services: Mapping[str, tuple[str, ...]]
    scalable: frozenset[str] = frozenset()
    synonyms: Mapping[str, str] = dataclasses.field(default_factory=dict)

    def of(self, group: model.NodeSettings) -> tuple[str, ...]:
        """A group's processes by the names and in the order of ``services``."""
        names = set(self._named(group))
        order = (name for words in self.services.values() for name in words)
        known = tuple(name for name in order if name in names)
        return known + tuple(sorted(names - set(known)))

    def count(self, cluster: model.Cluster, process: str) -> int:
        """How many instances with that process are wanted."""
        return sum(group.count for group in self.groups(cluster, process))

    def groups(self, cluster: model.Cluster, process: str) -> Iterator[model.NodeGroup]:
        """The groups that have that process."""
        return (group for group in cluster.node_groups if process in self.of(group))

    def hosts(self, cluster: model.Cluster, process: str) -> list[str]:
        """The names of the wanted instances with that process."""
        return [
            model.instance_name(cluster, group, index)
            for group in self.groups(cluster, process)
            for index in group.indices
        ]

    def check_group(self, group: model.NodeGroup) -> None:
        """Raise ``exceptions.InvalidRequest`` for a group with a process twice."""
        named = self._named(group)
        if len(set(named)) != len(named):
            raise exceptions.InvalidRequest(
                f"Node group {group.name} has a process twice: "
                f"{', '.join(group.node_processes)}"
            )

    def check_resize(
        self,
        cluster: model.Cluster,
        previous: model.Cluster,
        *,
        alone: str,
        hint: str,
    ) -> None:
        """Raise ``exceptions.NodeGroupCannotBeScaled`` unless only groups of scalable
        processes come, go or change their number. ``alone`` is what users call
        these."""
        before = {group.name: group.count for group in previous.node_groups}
        after = {group.name: group.count for group in cluster.node_groups}
        for group in (*cluster.node_groups, *previous.node_groups):
            changed = before.get(group.name, 0) != after.get(group.name, 0)
            others = [name for name in self.of(group) if name not in self.scalable]
            if changed and others:
                raise exceptions.NodeGroupCannotBeScaled(
                    f"Node group {group.name} cannot be scaled: it has "
                    f"{', '.join(others)}, and only groups of {alone} alone can",
                    hint=hint,
                )

    def _named(self, group: model.NodeSettings) -> list[str]:
        return [self.synonyms.get(name, name) for name in group.node_processes]
