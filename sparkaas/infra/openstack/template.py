# SPDX-License-Identifier: Apache-2.0
"""The Heat template of a cluster: a pure function of its record.

Ports come first, so that every address is known to the template before a server boots;
a server's user data has them put in. A server that exists is never rebuilt for other
user data: it has what it needed to become a node, and changes reach it over SSH.

A node's place depends on nothing but its group and index, so that those that stay are
not touched when others come or go: the first ``BATCH`` of a group stand in the stack
itself, the others in a stack inside it for each further ``BATCH``. Ports all stand in
the outer one, so that any node may know any address.

What is equal in the user data of many is a parameter: Heat takes 512 KiB for a
template and 1 MiB for a request (``max_template_size``, ``max_json_body_size``).
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Mapping
from typing import Any

from sparkaas import manifest
from sparkaas import model
from sparkaas.infra.openstack import documents
from sparkaas.infra.openstack import names
from sparkaas.infra.openstack import resources
from sparkaas.infra.openstack import userdata

VERSION = "2018-08-31"
#: Nodes of a group in one template.
BATCH = 20


@dataclasses.dataclass(frozen=True)
class Template:
    """``body`` is the template, ``files`` those of the stacks inside it by name."""

    body: Mapping[str, Any]
    files: Mapping[str, Mapping[str, Any]]

    def digest(self) -> str:
        """Equal for equal templates; short enough for a tag (80 characters)."""
        text = json.dumps([self.body, self.files], sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:32]


class _Stack:
    """A template that is being made. ``given`` are its parameters, each with what the
    outer stack gives for it; the outermost has none but constants."""

    def __init__(self, cluster_id: str) -> None:
        self.cluster_id = cluster_id
        self.resources: dict[str, resources.Resource] = {}
        self.outputs: dict[str, Any] = {}
        self.given: dict[str, Any] = {}

    def refer(self, parameter: str, outer: Any) -> Any:
        """What stands here for something of the outermost stack."""
        return outer

    def constant(self, name: str, value: str) -> Any:
        """What stands here for a text that several need."""
        self.given[name] = value
        return {"get_param": name}

    def parameters(self) -> dict[str, Any]:
        """As the template declares them."""
        return {
            name: {"type": "string", "default": value}
            for name, value in sorted(self.given.items())
        }

    def body(self) -> dict[str, Any]:
        return {
            "heat_template_version": VERSION,
            "description": f"sparkaas cluster {self.cluster_id}",
            "parameters": self.parameters(),
            "resources": self.resources,
            "outputs": self.outputs,
        }


class _Inner(_Stack):
    """The template of a stack inside the outermost, which is ``outermost``."""

    def __init__(self, outermost: _Stack) -> None:
        super().__init__(outermost.cluster_id)
        self._outermost = outermost

    def refer(self, parameter: str, outer: Any) -> Any:
        self.given[parameter] = outer
        return {"get_param": parameter}

    def constant(self, name: str, value: str) -> Any:
        return self.refer(name, self._outermost.constant(name, value))

    def parameters(self) -> dict[str, Any]:
        return {name: {"type": "string"} for name in sorted(self.given)}


def batch(group: model.NodeGroup, instance_name: str) -> str:
    """The resource of the outermost stack that an instance is in; empty: itself."""
    number = int(instance_name.rpartition("-")[2]) // BATCH
    return f"batch-{names.key(group.name)}-{number}" if number else ""


def render(
    cluster: model.Cluster,
    manifests: Mapping[str, manifest.Manifest],
    secrets: Mapping[str, str],
    site: resources.Site,
) -> Template:
    """The whole template."""
    outermost = _Stack(cluster.id)
    outermost.resources |= resources.shared(cluster, site)
    inner: dict[str, _Stack] = {}
    for name, group in model.wanted_instances(cluster).items():
        outermost.resources |= resources.network(cluster, group, name)
        place = batch(group, name)
        stack = inner.setdefault(place, _Inner(outermost)) if place else outermost
        at = names.key(name)
        stack.resources |= resources.machine(
            cluster,
            group,
            name,
            site,
            port=stack.refer(f"port-{at}-id", {"get_resource": f"port-{at}"}),
            apart=_apart(cluster, stack),
            user_data=_user_data(cluster, group, name, manifests[name], secrets, stack),
        )
        server: dict[str, Any] = {"get_resource": f"server-{at}"}
        if place:
            stack.outputs[f"id-{at}"] = {"value": server}
            server = {"get_attr": [place, f"id-{at}"]}
        outermost.outputs[f"node-{at}"] = {"value": _output(group, name, server)}
    for place, stack in inner.items():
        outermost.resources[place] = resources.resource(_file(place), **stack.given)
    files = {_file(place): stack.body() for place, stack in inner.items()}
    return Template(outermost.body(), files)


def _file(place: str) -> str:
    return f"{place}.yaml"


def _apart(cluster: model.Cluster, stack: _Stack) -> Any:
    if not cluster.anti_affinity:
        return None
    return stack.refer("apart-id", {"get_resource": "apart"})


def _user_data(
    cluster: model.Cluster,
    group: model.NodeGroup,
    name: str,
    wanted: manifest.Manifest,
    secrets: Mapping[str, str],
    stack: _Stack,
) -> Any:
    """The user data, the ports' addresses and what many have in common put in by
    Heat."""

    def holder(key: str) -> str:
        return f"%{cluster.id}/{key}%"

    named = sorted({name, *documents.symbols(wanted, "address")})
    text = userdata.render(
        name,
        wanted,
        addresses={other: holder(names.key(other)) for other in named},
        secrets=secrets,
        user_key=cluster.user_public_key,
        hosts=names.hosts(cluster, name),
        volumes=names.mount_points(group),
    )
    params = {
        holder(names.key(other)): stack.refer(
            f"address-{names.key(other)}", resources.address(other)
        )
        for other in named
    }
    for constant, value in userdata.constants(name, wanted).items():
        text = text.replace(value, holder(constant))
        params[holder(constant)] = stack.constant(constant, value)
    return {"str_replace": {"template": text, "params": params}}


def _output(group: model.NodeGroup, name: str, server: Any) -> dict[str, Any]:
    shown: dict[str, Any] = {"server": server, "address": resources.address(name)}
    if group.floating_ip_pool:
        shown["floating_address"] = resources.floating_address(name)
    return shown
