# SPDX-License-Identifier: Apache-2.0
"""The contract of a plugin: it describes what nodes must be, and logs in nowhere."""

from __future__ import annotations

import abc
import dataclasses
from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any

from sparkaas import interfaces
from sparkaas import manifest
from sparkaas import model
from sparkaas.edp import base as edp


@dataclasses.dataclass(frozen=True, kw_only=True)
class Option:
    """A configuration that users may set, as section 9.9 of the API shows it.

    ``type`` is string, int, bool or dropdown (then ``values`` has the choices).
    ``target`` is ``general`` or a service; ``scope`` is cluster or node.
    """

    name: str
    description: str
    type: str = "string"
    default: Any = ""
    values: tuple[str, ...] = ()
    target: str = "general"
    scope: str = "cluster"
    optional: bool = True
    priority: int = 2


@dataclasses.dataclass(frozen=True, kw_only=True)
class Label:
    """A plugin's or version's label; only ``mutable`` ones can be set."""

    status: bool
    mutable: bool
    description: str


@dataclasses.dataclass(frozen=True, kw_only=True)
class Version:
    """One version that a plugin offers."""

    name: str
    labels: Mapping[str, Label]
    required_image_tags: tuple[str, ...]


@dataclasses.dataclass(frozen=True, kw_only=True)
class Entrance:
    """Where a cluster's software lets in whoever has its token.

    ``url`` is how the nodes see it; ``secret`` names the token among the cluster's
    secrets. Who has it can do what a job can.
    """

    name: str
    url: str
    secret: str


class Plugin(abc.ABC):
    """Nine verbs, and ``entrances``. ``describe``, ``options`` and ``validate`` are
    pure; only ``health``, ``decommission`` and ``converge`` reach nodes, and none of
    them sleeps."""

    name: str
    title: str
    description: str
    labels: Mapping[str, Label]
    #: Other names of node processes that requests may use -> the name that
    #: ``node_processes`` has.
    synonyms: Mapping[str, str] = {}
    #: Job type -> the engine that runs it.
    job_engines: Mapping[str, edp.JobEngine]

    @abc.abstractmethod
    def versions(self) -> tuple[Version, ...]:
        """What can be asked for, best first."""

    @abc.abstractmethod
    def node_processes(self, version: str) -> Mapping[str, tuple[str, ...]]:
        """Service -> its processes. Raises ``exceptions.InvalidReference`` for an
        unknown version."""

    @abc.abstractmethod
    def options(self, version: str) -> tuple[Option, ...]:
        """What users may configure."""

    @abc.abstractmethod
    def allows(self, version: str, target: str, name: str) -> bool:
        """Whether a configuration outside ``options`` is accepted too (such as any
        ``spark.*`` property)."""

    @abc.abstractmethod
    def validate(
        self, cluster: model.Cluster, previous: model.Cluster | None = None
    ) -> None:
        """Called within the request that creates the cluster, or resizes ``previous``.
        Raises ``exceptions.InvalidRequest`` or a subclass."""

    @abc.abstractmethod
    def describe(self, cluster: model.Cluster) -> Mapping[str, manifest.Manifest]:
        """What each wanted instance must be, by instance name. A pure function:
        same record, same answer."""

    @abc.abstractmethod
    def secrets(self, cluster: model.Cluster) -> tuple[str, ...]:
        """Names of the secrets to be generated once for the cluster and resolved
        for ``@{secret:NAME}``."""

    @abc.abstractmethod
    def ports(self, cluster: model.Cluster, instance_name: str) -> tuple[int, ...]:
        """TCP ports on which an instance serves its own cluster."""

    @abc.abstractmethod
    def health(
        self, cluster: model.Cluster, reach: interfaces.Reach
    ) -> Sequence[model.Check]:
        """Look at the running cluster. Every check GREEN means that all which was
        asked for is there. Raises nothing for an unhealthy cluster: that is
        what a RED check says."""

    @abc.abstractmethod
    def decommission(
        self,
        cluster: model.Cluster,
        leaving: Sequence[model.Instance],
        reach: interfaces.Reach,
    ) -> model.Outcome:
        """Called before instances go: move off what must not be lost."""

    @abc.abstractmethod
    def converge(
        self, cluster: model.Cluster, reach: interfaces.Reach
    ) -> model.Outcome:
        """Called when every node follows its manifest: what only a vendor's own
        manager can do. Done has the fact ``info`` (the cluster's web addresses)."""

    def entrances(self, cluster: model.Cluster) -> tuple[Entrance, ...]:
        """Those of the nodes that are there; none unless a plugin has some."""
        return ()
