# SPDX-License-Identifier: Apache-2.0
"""The service's own quotas: clusters and nodes of a project.

They come before the cloud's own, which the infrastructure checks. What is counted is
what was asked for, whether it is there yet or not; a cluster counts until it is gone.
Two requests at the same moment see the same count, so a project may come to have more
by what was under way at once, and no more than that.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable

from sparkaas import context as contexts
from sparkaas import exceptions
from sparkaas import model
from sparkaas.db import clusters as db
from sparkaas.service import env as environment

#: As a limit: none.
UNLIMITED = -1


@dataclasses.dataclass(frozen=True)
class Quota:
    """How many of a resource a project may have, and has."""

    resource: str
    limit: int
    in_use: int

    def left(self) -> int:
        """How many more; meaningless for one without a limit."""
        return max(self.limit - self.in_use, 0)


def list_(env: environment.Env, context: contexts.RequestContext) -> tuple[Quota, ...]:
    """The project's quotas."""
    clusters, nodes = db.usage(env.db, context.project_id)
    return (
        Quota("clusters", env.conf.quotas.clusters, clusters),
        Quota("nodes", env.conf.quotas.nodes, nodes),
    )


def check(
    env: environment.Env,
    context: contexts.RequestContext,
    wanted: Iterable[model.Cluster],
    previous: model.Cluster | None = None,
) -> None:
    """Raise ``exceptions.QuotaExceeded`` unless the project may have the ``wanted``
    clusters too, or the one of them in place of ``previous``."""
    new = tuple(wanted)
    before = () if previous is None else (previous,)
    more = {
        "clusters": len(new) - len(before),
        "nodes": sum(map(_nodes, new)) - sum(map(_nodes, before)),
    }
    limits = (env.conf.quotas.clusters, env.conf.quotas.nodes)
    if all(limit == UNLIMITED for limit in limits):
        return
    short = [
        f"{more[quota.resource]} more {quota.resource} are needed, {quota.left()} of "
        f"{quota.limit} are left"
        for quota in list_(env, context)
        if quota.limit != UNLIMITED and more[quota.resource] > quota.left()
    ]
    if short:
        raise exceptions.QuotaExceeded(
            f"The project's quota is too small: {'; '.join(short)}.",
            hint="Take fewer nodes, delete a cluster, or ask the operator for more.",
        )


def _nodes(cluster: model.Cluster) -> int:
    return sum(group.count for group in cluster.node_groups)
