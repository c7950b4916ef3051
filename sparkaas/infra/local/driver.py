# SPDX-License-Identifier: Apache-2.0
"""The infrastructure driver ``local``: this machine is the cloud.

A node is a directory, a loopback address of its own, and the processes that its
supervisor keeps running. Nothing is remembered here: directories and claims are
found by the cluster's id and the instances' names, so that any process of the
service can go on where another was killed.
"""

from __future__ import annotations

import dataclasses
import errno
import functools
import pathlib
import shutil
import signal
import uuid
from collections.abc import Callable
from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any

import psutil
from oslo_config import cfg

from sparkaas import exceptions
from sparkaas import interfaces
from sparkaas import manifest
from sparkaas import model
from sparkaas.conf import service as service_conf
from sparkaas.infra.local import addresses
from sparkaas.infra.local import archives
from sparkaas.infra.local import catalog
from sparkaas.infra.local import java
from sparkaas.infra.local import layout
from sparkaas.infra.local import observing
from sparkaas.infra.local import packages
from sparkaas.infra.local import ports
from sparkaas.infra.local import processes
from sparkaas.infra.local import removal
from sparkaas.infra.local import rendering
from sparkaas.infra.local import tree

#: Of every id that this driver makes.
_NAMESPACE = uuid.UUID("0a6d3f0c-6f43-5e0b-9d0c-5b9f3a7f2f52")
#: Free bytes below which no node is started: Spark needs scratch space.
LEAST_FREE = 64 * 1024**2
#: Seconds until the next look: at processes, and at a package that is fetched.
_SOON = 0.2
_FETCHING = 1.0


def no_point(name: str) -> None:
    """The point of a world in which nothing ends between two effects."""


class LocalInfrastructure:
    """An ``interfaces.Infrastructure``. ``point`` is called around every effect."""

    def __init__(
        self,
        state_path: pathlib.Path,
        *,
        network: str,
        software: packages.Packages,
        log_file_bytes: int,
        least_free: int = LEAST_FREE,
        point: tree.Point = no_point,
    ) -> None:
        self._layout = layout.Layout(state_path)
        self._state_path = state_path
        self._addresses = addresses.Addresses(self._layout.addresses, network)
        self._packages = software
        self._log_file_bytes = log_file_bytes
        self._least_free = least_free
        self._point = point

    def for_caller(self, caller: interfaces.Caller) -> LocalInfrastructure:
        """This machine is the same to everyone."""
        return self

    def delegate(self) -> str | None:
        """Nothing here is done in anyone's name."""
        return None

    def renew(self, trust_id: str | None) -> str | None:
        """Nothing is needed."""
        return trust_id

    def revoke(self, trust_id: str | None) -> None:
        """Nothing was given."""

    def delegated(self) -> Mapping[str, str]:
        """Nothing."""
        return {}

    def secrets(self, cluster: model.Cluster) -> tuple[str, ...]:
        """Nobody logs in to a node."""
        return ()

    def check(self, cluster: model.Cluster) -> None:
        """Java, memory, disk and addresses: is there enough for the cluster?"""
        if cluster.default_image_id != catalog.image_id(catalog.BARE):
            self._packages.check()
        wanted = model.wanted_instances(cluster)
        machine_mb = psutil.virtual_memory().total >> 20
        asked_mb = sum(g.flavor.ram_mb for g in wanted.values() if g.flavor)
        if asked_mb > machine_mb:
            raise exceptions.QuotaExceeded(
                f"The cluster's nodes take {asked_mb} MB of memory; this machine has "
                f"{machine_mb} MB.",
                hint="Take fewer nodes or a smaller flavor.",
            )
        free = self._addresses.free(cluster.id)
        if len(wanted) > free:
            raise exceptions.QuotaExceeded(
                f"The cluster needs {len(wanted)} addresses, {free} are free.",
                hint="Delete a cluster, or set a larger [local] network.",
            )
        if self._is_full():
            full = processes.disk_full(self._state_path)
            raise exceptions.QuotaExceeded(full.message, code=full.code, hint=full.hint)

    def ensure(
        self,
        cluster: model.Cluster,
        manifests: Mapping[str, manifest.Manifest],
        secrets: Mapping[str, str],
    ) -> model.Outcome:
        """All nodes in one step: each effect takes milliseconds."""
        try:
            return self._ensure(cluster, manifests, secrets)
        except OSError as error:
            raise self._explained(error) from error

    def observe(self, cluster: model.Cluster) -> Mapping[str, interfaces.NodeState]:
        """What the supervisors wrote last, checked against what lives."""
        return {
            name: observing.node_state(self._layout.node(cluster.id, name))
            for name in model.wanted_instances(cluster)
        }

    def delete(self, cluster: model.Cluster) -> model.Outcome:
        """Stop all nodes, then remove their directories and addresses."""
        try:
            waits = removal.remove(self._layout.of_cluster(cluster.id), self._point)
            if waits:
                return model.Wait(_SOON, waits)
            self._addresses.release(cluster.id)
            self._point("after addresses.release")
            shutil.rmtree(self._layout.cluster(cluster.id))
        except FileNotFoundError:
            return model.Done()
        except OSError as error:
            raise self._explained(error) from error
        self._point("after cluster.rmdir")
        return model.Done()

    def list_owned(self) -> tuple[interfaces.Owned, ...]:
        """One per node; what a crash left of a cluster without nodes counts too."""
        owned: list[interfaces.Owned] = []
        for cluster_id in {*self._layout.clusters(), *self._addresses.clusters()}:
            nodes = self._layout.of_cluster(cluster_id)
            owned += [interfaces.Owned(cluster_id, "node", n.name) for n in nodes]
            if not nodes:
                owned.append(interfaces.Owned(cluster_id, "claim", cluster_id))
        return tuple(sorted(owned, key=lambda one: (one.cluster_id, one.name)))

    # The steps of ensure

    def _ensure(
        self,
        cluster: model.Cluster,
        manifests: Mapping[str, manifest.Manifest],
        secrets: Mapping[str, str],
    ) -> model.Outcome:
        located = self._packages.locate(_packages(manifests))
        if located.missing:
            return model.Wait(_FETCHING, located.missing[0])
        if self._is_full():
            raise processes.disk_full(self._state_path)
        waits = [self._remove_unwanted(cluster.id, manifests)]
        claims = self._claim(cluster.id, manifests)
        nodes = [self._layout.node(cluster.id, name) for name in manifests]
        dead: list[layout.Node] = []
        for node in nodes:
            if node.leaving.exists():
                continue
            renderer = rendering.Renderer(node, claims, located.directories, secrets)
            rendered = renderer.render(manifests[node.name])
            document = rendering.document(rendered, self._log_file_bytes)
            self._check_ports(node, document, claims[node.name])
            tree.realise(node, rendered, document, self._point)
            followed = observing.revision(node)
            if not followed:
                dead.append(node)
            elif followed != document["revision"]:
                processes.tell(node, signal.SIGHUP)
                self._point("after supervisor.reload")
                waits.append(f"{node.name} takes up its new definition.")
        waits.append(self._start(dead))
        if any(waits):
            return model.Wait(_SOON, next(filter(None, waits)))
        directories = {**self._packages.extras(), **located.directories}
        return model.Done(
            {"instances": self._instances(cluster, nodes, claims, directories)}
        )

    def _remove_unwanted(
        self, cluster_id: str, manifests: Mapping[str, manifest.Manifest]
    ) -> str:
        """Also those that are wanted again before they are gone: such a node is made
        anew, at its old address."""
        unwanted = [
            node
            for node in self._layout.of_cluster(cluster_id)
            if node.name not in manifests or node.leaving.exists()
        ]
        waits = removal.remove(unwanted, self._point)
        if not waits:
            gone = set(self._addresses.of(cluster_id)).difference(manifests)
            if gone:
                self._addresses.release(cluster_id, gone)
                self._point("after addresses.release")
        return waits

    def _claim(
        self, cluster_id: str, manifests: Mapping[str, manifest.Manifest]
    ) -> Mapping[str, str]:
        needed = {
            name: [port for service in one.services for port in service.ports]
            for name, one in manifests.items()
        }
        claims = self._addresses.claim(
            cluster_id,
            manifests,
            lambda name, address: ports.free(address, needed[name]),
        )
        self._point("after addresses.claim")
        return claims

    @staticmethod
    def _check_ports(
        node: layout.Node, document: Mapping[str, Any], address: str
    ) -> None:
        """Of the services that do not run yet. Those of a supervisor that died may
        still hold theirs; ``_start`` sees to them first."""
        known = observing.known_services(node)
        if not known and node.services.exists() and processes.Census().services(node):
            return
        for service in document["services"]:
            if service["name"] not in known:
                for port in service["ports"]:
                    ports.check(address, port, service["name"])

    def _start(self, nodes: Sequence[layout.Node]) -> str:
        """Start the supervisors of ``nodes``, none of which has one; or end what an
        earlier one left, and answer so."""
        if not nodes:
            return ""
        census = processes.Census()
        left = [process for node in nodes for process in census.services(node)]
        if left:
            processes.signal_all(left, signal.SIGKILL)
            self._point("after supervisor.clean")
            return "Processes of a supervisor that died are ended."
        processes.start(nodes)
        self._point("after supervisor.start")
        return ""

    @staticmethod
    def _instances(
        cluster: model.Cluster,
        nodes: Sequence[layout.Node],
        claims: Mapping[str, str],
        directories: Mapping[str, str],
    ) -> tuple[model.Instance, ...]:
        groups = model.wanted_instances(cluster)
        had = {instance.name: instance for instance in cluster.instances}
        made = []
        for node in nodes:
            name = f"{cluster.id}/{node.name}"
            instance = model.Instance(
                id=str(uuid.uuid5(_NAMESPACE, f"record/{name}")),
                name=node.name,
                node_group_id=groups[node.name].id,
                instance_id=str(uuid.uuid5(_NAMESPACE, name)),
            )
            made.append(
                dataclasses.replace(
                    had.get(node.name, instance),
                    internal_ip=claims[node.name],
                    management_ip=claims[node.name],
                    facts={
                        "node": str(node.path),
                        "root": str(node.root),
                        "home": str(node.home),
                        "jobs": str(node.jobs),
                        "packages": dict(directories),
                    },
                )
            )
        return tuple(made)

    # Trouble

    def _is_full(self) -> bool:
        place = self._state_path
        while not place.exists():
            place = place.parent
        return shutil.disk_usage(place).free < self._least_free

    def _explained(self, error: OSError) -> exceptions.SparkaasError:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            return processes.disk_full(self._state_path)
        if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
            return exceptions.Permanent(
                f"The service may not write below {self._state_path}: {error}.",
                code="STATE_PATH_DENIED",
                hint="Look at the owner and the mode of that directory.",
            )
        return exceptions.Transient(f"The node's files: {error}.")


def _packages(
    manifests: Mapping[str, manifest.Manifest],
) -> Sequence[manifest.Package]:
    found = {package for one in manifests.values() for package in one.packages}
    return sorted(found, key=lambda package: (package.name, package.version))


def from_conf(
    conf: cfg.ConfigOpts, reach: interfaces.Reach, installation: Callable[[], str]
) -> LocalInfrastructure:
    """The driver as the group [local] and [service] state_path say; the nodes are
    this machine's, so ``reach`` is not needed, and below the state path there is no
    other installation's. Raises ``exceptions.SparkaasError`` for
    a network that is not loopback, or a Java that was chosen but cannot be used."""
    state_path = service_conf.state_path(conf)
    machine_java = java.Java(conf.local.java_home)
    machine_java.check_choice()
    try:
        addresses.check_network(conf.local.network)
    except ValueError as error:
        raise exceptions.Permanent(
            f"[local] network cannot be used: {error}.",
            hint="It must be a part of 127.0.0.0/8, such as 127.64.0.0/10.",
        ) from error
    software = packages.Packages(
        {
            "spark": packages.find_spark,
            "hadoop": packages.hadoop_finder(conf.local.hadoop_home),
            "notebook": packages.find_notebook,
        },
        archives.Archives(layout.Layout(state_path).packages),
        machine_java,
        {
            "objectstore": functools.partial(
                packages.find_objectstore, conf.local.objectstore_home
            )
        },
    )
    return LocalInfrastructure(
        state_path,
        network=conf.local.network,
        software=software,
        log_file_bytes=conf.local.log_file_bytes,
    )
