# SPDX-License-Identifier: Apache-2.0
"""Clusters on the wire."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

from sparkaas import model
from sparkaas import states
from sparkaas.api import versions
from sparkaas.api.views import cluster_templates
from sparkaas.api.views import common
from sparkaas.api.views import node_groups
from sparkaas.service import cluster_entrances
from sparkaas.service import cluster_logins
from sparkaas.service import cluster_resize
from sparkaas.service import clusters
from sparkaas.service import transitions

#: Makes the id of a verification that was asked for and has no record yet.
_NAMESPACE = uuid.UUID("8f7c2c4e-51d4-4f4b-9d0b-6e2b7a0c4a11")


def show(
    cluster: model.Cluster,
    steps: Sequence[model.ProvisionStep] | None,
    version: versions.Version,
    *,
    with_events: bool = False,
) -> dict[str, Any]:
    """One cluster. Without ``steps`` the answer has no progress."""
    shown = {
        **cluster_templates.shared(cluster),
        **_status(cluster),
        "cluster_template_id": cluster.cluster_template_id,
        "user_keypair_id": cluster.user_keypair_id,
        "is_transient": cluster.is_transient,
        "info": {service: dict(labels) for service, labels in cluster.info.items()},
        "trust_id": cluster.trust_id,
        "management_public_key": cluster.management_public_key,
        "anti_affinity_ratio": 1,
        "node_groups": _groups(cluster),
    }
    if steps is not None:
        shown["provision_progress"] = [_step(step, with_events) for step in steps]
    # Null would break clients that look into it: it is there, or it is not.
    verification = _verification(cluster)
    if verification is not None:
        shown["verification"] = _verified(verification)
    if version >= versions.V2_1:
        shown |= common.work(cluster)
    return shown


def login(found: cluster_logins.UserLogin) -> dict[str, Any]:
    """From 2.1 on: the way to a node."""
    way = found.way
    return {
        "instance_name": way.name,
        "user": found.user,
        "host": way.host,
        "port": way.port,
        "host_key": way.host_key,
        "via": way.via,
        "directory": way.directory,
    }


def entrance(found: cluster_entrances.Entrance) -> dict[str, Any]:
    """From 2.1 on: where the cluster's software lets users in."""
    return {"name": found.name, "url": found.url, "token": found.token}


def summary(cluster: model.Cluster) -> dict[str, Any]:
    """From 2.1 on: what a line about a cluster needs."""
    names = ("plugin_name", "plugin_version", "cluster_template_id", "is_transient")
    return {
        **common.resource(cluster),
        **common.fields(cluster, names),
        **_status(cluster),
        **common.work(cluster),
    }


def _status(cluster: model.Cluster) -> dict[str, Any]:
    reason = transitions.current_reason(cluster)
    return {
        "status": str(states.cluster_status(cluster)),
        "status_description": reason.sentence if reason else "",
    }


def _groups(cluster: model.Cluster) -> list[dict[str, Any]]:
    return [
        {
            **node_groups.show(group),
            "instances": [
                _instance(instance)
                for instance in cluster.instances
                if instance.node_group_id == group.id
            ],
        }
        for group in cluster_resize.present(cluster)
    ]


def _instance(instance: model.Instance) -> dict[str, Any]:
    return {
        **_identity(instance),
        "instance_id": instance.instance_id,
        "instance_name": instance.name,
        "internal_ip": instance.internal_ip,
        "management_ip": instance.management_ip,
        "dns_hostname": instance.dns_hostname,
        "storage_devices_number": instance.storage_devices_number,
    }


def _identity(
    record: model.Instance | model.ProvisionStep | model.Event | model.Verification,
) -> dict[str, Any]:
    return {
        "id": record.id,
        "created_at": common.timestamp(record.created_at),
        "updated_at": common.timestamp(record.updated_at),
    }


def _step(step: model.ProvisionStep, with_events: bool) -> dict[str, Any]:
    names = (
        "cluster_id",
        "project_id",
        "step_name",
        "step_type",
        "total",
        "successful",
    )
    shown = {**_identity(step), **common.fields(step, names)}
    if with_events:
        shown["events"] = [_event(event) for event in step.events]
    return shown


def _event(event: model.Event) -> dict[str, Any]:
    names = (
        "step_id",
        "node_group_id",
        "instance_id",
        "instance_name",
        "event_info",
        "successful",
    )
    return {**_identity(event), **common.fields(event, names)}


def _verification(cluster: model.Cluster) -> model.Verification | None:
    """The verification under way, else the last one, if there is any."""
    if not clusters.verifying(cluster):
        return cluster.verification
    id = uuid.uuid5(_NAMESPACE, f"{cluster.id}/{cluster.verify_asked}")
    return model.Verification(
        id=str(id),
        cluster_id=cluster.id,
        status="CHECKING",
        created_at=cluster.updated_at,
    )


def _verified(verification: model.Verification) -> dict[str, Any]:
    return {
        **_identity(verification),
        "cluster_id": verification.cluster_id,
        "status": verification.status,
        "checks": [dict(check) for check in verification.checks],
    }
