# SPDX-License-Identifier: Apache-2.0
"""Clusters: checks what is asked, writes it down as intent, rings the bell."""

from __future__ import annotations

import dataclasses
import logging
from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any

from sparkaas import context as contexts
from sparkaas import exceptions
from sparkaas import model
from sparkaas import states
from sparkaas.db import clusters as db
from sparkaas.db import events
from sparkaas.service import access
from sparkaas.service import bodies
from sparkaas.service import checks
from sparkaas.service import cluster_create
from sparkaas.service import cluster_resize
from sparkaas.service import env as environment
from sparkaas.service import plugins
from sparkaas.service import quotas

LOG = logging.getLogger(__name__)

_KIND = "cluster"
_TAKEN = (exceptions.DuplicateEntry, exceptions.NameAlreadyExists)


def create(
    env: environment.Env,
    context: contexts.RequestContext,
    body: Mapping[str, Any],
    key: str | None = None,
    *,
    lenient: bool = False,
) -> model.Cluster:
    """Ask for a cluster. The same ``key`` again answers the first one again.

    For ``lenient`` see ``cluster_create.record``.
    """
    return _create(env, context, body, (body["name"],), (key,), lenient)[0]


def create_many(
    env: environment.Env,
    context: contexts.RequestContext,
    body: Mapping[str, Any],
    key: str | None = None,
    *,
    lenient: bool = False,
) -> tuple[model.Cluster, ...]:
    """Ask for ``body["count"]`` clusters, numbered; each then goes its own way."""
    count: int = body["count"]
    names = cluster_create.names(body["name"], count)
    keys = [key and f"{key}/{n}" for n in range(count)]
    return _create(env, context, body, names, keys, lenient)


def _create(
    env: environment.Env,
    context: contexts.RequestContext,
    body: Mapping[str, Any],
    names: Sequence[str],
    keys: Sequence[str | None],
    lenient: bool,
) -> tuple[model.Cluster, ...]:
    had = {
        name: found
        for name, key in zip(names, keys, strict=True)
        if (found := _had(env, context, key)) is not None
    }
    left = tuple(name for name in names if name not in had)
    if left:
        cluster_create.check_free(env, context.project_id, left)
        plan = cluster_create.record(env, context, body, lenient=lenient)
        made = [
            cluster_create.named(plan, name, key)
            for name, key in zip(names, keys, strict=True)
            if name in left
        ]
        for cluster in made:
            cluster_create.check_host_names(cluster)
        quotas.check(env, context, made)
        cluster_create.check_whole(env, made[0])
        for cluster in made:
            had[cluster.name] = _store(env, context, cluster)
    return tuple(had[name] for name in names)


def _had(
    env: environment.Env, context: contexts.RequestContext, key: str | None
) -> model.Cluster | None:
    if key is None:
        return None
    return db.by_idempotency_key(env.db, context.project_id, key)


def _store(
    env: environment.Env, context: contexts.RequestContext, cluster: model.Cluster
) -> model.Cluster:
    trust_id = env.infrastructure.delegate()
    try:
        stored = db.create(env.db, dataclasses.replace(cluster, trust_id=trust_id))
    except BaseException as error:
        env.infrastructure.revoke(trust_id)
        if not isinstance(error, _TAKEN):
            raise
        # The same request may have come in beside this one.
        first = _had(env, context, cluster.idempotency_key)
        if first is None:
            raise
        return first
    env.bell.ring(_KIND, stored.id)
    return stored


def list_(
    env: environment.Env,
    context: contexts.RequestContext,
    query: model.Query,
    *,
    whole: bool = True,
) -> model.Page[model.Cluster]:
    """The project's clusters and public ones; unless ``whole``, without their node
    groups, instances and verifications, which most of a long list is."""
    return db.page(env.db, context.project_id, query, whole=whole)


def get(
    env: environment.Env, context: contexts.RequestContext, id: str
) -> model.Cluster:
    """Raises ``exceptions.NotFound``."""
    return db.get(env.db, id, context.project_id)


def steps(
    env: environment.Env,
    clusters: Sequence[model.Cluster],
    *,
    with_events: bool = False,
) -> Mapping[str, tuple[model.ProvisionStep, ...]]:
    """What was done so far to bring each cluster up, by its id."""
    return events.steps_of(env.db, [cluster.id for cluster in clusters], with_events)


def update(
    env: environment.Env,
    context: contexts.RequestContext,
    id: str,
    body: Mapping[str, Any],
) -> model.Cluster:
    """Change how a cluster is called, who sees it, its shares, its users' key."""
    if "verification" in body:
        if len(body) > 1:
            raise exceptions.InvalidRequest(
                "verification must be the only field of the request."
            )
        return verify(env, context, id)
    cluster = get(env, context, id)
    changes = bodies.values(model.Cluster, body)
    refresh = bool(body.get("update_keypair"))
    new_key = {"user_public_key": object()} if refresh else {}
    access.check_update(context, cluster, {**changes, **new_key})
    if "shares" in changes:
        checks.shares(env, changes["shares"])
    if refresh:
        changes["user_public_key"] = _public_key(env, cluster)
    if changes.keys() & {"shares", "user_public_key"}:
        return _want(env, cluster, None, **changes)
    return db.update(env.db, id, **changes) if changes else cluster


def _public_key(env: environment.Env, cluster: model.Cluster) -> str:
    _require_active(cluster)
    if cluster.user_keypair_id is None:
        raise exceptions.InvalidReference(f"Cluster {cluster.id} has no key pair.")
    env.catalog.require("keypair", cluster.user_keypair_id)
    return env.catalog.public_key(cluster.user_keypair_id)


def verify(
    env: environment.Env, context: contexts.RequestContext, id: str
) -> model.Cluster:
    """Ask for a verification of the cluster's health, now."""
    cluster = get(env, context, id)
    access.check_update(context, cluster)
    if verifying(cluster):
        raise exceptions.CannotVerify(f"Cluster {id} is being verified already.")
    status = states.cluster_status(cluster)
    if status is not states.ClusterStatus.ACTIVE:
        raise exceptions.CannotVerify(
            f"Cluster {id} is {status}; only an Active one can be verified."
        )
    asked = cluster.verify_asked + 1
    return _want(env, cluster, cluster.generation, verify_asked=asked)


def verifying(cluster: model.Cluster) -> bool:
    """Whether a verification was asked for that has not been done."""
    return cluster.verify_asked != cluster.verify_done


def resize(
    env: environment.Env,
    context: contexts.RequestContext,
    id: str,
    body: Mapping[str, Any],
) -> model.Cluster:
    """Ask for other numbers of nodes, or for further node groups."""
    cluster = get(env, context, id)
    access.check_update(context, cluster)
    name, version = cluster.plugin_name, cluster.plugin_version
    plugins.require_enabled(env, context, name, version)
    _require_active(cluster)
    groups = cluster_resize.resized(env, context, cluster, body)
    wanted = dataclasses.replace(cluster, node_groups=groups)
    cluster_create.check_host_names(wanted)
    quotas.check(env, context, [wanted], cluster)
    cluster_create.check_whole(env, wanted, cluster)
    return _want(env, cluster, cluster.generation, node_groups=groups)


def delete(
    env: environment.Env,
    context: contexts.RequestContext,
    id: str,
    *,
    force: bool = False,
) -> None:
    """Ask for the cluster to go, whatever it is doing; again, if that was in vain.

    ``force``: without waiting for the infrastructure.
    """
    cluster = get(env, context, id)
    access.check_delete(context, cluster)
    forced = force or cluster.force
    _want(env, cluster, None, target=states.Target.DELETED, force=forced)


def _require_active(cluster: model.Cluster) -> None:
    status = states.cluster_status(cluster)
    if status is not states.ClusterStatus.ACTIVE:
        raise exceptions.InvalidReference(
            f"Cluster {cluster.id} is {status}; that needs an Active one.",
            hint="Wait until it is Active.",
        )


def _want(
    env: environment.Env,
    cluster: model.Cluster,
    generation: int | None,
    **changes: Any,
) -> model.Cluster:
    """New intent; with a generation, unless another request came between. If need be
    the service goes on in this caller's name."""
    old, renewed = cluster.trust_id, _renewed(env, cluster)
    if renewed != old:
        changes["trust_id"] = renewed
    try:
        changed = db.set_intent(
            env.db,
            cluster.id,
            env.clock.now(),
            expect_generation=generation,
            **changes,
        )
    except BaseException:
        if renewed != old:
            _take_back(env, renewed)
        raise
    env.bell.ring(_KIND, cluster.id)
    if renewed != old:
        _take_back(env, old)
    return changed


def _renewed(env: environment.Env, cluster: model.Cluster) -> str | None:
    """What is lent for the cluster from now on. Whether it does is for the conductor
    to find out where it cannot be seen now."""
    try:
        return env.infrastructure.renew(cluster.trust_id)
    except exceptions.SparkaasError as error:
        LOG.warning("cluster %s: nothing was lent anew: %s", cluster.id, error.message)
        return cluster.trust_id


def _take_back(env: environment.Env, trust_id: str | None) -> None:
    try:
        env.infrastructure.revoke(trust_id)
    except exceptions.SparkaasError as error:
        LOG.warning("Left to the janitor: %s", error.message)
