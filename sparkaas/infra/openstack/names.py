# SPDX-License-Identifier: Apache-2.0
"""What things of a cluster are called in the cloud and on its nodes. Pure."""

from __future__ import annotations

import re

from sparkaas import model

#: In the metadata of each server and volume, and as a stack's tag: whose it is.
OWNER = "sparkaas"
#: In the metadata of each server and volume: which instance's.
INSTANCE = "sparkaas-instance"
#: In the metadata of each data volume: which of its instance's, from 1.
NUMBER = "sparkaas-volume"


def stack(cluster_id: str) -> str:
    """Derived from the id, so that one is found again and never made twice."""
    return f"{OWNER}-{cluster_id}"


def key(instance_name: str) -> str:
    """An instance's name as part of a resource's name."""
    return re.sub(r"[^A-Za-z0-9-]", "-", instance_name)


def pattern(cluster: model.Cluster) -> str:
    """A regular expression, as databases know them, that all of a cluster's instances'
    names match, and few others."""
    stem = (cluster.stem or cluster.name).lower()
    plain = re.sub(r"([^A-Za-z0-9_-])", r"[\1]", stem)
    return f"^{plain}-"


def hosts(cluster: model.Cluster, instance_name: str) -> list[str]:
    """The names under which an instance is known, the full one first."""
    domain = (cluster.domain_name or "").rstrip(".")
    return [*([f"{instance_name}.{domain}"] if domain else []), instance_name]


def mount_point(group: model.NodeGroup, number: int) -> str:
    """Where a group's volume of that number (from 1) is mounted."""
    return f"{group.volume_mount_prefix}{number}"


def mount_points(group: model.NodeGroup) -> list[str]:
    """Where a group's volumes are mounted."""
    numbers = range(1, group.volumes_per_node + 1)
    return [mount_point(group, number) for number in numbers]
