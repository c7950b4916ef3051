# SPDX-License-Identifier: Apache-2.0
"""How a cluster's owner logs in to its nodes."""

from __future__ import annotations

import dataclasses

from sparkaas import context as contexts
from sparkaas import exceptions
from sparkaas import interfaces
from sparkaas import model
from sparkaas.service import env as environment

#: Of an image that nobody registered, or that is gone.
_USER = "root"


@dataclasses.dataclass(frozen=True)
class UserLogin:
    """The way to a node, and the name of the image's own user on it."""

    way: interfaces.Login
    user: str


def logins(
    env: environment.Env, context: contexts.RequestContext, cluster: model.Cluster
) -> tuple[UserLogin, ...]:
    """Those of the nodes that can be reached. Raises ``exceptions.NotFound`` for a
    public cluster of another project: to see it is not to enter it."""
    if cluster.project_id != context.project_id:
        raise exceptions.NotFound(f"Cluster {cluster.id} is not one of the project.")
    images = {
        instance.name: group.image_id or cluster.default_image_id
        for group in cluster.node_groups
        for instance in cluster.instances
        if instance.node_group_id == group.id
    }
    users = {id: _user(env, id) for id in set(images.values()) if id is not None}
    return tuple(
        UserLogin(way, users.get(images.get(way.name) or "", _USER))
        for way in env.reach.logins(cluster)
    )


def _user(env: environment.Env, image_id: str) -> str:
    try:
        return env.catalog.image(image_id).username or _USER
    except exceptions.NotFound:
        return _USER
