# SPDX-License-Identifier: Apache-2.0
"""A cloud in memory, and clouds with one fault each, named by it."""

from __future__ import annotations

import collections
import threading
import uuid
from collections.abc import Iterable
from collections.abc import Mapping

from sparkaas import exceptions
from sparkaas import interfaces
from sparkaas import keys
from sparkaas import manifest
from sparkaas import model
from sparkaas.testing import crash
from sparkaas.testing import node as fake_node

_NAMESPACE = uuid.UUID("0e2f4a0c-5f2b-4dd8-9b3e-0f6f3f0a8a77")


class FakeInfrastructure:
    """An ``interfaces.Infrastructure``. ``nodes`` is the cloud, by instance id.

    ``boot_seconds``: until a new node's services are ready. ``created``, ``changed``
    and ``deleted`` count by (cluster id, instance name) what was done to nodes;
    ``starts`` counts by job id the drivers that ever started. ``trusts`` has what was
    given and not taken back: each id with the project of the caller, if there is one.
    """

    def __init__(
        self,
        clock: interfaces.Clock,
        *,
        boot_seconds: float = 0.0,
        point: crash.Point = crash.no_crash,
    ) -> None:
        self.clock = clock
        self.boot_seconds = boot_seconds
        self.nodes: dict[str, fake_node.FakeNode] = {}
        self.created: collections.Counter[tuple[str, str]] = collections.Counter()
        self.changed: collections.Counter[tuple[str, str]] = collections.Counter()
        self.deleted: collections.Counter[tuple[str, str]] = collections.Counter()
        self.starts: collections.Counter[str] = collections.Counter()
        self.trusts: dict[str, str] = {}
        self.lock = threading.RLock()
        self.point = point
        self._addresses = 0
        self._project_id = ""

    def for_caller(self, caller: interfaces.Caller) -> FakeInfrastructure:
        self._project_id = caller.project_id
        return self

    def check(self, cluster: model.Cluster) -> None:
        """Takes any cluster."""

    def delegate(self) -> str | None:
        trust_id = uuid.uuid4().hex
        self.trusts[trust_id] = self._project_id
        return trust_id

    def renew(self, trust_id: str | None) -> str | None:
        known = trust_id is None or trust_id in self.trusts
        return trust_id if known else self.delegate()

    def revoke(self, trust_id: str | None) -> None:
        self.point("before revoke")
        self.trusts.pop(trust_id or "", None)
        self.point("after revoke")

    def delegated(self) -> Mapping[str, str]:
        return dict(self.trusts)

    def secrets(self, cluster: model.Cluster) -> tuple[str, ...]:
        return keys.names(cluster)

    def ensure(
        self,
        cluster: model.Cluster,
        manifests: Mapping[str, manifest.Manifest],
        secrets: Mapping[str, str],
    ) -> model.Outcome:
        self._resolve(manifests.values(), secrets, set(manifests))
        with self.lock:
            found = self.of(cluster)
            for name in sorted(set(found) - set(manifests)):
                self._remove(found[name])
            for name, wanted in manifests.items():
                if name not in found:
                    self._create(cluster, name, wanted)
                elif self._differs(found[name], wanted):
                    self._change(found[name], wanted)
            return model.Done({"instances": self._instances(cluster)})

    def observe(self, cluster: model.Cluster) -> Mapping[str, interfaces.NodeState]:
        with self.lock:
            found = self.of(cluster)
            return {
                name: found[name].state(self.is_ready(found[name]))
                if name in found
                else interfaces.NodeState(False, "There is no such node.")
                for name in model.wanted_instances(cluster)
            }

    def delete(self, cluster: model.Cluster) -> model.Outcome:
        with self.lock:
            for node in list(self.nodes.values()):
                if node.cluster_id == cluster.id:
                    self._remove(node)
        return model.Done()

    def list_owned(self) -> tuple[interfaces.Owned, ...]:
        with self.lock:
            return tuple(
                interfaces.Owned(node.cluster_id, "node", node.name)
                for node in self.nodes.values()
            )

    # What faulty clouds do otherwise, and what tests do to a cloud.

    def of(self, cluster: model.Cluster) -> dict[str, fake_node.FakeNode]:
        """A cluster's nodes by name, as the cloud finds them."""
        return {
            node.name: node
            for node in self.nodes.values()
            if node.cluster_id == cluster.id
        }

    def new_instance_id(self, cluster: model.Cluster, name: str) -> str:
        """Derived from the names, so that a node is made once."""
        return str(uuid.uuid5(_NAMESPACE, f"{cluster.id}/{name}"))

    def is_ready(self, node: fake_node.FakeNode) -> bool:
        """Whether a node's services had the time to start."""
        lived = (self.clock.now() - node.created_at).total_seconds()
        return lived >= self.boot_seconds

    def node(self, cluster_id: str, name: str) -> fake_node.FakeNode:
        """A node by cluster and name; raises ``LookupError``."""
        with self.lock:
            for node in self.nodes.values():
                if (node.cluster_id, node.name) == (cluster_id, name):
                    return node
        raise LookupError(name)

    def lose(self, cluster_id: str, name: str) -> None:
        """A node vanishes, with all that it had."""
        with self.lock:
            del self.nodes[self.node(cluster_id, name).instance_id]

    def break_service(self, cluster_id: str, name: str, service: str) -> None:
        """A service dies and stays dead until something is done about it."""
        self.node(cluster_id, name).failed[service] = f"{service}: out of memory"

    def add_stranger(self, cluster_id: str, name: str = "stranger") -> None:
        """A node that carries our mark, of a cluster that nobody knows."""
        with self.lock:
            self._add(cluster_id, name, str(uuid.uuid4()), manifest.Manifest())

    def _resolve(
        self,
        manifests: Iterable[manifest.Manifest],
        secrets: Mapping[str, str],
        names: set[str],
    ) -> None:
        """Every symbol must have a meaning, as it must for a real driver."""

        def resolve(kind: str, name: str) -> str:
            if kind == "secret":
                return secrets[name]
            if kind == "address" and name not in names:
                raise LookupError(f"no instance {name}")
            if kind not in ("address", "root", "package"):
                raise LookupError(f"no symbol {kind}")
            return ""

        for each in manifests:
            for file in each.files:
                manifest.render(file.path + file.content, resolve)
            for service in each.services:
                for word in (*service.argv, *service.environment.values()):
                    manifest.render(word, resolve)

    def _differs(self, node: fake_node.FakeNode, wanted: manifest.Manifest) -> bool:
        return bool(node.failed) or node.digest != wanted.digest()

    def _create(
        self, cluster: model.Cluster, name: str, wanted: manifest.Manifest
    ) -> None:
        self.point(f"before create {name}")
        self._add(cluster.id, name, self.new_instance_id(cluster, name), wanted)
        self.created[cluster.id, name] += 1
        self.point(f"after create {name}")

    def _add(
        self, cluster_id: str, name: str, id: str, wanted: manifest.Manifest
    ) -> None:
        self._addresses += 1
        high, low = divmod(self._addresses, 250)
        node = fake_node.FakeNode(
            id, cluster_id, name, f"10.0.{high}.{low + 1}", self.clock.now(), wanted
        )
        node.follow(wanted)
        self.nodes[id] = node

    def _change(self, node: fake_node.FakeNode, wanted: manifest.Manifest) -> None:
        self.point(f"before change {node.name}")
        node.follow(wanted)
        self.changed[node.cluster_id, node.name] += 1
        self.point(f"after change {node.name}")

    def _remove(self, node: fake_node.FakeNode) -> None:
        self.point(f"before remove {node.name}")
        del self.nodes[node.instance_id]
        self.deleted[node.cluster_id, node.name] += 1
        self.point(f"after remove {node.name}")

    def _instances(self, cluster: model.Cluster) -> tuple[model.Instance, ...]:
        found = self.of(cluster)
        return tuple(
            model.Instance(
                id=found[name].instance_id,
                name=name,
                node_group_id=group.id,
                instance_id=found[name].instance_id,
                internal_ip=found[name].address,
                management_ip=found[name].address,
                dns_hostname=name,
            )
            for name, group in model.wanted_instances(cluster).items()
            if name in found
        )


class FlavorGone(FakeInfrastructure):
    """Someone deleted the flavor after the request was checked."""

    def _create(
        self, cluster: model.Cluster, name: str, wanted: manifest.Manifest
    ) -> None:
        raise exceptions.Permanent(
            "The flavor does not exist any more.",
            code="FLAVOR_GONE",
            hint="Choose another flavor.",
        )


class QuotaUsedUp(FakeInfrastructure):
    """The project may have no more than ``limit`` nodes."""

    limit = 2

    def _create(
        self, cluster: model.Cluster, name: str, wanted: manifest.Manifest
    ) -> None:
        if len(self.nodes) >= self.limit:
            raise exceptions.Permanent(
                f"The quota allows {self.limit} instances.",
                code="QUOTA_ERROR",
                hint="Free some, or ask for a larger quota.",
            )
        super()._create(cluster, name, wanted)

    def check(self, cluster: model.Cluster) -> None:
        if len(model.wanted_instances(cluster)) > self.limit:
            raise exceptions.QuotaExceeded(
                f"The quota allows {self.limit} instances.",
                hint="Free some, or ask for a larger quota.",
            )


class NodeNeverReady(FakeInfrastructure):
    """Nodes boot and boot."""

    def is_ready(self, node: fake_node.FakeNode) -> bool:
        return False


class ServiceKeepsFailing(FakeInfrastructure):
    """A service dies at every start."""

    service = "datanode"

    def observe(self, cluster: model.Cluster) -> Mapping[str, interfaces.NodeState]:
        with self.lock:
            for node in self.of(cluster).values():
                if any(each.name == self.service for each in node.description.services):
                    node.failed[self.service] = "java: port 50010 is in use"
        return super().observe(cluster)


class EnsureFailsOnce(FakeInfrastructure):
    """The first ``failures`` calls meet a cloud that is out of order."""

    failures = 1

    def ensure(
        self,
        cluster: model.Cluster,
        manifests: Mapping[str, manifest.Manifest],
        secrets: Mapping[str, str],
    ) -> model.Outcome:
        if self.failures > 0:
            self.failures -= 1
            raise exceptions.Transient("The cloud answered 503.")
        return super().ensure(cluster, manifests, secrets)


class EnsureAlwaysFails(EnsureFailsOnce):
    """The cloud is out of order and stays so."""

    failures = 1_000_000


class LoseAnswerAfterCreate(FakeInfrastructure):
    """The first node is made, but the answer that says so is lost."""

    def __init__(
        self,
        clock: interfaces.Clock,
        *,
        boot_seconds: float = 0.0,
        point: crash.Point = crash.no_crash,
    ) -> None:
        super().__init__(clock, boot_seconds=boot_seconds, point=point)
        self._lost = False

    def _create(
        self, cluster: model.Cluster, name: str, wanted: manifest.Manifest
    ) -> None:
        super()._create(cluster, name, wanted)
        if not self._lost:
            self._lost = True
            raise exceptions.DeadlineExceeded("The cloud did not answer in 60 seconds.")


class BrokenDriver(FakeInfrastructure):
    """A driver with a bug in it."""

    def ensure(
        self,
        cluster: model.Cluster,
        manifests: Mapping[str, manifest.Manifest],
        secrets: Mapping[str, str],
    ) -> model.Outcome:
        raise KeyError("secret-in-a-traceback")


class DeleteNeverEnds(FakeInfrastructure):
    """A delete is taken and never finished."""

    def delete(self, cluster: model.Cluster) -> model.Outcome:
        return model.Wait(5, "The stack is being deleted.")


class DeleteFails(FakeInfrastructure):
    """A delete is refused as long as ``broken`` is true."""

    broken = True

    def delete(self, cluster: model.Cluster) -> model.Outcome:
        if self.broken:
            raise exceptions.Permanent(
                "A port is in use by something else.",
                code="DELETE_FAILED",
                hint="Detach the port and delete the cluster again.",
            )
        return super().delete(cluster)
