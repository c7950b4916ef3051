# SPDX-License-Identifier: Apache-2.0
"""The infrastructure driver ``openstack``.

A cluster is one Heat stack in its owner's project, made through the owner's trust. A
node makes itself from its user data; what changes later is written to it over SSH.
"""

from __future__ import annotations

import concurrent.futures
import contextlib
import copy
import datetime
import functools
import logging
import uuid
from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Mapping
from typing import Any

from oslo_config import cfg

from sparkaas import exceptions
from sparkaas import interfaces
from sparkaas import keys
from sparkaas import manifest
from sparkaas import model
from sparkaas.infra.openstack import documents
from sparkaas.infra.openstack import names
from sparkaas.infra.openstack import nodes
from sparkaas.infra.openstack import preflight
from sparkaas.infra.openstack import resources
from sparkaas.infra.openstack import sessions
from sparkaas.infra.openstack import shares
from sparkaas.infra.openstack import stacks
from sparkaas.infra.openstack import telling
from sparkaas.infra.openstack import template
from sparkaas.infra.openstack import trusts

LOG = logging.getLogger(__name__)

_NAMESPACE = uuid.UUID("6b1e8c2a-98b5-5c5e-8a0e-4a9e3ef0f6a1")
#: Seconds between looks at a stack that is being changed: a share of those that it has
#: been waited for, so that their number hardly grows with it, within limits.
_LOOK = 1.0
_LOOK_SHARE = 0.05
_LONGEST_LOOK = 10.0
#: Seconds before the next look at one whose removal failed and is asked for again.
_PAUSE = 10.0
_MOST_WORDS = 500
#: Nova's policies for nodes that must, or had better, be apart.
_POLICIES = {"hard": "anti-affinity", "soft": "soft-anti-affinity"}
#: Nodes that are asked at the same time.
_TOGETHER = 16


class OpenStackInfrastructure:
    """An ``interfaces.Infrastructure``."""

    def __init__(
        self,
        clouds: sessions.Sessions,
        reach: interfaces.Reach,
        *,
        site: resources.Site,
        stack_minutes: int,
        trust_roles: tuple[str, ...],
        installation: Callable[[], str],
        replace_lost: bool = False,
        boot_timeout: datetime.timedelta = datetime.timedelta(minutes=15),
        now: Callable[[], datetime.datetime] | None = None,
    ) -> None:
        self._clouds = clouds
        self._reach = reach
        self._site = site
        self._minutes = stack_minutes
        self._roles = trust_roles
        self._replace_lost = replace_lost
        self._boot_timeout = boot_timeout
        self._now = now or functools.partial(datetime.datetime.now, datetime.UTC)
        self._mark = installation
        self._caller: interfaces.Caller | None = None

    # Within a request

    def for_caller(self, caller: interfaces.Caller) -> OpenStackInfrastructure:
        """The same with the caller's own view of the cloud."""
        made = copy.copy(self)
        made._caller = caller
        return made

    def check(self, cluster: model.Cluster) -> None:
        """Can the cloud make it, is there all that it names, and is enough left of
        everything that it takes?"""
        preflight.check_possible(cluster)
        if self._caller is not None:
            preflight.check(self._clouds, self._caller, cluster, self._site)

    def delegate(self) -> str | None:
        """A trust of the caller's for the service's user."""
        if self._caller is None:
            return None
        return trusts.create(self._clouds, self._caller, self._roles, self._mark())

    def renew(self, trust_id: str | None) -> str | None:
        """A trust of the caller's in the place of one that gives no token."""
        if trust_id is not None and trusts.is_usable(self._clouds, trust_id):
            return trust_id
        return self.delegate() or trust_id

    def revoke(self, trust_id: str | None) -> None:
        """Delete the trust."""
        if trust_id is not None:
            trusts.delete(self._clouds, trust_id)

    def delegated(self) -> Mapping[str, str]:
        """The trusts of this installation."""
        return trusts.given(self._clouds, self._mark())

    def secrets(self, cluster: model.Cluster) -> tuple[str, ...]:
        """Those of the SSH keys."""
        return keys.names(cluster)

    # In the conductor

    def ensure(
        self,
        cluster: model.Cluster,
        manifests: Mapping[str, manifest.Manifest],
        secrets: Mapping[str, str],
    ) -> model.Outcome:
        with self._acting(cluster) as cloud:
            return self._ensure(cloud, cluster, manifests, secrets)

    def _ensure(
        self,
        cloud: sessions.Cloud,
        cluster: model.Cluster,
        manifests: Mapping[str, manifest.Manifest],
        secrets: Mapping[str, str],
    ) -> model.Outcome:
        # Most looks end here: one costs Heat as little as it can, and us nothing.
        stack = stacks.find(cloud, cluster.id, whole=False)
        if stack is not None and stack.state == "IN_PROGRESS":
            why = f"The cloud's stack: {stack.action} in progress."
            return model.Wait(self._look(cluster), why)
        wanted = template.render(cluster, manifests, secrets, self._site)
        ask = _ask(cluster)
        if stack is None:
            self._check_may_replace(cluster, "The cluster's stack is gone. ")
            stacks.create(cloud, cluster.id, wanted, ask, self._minutes, self._mark())
            return model.Wait(_LOOK, "The cloud is asked for the cluster's stack.")
        changed = stack.digest != wanted.digest()
        if changed or (not stack.is_whole and stack.ask != ask):
            stacks.update(cloud, cluster.id, wanted, ask, self._minutes, self._mark())
            return model.Wait(_LOOK, "The cloud is asked to change the stack.")
        if not stack.is_whole:
            raise stacks.failure(cloud, stack)
        found = nodes.servers(cloud, cluster)
        if lost := nodes.lost(found, manifests):
            self._check_may_replace(cluster)
            groups = model.wanted_instances(cluster)
            bad = {
                each: template.batch(groups[name], name)
                for name in lost
                for each in resources.lost(groups[name], name)
            }
            stacks.mark_lost(cloud, cluster.id, bad)
            stacks.update(cloud, cluster.id, wanted, ask, self._minutes, self._mark())
            return model.Wait(_LOOK, f"{', '.join(sorted(lost))} will be made again.")
        whole = stacks.find(cloud, cluster.id)
        if whole is None or not whole.is_whole:
            return model.Wait(_LOOK, "The cloud's stack has changed meanwhile.")
        instances = self._instances(cluster, manifests, whole.outputs)
        followed = self._follow(cluster, instances, manifests, secrets)
        return self._tell(cloud, nodes.with_instances(cluster, followed), found)

    def observe(self, cluster: model.Cluster) -> Mapping[str, interfaces.NodeState]:
        known = {each.name: each for each in cluster.instances}
        wanted = model.wanted_instances(cluster)
        with self._acting(cluster) as cloud:
            servers = nodes.servers(cloud, cluster)
        lost = nodes.lost(servers, wanted)

        def look(name: str) -> interfaces.NodeState:
            if name in lost or name not in known:
                return interfaces.NodeState(False, lost.get(name, ""))
            if servers[name].id != known[name].instance_id:
                return interfaces.NodeState(True, "It is another server than before.")
            return nodes.state(self._reach, cluster, known[name])

        with concurrent.futures.ThreadPoolExecutor(_TOGETHER) as pool:
            return dict(zip(wanted, pool.map(look, wanted), strict=True))

    def delete(self, cluster: model.Cluster) -> model.Outcome:
        """The stack, by the cluster's own trust; by any of the project's for a cluster
        whose record is lost, or whose owner is gone."""
        if cluster.trust_id is not None:
            try:
                with self._acting(cluster) as cloud:
                    return self._remove(cloud, cluster)
            except exceptions.Permanent as error:
                if error.code not in (trusts.GONE, trusts.REFUSED):
                    raise
                other = self._other(cluster)
                if other is None:
                    raise
                return self._remove(other, cluster)
        other = self._other(cluster)
        return model.Done() if other is None else self._remove(other, cluster)

    def list_owned(self) -> tuple[interfaces.Owned, ...]:
        """The stacks in every project that trusts the service."""
        found = {
            id: project_id
            for project_id, cloud in self._trusting().items()
            for id in stacks.owned(cloud, self._mark())
        }
        return tuple(
            interfaces.Owned(id, "stack", names.stack(id), project_id)
            for id, project_id in sorted(found.items())
        )

    # Who acts

    @contextlib.contextmanager
    def _acting(self, cluster: model.Cluster) -> Iterator[sessions.Cloud]:
        """The cloud as the cluster's owner sees it."""
        if cluster.trust_id is None:
            raise exceptions.Permanent(
                "The cluster has no trust: nobody may act for its owner.",
                code="TRUST_MISSING",
                hint="Delete the cluster and create it again.",
            )
        with trusts.explained(self._clouds, cluster.trust_id):
            yield self._clouds.of_trust(cluster.trust_id)

    def _other(self, cluster: model.Cluster) -> sessions.Cloud | None:
        """Anybody who sees the cluster's stack."""
        for cloud in self._trusting().values():
            if cluster.id in stacks.owned(cloud, self._mark()):
                return cloud
        return None

    def _trusting(self) -> Mapping[str, sessions.Cloud]:
        """One identity for each project that trusts the service."""
        found: dict[str, sessions.Cloud] = {}
        for trust_id, project_id in self.delegated().items():
            if project_id not in found and trusts.is_usable(self._clouds, trust_id):
                found[project_id] = self._clouds.of_trust(trust_id)
        return found

    def _remove(self, cloud: sessions.Cloud, cluster: model.Cluster) -> model.Outcome:
        stack = stacks.find(cloud, cluster.id, whole=False)
        if stack is None:
            shares.dismiss(cloud, cluster)
            return model.Done()
        why = "The cloud removes the cluster's stack."
        if (stack.action, stack.state) == ("DELETE", "FAILED"):
            why = stacks.failure(cloud, stack).message
        if (stack.action, stack.state) != ("DELETE", "IN_PROGRESS"):
            stacks.delete(cloud, cluster.id)
        return model.Wait(
            self._look(cluster) if stack.state != "FAILED" else _PAUSE, why
        )

    def _look(self, cluster: model.Cluster) -> float:
        """Seconds until the next look at a stack that is being changed."""
        now = self._now()
        waited = (now - (cluster.step_started_at or now)).total_seconds()
        return min(max(_LOOK, waited * _LOOK_SHARE), _LONGEST_LOOK)

    # The steps of ensure

    def _check_may_replace(self, cluster: model.Cluster, lost: str = "") -> None:
        """Raise unless somebody asked for the nodes, or they are replaced unasked."""
        verify = cluster.verify_asked != cluster.verify_done
        settled = cluster.generation == cluster.observed_generation
        if cluster.active_at and settled and not verify and not self._replace_lost:
            raise exceptions.Permanent(
                f"{lost}What is lost is made again when that is asked for.",
                code="SERVER_LOST",
                hint="Ask for a verification of the cluster's health, or for a resize "
                "to the size that it has.",
            )

    def _instances(
        self,
        cluster: model.Cluster,
        manifests: Mapping[str, manifest.Manifest],
        outputs: Mapping[str, Any],
    ) -> tuple[model.Instance, ...]:
        """What the stack made. One that was not there before follows its manifest by
        itself; one that was, what it followed when it was last seen."""
        before = {each.instance_id: each for each in cluster.instances}
        groups = model.wanted_instances(cluster)
        made = []
        for name, wanted in manifests.items():
            shown = outputs[f"node-{names.key(name)}"]
            server = str(shown["server"])
            old = before.get(server)
            internal = str(shown["address"])
            made.append(
                model.Instance(
                    id=str(uuid.uuid5(_NAMESPACE, server)),
                    name=name,
                    node_group_id=groups[name].id,
                    instance_id=server,
                    internal_ip=internal,
                    management_ip=str(shown.get("floating_address") or internal),
                    dns_hostname=names.hosts(cluster, name)[0],
                    storage_devices_number=groups[name].volumes_per_node,
                    facts=old.facts if old else {"digest": wanted.digest()},
                )
            )
        return tuple(made)

    def _follow(
        self,
        cluster: model.Cluster,
        instances: tuple[model.Instance, ...],
        manifests: Mapping[str, manifest.Manifest],
        secrets: Mapping[str, str],
    ) -> tuple[model.Instance, ...]:
        """Bring the nodes that follow an older manifest to their new one."""
        addresses = {each.name: each.internal_ip or "" for each in instances}
        whole = nodes.with_instances(cluster, instances)
        groups = model.wanted_instances(cluster)
        followed = []
        for each in instances:
            wanted = manifests[each.name]
            if each.facts.get("digest") != wanted.digest():
                plain = {n: secrets[n] for n in documents.symbols(wanted, "secret")}
                named = {n: addresses[n] for n in documents.symbols(wanted, "address")}
                facts = documents.facts(
                    each.name,
                    {**named, each.name: addresses[each.name]},
                    plain,
                    wanted.digest(),
                    names.mount_points(groups[each.name]),
                )
                each = nodes.bring(self._reach, whole, each, wanted, facts)
            followed.append(each)
        return tuple(followed)

    def _tell(
        self,
        cloud: sessions.Cloud,
        cluster: model.Cluster,
        servers: Mapping[str, nodes.Server],
    ) -> model.Outcome:
        """Tell the nodes what is known of all of them."""
        groups = model.wanted_instances(cluster)
        has_volumes = any(group.volumes_per_node for group in groups.values())
        volumes = telling.attached(cloud, cluster.id) if has_volumes else ()
        mounts = shares.admit(cloud, cluster)
        texts = {
            each.name: telling.document(
                cluster, groups[each.name], each, volumes, mounts[each.name]
            )
            for each in cluster.instances
        }
        told, late = telling.tell_all(self._reach, cluster, texts)
        told = tuple(shares.noted(cluster, groups[each.name], each) for each in told)
        if late:
            known = {each.name for each in told if telling.TOLD in each.facts}
            new = {name: text for name, text in late.items() if name not in known}
            nodes.check_booted(cloud, servers, new, self._now() - self._boot_timeout)
            why = "; ".join(f"{name}: {text}" for name, text in sorted(late.items()))
            return model.Wait(_LOOK, why[:_MOST_WORDS], {"instances": told})
        return model.Done({"instances": told})


def _ask(cluster: model.Cluster) -> str:
    """Which of the user's requests is being followed: each may try again what failed
    for the one before."""
    return f"{cluster.generation}.{cluster.verify_asked}"


def from_conf(
    conf: cfg.ConfigOpts, reach: interfaces.Reach, installation: Callable[[], str]
) -> OpenStackInfrastructure:
    """The driver as the group [openstack] says."""
    group = conf.openstack
    return OpenStackInfrastructure(
        sessions.Sessions(conf),
        reach,
        site=resources.Site(
            ssh_ranges=tuple(group.ssh_ranges),
            apart=_POLICIES[group.anti_affinity],
            boot_volume_size=group.boot_volume_size,
            stacks_per_project=group.stacks_per_project,
        ),
        stack_minutes=group.stack_timeout,
        trust_roles=tuple(group.trust_roles),
        replace_lost=group.replace_lost,
        boot_timeout=datetime.timedelta(seconds=group.boot_timeout),
        installation=installation,
    )
