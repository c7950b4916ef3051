# SPDX-License-Identifier: Apache-2.0
"""Where a cluster's software lets its users in, and the tokens that it asks for."""

from __future__ import annotations

import dataclasses

from sparkaas import context as contexts
from sparkaas import exceptions
from sparkaas import model
from sparkaas.service import cluster_secrets
from sparkaas.service import env as environment
from sparkaas.service import vendors


@dataclasses.dataclass(frozen=True)
class Entrance:
    """A way in, with its token."""

    name: str
    url: str
    token: str = dataclasses.field(repr=False)


def entrances(
    env: environment.Env, context: contexts.RequestContext, cluster: model.Cluster
) -> tuple[Entrance, ...]:
    """Those of the nodes that are there. Raises ``exceptions.NotFound`` for a public
    cluster of another project: a token outlasts whatever made the cluster public."""
    if cluster.project_id != context.project_id:
        raise exceptions.NotFound(f"Cluster {cluster.id} is not one of the project.")
    found = vendors.plugin(env, cluster).entrances(cluster)
    if not found:
        return ()
    secrets = cluster_secrets.values(env, cluster)
    return tuple(Entrance(one.name, one.url, secrets[one.secret]) for one in found)
