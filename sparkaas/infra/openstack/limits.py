# SPDX-License-Identifier: Apache-2.0
"""What this driver does not make yet: asked for, it is refused rather than left out."""

from __future__ import annotations

from collections.abc import Iterator

from sparkaas import exceptions
from sparkaas import model


def check(cluster: model.Cluster) -> None:
    """Raise ``exceptions.InvalidRequest`` naming everything that cannot be had."""
    found = sorted(set(_missing(cluster)))
    if found:
        raise exceptions.InvalidRequest(
            f"The driver openstack does not offer {', '.join(found)} yet.",
            code="NOT_OFFERED",
            hint="Leave it out of the cluster and its templates.",
        )


def _missing(cluster: model.Cluster) -> Iterator[str]:
    if cluster.shares:
        yield "shares"
    for group in cluster.node_groups:
        if group.shares:
            yield "shares"
