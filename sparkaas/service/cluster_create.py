# SPDX-License-Identifier: Apache-2.0
"""A new cluster: what the request and its template say, checked, as a record.

Everything is checked before anything is stored, so a refused request leaves
nothing behind.
"""

from __future__ import annotations

import dataclasses
import uuid
from collections.abc import Collection
from collections.abc import Mapping
from typing import Any

from sparkaas import context as contexts
from sparkaas import exceptions
from sparkaas import model
from sparkaas.db import cluster_templates
from sparkaas.db import clusters as db
from sparkaas.plugins import base
from sparkaas.service import bodies
from sparkaas.service import checks
from sparkaas.service import configs
from sparkaas.service import env as environment
from sparkaas.service import images
from sparkaas.service import node_groups
from sparkaas.service import plugins

#: What a cluster takes from its template when the request does not say it.
_INHERITED = (
    "description",
    "default_image_id",
    "neutron_management_network",
    "anti_affinity",
    "shares",
    "use_autoconfig",
    "domain_name",
)
_LONGEST_HOST_NAME = 64


def names(base: str, count: int) -> tuple[str, ...]:
    """``base-1`` and so on, the numbers padded to the same length."""
    digits = len(str(count))
    return tuple(f"{base}-{n:0{digits}}" for n in range(1, count + 1))


def check_free(env: environment.Env, project_id: str, wanted: Collection[str]) -> None:
    """Raise ``exceptions.NameAlreadyExists`` if the project has a cluster of one of
    the names."""
    taken = sorted(db.taken(env.db, project_id, wanted))
    if taken:
        raise exceptions.NameAlreadyExists(
            f"There is a cluster named {', '.join(taken)} already."
        )


def record(
    env: environment.Env,
    context: contexts.RequestContext,
    body: Mapping[str, Any],
    *,
    lenient: bool,
) -> model.Cluster:
    """The cluster that ``body`` asks for, apart from its own id and name.

    ``lenient``: without an image the newest that fits is taken, and a network is
    left to the infrastructure. Raises ``exceptions.InvalidRequest`` or a subclass.
    """
    name, version = body["plugin_name"], body["plugin_version"]
    plugin = plugins.require_enabled(env, context, name, version)
    template = _template(env, context, body)
    values = _values(body, template)
    keypair = values.get("user_keypair_id")
    if keypair is not None:
        env.catalog.require("keypair", keypair)
        values["user_public_key"] = env.catalog.public_key(keypair)
    values["default_image_id"] = _image(env, plugin, version, values, lenient)
    checks.configs(plugin, version, values.get("cluster_configs", {}))
    groups = _groups(env, context, body, template)
    groups = node_groups.checked(env, plugin, version, groups)
    checks.processes(plugin, version, values.get("anti_affinity", ()))
    cluster = model.Cluster(
        id=str(uuid.uuid4()),
        project_id=context.project_id,
        user_id=context.user_id or "",
        created_at=env.clock.now(),
        **values | {"node_groups": tuple(map(_with_indices, groups))},
    )
    check_host_names(cluster)
    network = _network(env, values, lenient)
    checks.shares(env, values.get("shares"))
    return dataclasses.replace(cluster, neutron_management_network=network)


def check_whole(
    env: environment.Env, cluster: model.Cluster, previous: model.Cluster | None = None
) -> None:
    """The plugin's and the cloud's own checks of a cluster to be made, or resized
    from ``previous``."""
    plugin = plugins.require(env, cluster.plugin_name, cluster.plugin_version)
    plugin.validate(cluster, previous)
    env.infrastructure.check(cluster)


def check_host_names(cluster: model.Cluster) -> None:
    """Raise ``exceptions.InvalidRequest`` for an instance whose name is too long."""
    domain = (cluster.domain_name or "").rstrip(".")
    for name in model.wanted_instances(cluster):
        host = f"{name}.{domain}" if domain else name
        if len(host) > _LONGEST_HOST_NAME:
            raise exceptions.InvalidRequest(
                f"Host name {host} is longer than {_LONGEST_HOST_NAME} characters.",
                hint="Take a shorter name for the cluster or its node group.",
            )


def named(cluster: model.Cluster, name: str, key: str | None) -> model.Cluster:
    """A cluster like that one, with ids and a name of its own."""
    return dataclasses.replace(
        cluster,
        id=str(uuid.uuid4()),
        name=name,
        stem=name,
        idempotency_key=key,
        node_groups=tuple(
            dataclasses.replace(group, id=str(uuid.uuid4()))
            for group in cluster.node_groups
        ),
    )


def _template(
    env: environment.Env, context: contexts.RequestContext, body: Mapping[str, Any]
) -> model.ClusterTemplate | None:
    id = body.get("cluster_template_id")
    if id is None:
        return None
    try:
        template = cluster_templates.get(env.db, id, context.project_id)
    except exceptions.NotFound as error:
        raise exceptions.InvalidReference(
            f"There is no cluster template {id}."
        ) from error
    asked = (body["plugin_name"], body["plugin_version"])
    if (template.plugin_name, template.plugin_version) != asked:
        raise exceptions.InvalidReference(
            f"Cluster template {id} is for plugin {template.plugin_name} "
            f"{template.plugin_version}."
        )
    if not template.node_groups and not body.get("node_groups"):
        raise exceptions.InvalidReference(f"Cluster template {id} has no node groups.")
    return template


def _values(
    body: Mapping[str, Any], template: model.ClusterTemplate | None
) -> dict[str, Any]:
    given = {key: value for key, value in body.items() if value is not None}
    values = bodies.values(model.Cluster, given)
    if template is not None:
        for field in _INHERITED:
            values.setdefault(field, getattr(template, field))
        values["cluster_configs"] = configs.merged(
            template.cluster_configs, given.get("cluster_configs", {})
        )
    return values


def _groups(
    env: environment.Env,
    context: contexts.RequestContext,
    body: Mapping[str, Any],
    template: model.ClusterTemplate | None,
) -> tuple[model.NodeGroup, ...]:
    if body.get("node_groups"):
        return node_groups.make(
            env,
            context,
            body["plugin_name"],
            body["plugin_version"],
            body["node_groups"],
        )
    if template is None:
        raise exceptions.MissingValue(
            "node_groups must be given, or a cluster template that has them."
        )
    # A group of a cluster is new, whatever it was copied from.
    return tuple(
        dataclasses.replace(group, created_at=None, updated_at=None)
        for group in template.node_groups
    )


def _with_indices(group: model.NodeGroup) -> model.NodeGroup:
    return dataclasses.replace(group, indices=tuple(range(group.count)))


def _image(
    env: environment.Env,
    plugin: base.Plugin,
    version: str,
    values: Mapping[str, Any],
    lenient: bool,
) -> str:
    image_id: str | None = values.get("default_image_id")
    if image_id is not None:
        checks.image(env, plugin, version, image_id)
        return image_id
    if lenient:
        offered = next(v for v in plugin.versions() if v.name == version)
        found = images.suitable(env, offered)
        if found is not None:
            return found.id
        raise exceptions.MissingValue(
            f"No registered image has the tags "
            f"{', '.join(offered.required_image_tags)}.",
            hint="Register and tag an image first.",
        )
    raise exceptions.MissingValue(
        "default_image_id must be given, or a cluster template that has it."
    )


def _network(
    env: environment.Env, values: Mapping[str, Any], lenient: bool
) -> str | None:
    network: str | None = values.get("neutron_management_network")
    if network is not None:
        env.catalog.require("network", network)
    elif not lenient:
        raise exceptions.MissingValue(
            "neutron_management_network must be given, or a cluster template that "
            "has it."
        )
    return network
