# SPDX-License-Identifier: Apache-2.0
"""Clusters."""

from __future__ import annotations

import dataclasses
import datetime
from collections.abc import Iterable
from collections.abc import Mapping
from typing import Any

from sparkaas.client import entrances
from sparkaas.client import logins
from sparkaas.client import nodes
from sparkaas.client import resource

#: Statuses in which nothing is under way.
AT_REST = frozenset({"Active", "Error"})


@dataclasses.dataclass(frozen=True, kw_only=True)
class Event(resource.Record):
    """Something that happened to one instance within a step."""

    id: str = ""
    step_id: str = ""
    instance_id: str | None = None
    instance_name: str | None = None
    event_info: str | None = None
    successful: bool | None = None
    created_at: datetime.datetime | None = resource.time()


@dataclasses.dataclass(frozen=True, kw_only=True)
class Step(resource.Record):
    """A step of the cluster's way; ``successful`` is None while it runs."""

    id: str = ""
    step_name: str = ""
    step_type: str = ""
    total: int = 0
    successful: bool | None = None
    events: tuple[Event, ...] = resource.records(Event)
    created_at: datetime.datetime | None = resource.time()
    updated_at: datetime.datetime | None = resource.time()


@dataclasses.dataclass(frozen=True, kw_only=True)
class Check(resource.Record):
    """One health check's result."""

    name: str = ""
    status: str = ""
    description: str = ""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Verification(resource.Record):
    """The latest health verification."""

    id: str = ""
    status: str = ""
    checks: tuple[Check, ...] = resource.records(Check)
    created_at: datetime.datetime | None = resource.time()
    updated_at: datetime.datetime | None = resource.time()


@dataclasses.dataclass(frozen=True, kw_only=True)
class Cluster(resource.Resource):
    """A cluster."""

    status: str = ""
    status_description: str = ""
    plugin_name: str = ""
    plugin_version: str = ""
    cluster_template_id: str | None = None
    default_image_id: str | None = None
    neutron_management_network: str | None = None
    user_keypair_id: str | None = None
    cluster_configs: Mapping[str, Any] = resource.mapping()
    node_groups: tuple[nodes.NodeGroup, ...] = resource.records(nodes.NodeGroup)
    info: Mapping[str, Any] = resource.mapping()
    is_transient: bool = False
    shares: tuple[Mapping[str, Any], ...] = resource.field(tuple, ())
    provision_progress: tuple[Step, ...] = resource.records(Step)
    verification: Verification | None = resource.record(Verification)
    # API 2.1
    reason: resource.Reason | None = resource.record(resource.Reason)
    step: str | None = None
    step_started_at: datetime.datetime | None = resource.time()
    waiting_for: str = ""
    next_run_at: datetime.datetime | None = resource.time()

    @property
    def at_rest(self) -> bool:
        """Nothing is under way."""
        return self.status in AT_REST


class Clusters(resource.Collection[Cluster]):
    """The verbs on clusters."""

    path = "/clusters"
    key = "cluster"
    keys = "clusters"
    noun = "cluster"
    record = Cluster

    def resize(
        self,
        id: str,
        counts: Mapping[str, int] | None = None,
        add: Iterable[Mapping[str, Any]] = (),
    ) -> Cluster:
        """Give node groups new totals (name -> count), and add node groups."""
        body: dict[str, Any] = {}
        if counts:
            body["resize_node_groups"] = [
                {"name": name, "count": count} for name, count in counts.items()
            ]
        added = [dict(group) for group in add]
        if added:
            body["add_node_groups"] = added
        answer = self._transport.request("PUT", self._at(id), json=body)
        return self._load(answer.json()[self.key])

    def verify(self, id: str) -> Cluster:
        """Start a health verification."""
        return self.update(id, verification={"status": "START"})

    def update_keypair(self, id: str) -> Cluster:
        """Have the cluster's key pair, as the cloud has it now, put on its nodes."""
        return self.update(id, update_keypair=True)

    def logins(self, id: str) -> list[logins.Login]:
        """The ways to the cluster's nodes."""
        answer = self._transport.request("GET", f"{self._at(id)}/logins")
        return [logins.Login.load(each) for each in answer.json()["logins"]]

    def entrances(self, id: str) -> list[entrances.Entrance]:
        """Where the cluster's software lets users in, with which tokens."""
        answer = self._transport.request("GET", f"{self._at(id)}/entrances")
        return [entrances.Entrance.load(each) for each in answer.json()["entrances"]]

    def force_delete(self, id: str) -> None:
        """Delete without waiting for the infrastructure."""
        self._transport.request("DELETE", self._at(id), json={"force": True})
