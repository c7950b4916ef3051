# SPDX-License-Identifier: Apache-2.0
"""Looks after a cluster that is Active: sees how it does, mends what it can."""

from __future__ import annotations

import dataclasses
import datetime
import hashlib
import json
import logging
from collections.abc import Mapping
from typing import Any

from sparkaas import exceptions
from sparkaas import manifest
from sparkaas import model
from sparkaas.db import jobs
from sparkaas.service import cluster_steps
from sparkaas.service import env as service_env
from sparkaas.service import plans
from sparkaas.service import vendors

LOG = logging.getLogger(__name__)

#: The reason's code of a cluster that is Active and not well. It is this module's
#: own: a reason that another code says is the answer to a request, and stays.
UNHEALTHY = "CLUSTER_UNHEALTHY"
#: In the checkpoint: seconds until the next look, if that is not the usual time.
LOOK_AGAIN = "look_again"
#: In the checkpoint: since when the cluster is not well.
AILING_SINCE = "ailing_since"
#: In the checkpoint: a transient cluster has done its work.
SPENT = "spent"
#: In the checkpoint: what the nodes' descriptions came to when all followed them.
DESCRIBED = "described"
#: Seconds after a repair.
_SOON = 2.0
_HINT = (
    "It is looked at, and repaired where that is possible, at every health check. "
    "Resize the cluster to what it has to have all of it made again."
)
_KEPT = (
    "All nodes are as an earlier release of the service, or other settings of it, "
    "described them. A resize, if only to the size that the cluster has, brings them "
    "up to date and restarts what runs on them."
)


@dataclasses.dataclass(frozen=True)
class _Look:
    """What one look at the nodes came to."""

    check: model.Check
    facts: dict[str, Any] = dataclasses.field(default_factory=dict)
    happenings: tuple[plans.Happening, ...] = ()
    #: What to do about it, if more is known than the check says.
    hint: str = ""


def check_health(env: service_env.Env, cluster: model.Cluster) -> plans.Outcome:
    """Verify the cluster and repair its nodes. Always done: this step has no end, so
    a deadline for it would turn every healthy cluster into an error."""
    if cluster.is_transient and _is_spent(env, cluster):
        return model.Done({"checkpoint": {SPENT: True}})
    looked = _look_at_nodes(env, cluster)
    try:
        plugin = vendors.plugin(env, cluster)
        checks = [looked.check, *plugin.health(cluster, env.reach)]
    except exceptions.SparkaasError as error:
        checks = [looked.check, _red("Plugin", error.message)]
    facts = {**looked.facts, **cluster_steps.verified(env, cluster, checks)}
    facts[plans.HAPPENINGS] = looked.happenings
    status = facts["verification"].status
    memory = _memory(env, cluster, status, bool(looked.happenings))
    facts["checkpoint"] = {**looked.facts.get("checkpoint", {}), **memory}
    since = memory[AILING_SINCE]
    reason = _reason(cluster, checks, status, since, looked.hint or _HINT)
    if reason is not cluster.reason:
        facts["reason"] = reason
    return model.Done(facts)


def as_built(cluster: model.Cluster) -> model.Cluster:
    """The cluster as it would be, had the user asked for just the nodes it has.

    That is the cluster itself, unless its last resize was given up: looking after
    it must not try that again and again, and must not take away a node that was
    not decommissioned. Raises ``Permanent`` if that cannot be said.
    """
    indices: dict[str, set[int]] = {group.id: set() for group in cluster.node_groups}
    for instance in cluster.instances:
        index = instance.name.rpartition("-")[2]
        if instance.node_group_id not in indices or not index.isdecimal():
            raise exceptions.Permanent(
                f"{instance.name} belongs to no node group of the cluster.",
                code=UNHEALTHY,
                hint="Ask for the resize again.",
            )
        indices[instance.node_group_id].add(int(index))
    return dataclasses.replace(
        cluster,
        node_groups=tuple(
            dataclasses.replace(
                group,
                count=len(indices[group.id]),
                indices=tuple(sorted(indices[group.id])),
            )
            for group in cluster.node_groups
        ),
    )


def _look_at_nodes(env: service_env.Env, cluster: model.Cluster) -> _Look:
    """See the nodes, and set right what is not as it should be. Never raises an
    error of ours: that is what a RED check says."""
    wrong: dict[str, str] = {}
    try:
        built = as_built(cluster)
        manifests = vendors.plugin(env, cluster).describe(built)
        states = env.infrastructure.observe(built)
        old = cluster_steps.outdated(states, manifests)
        described = _described(manifests)
        # A newer release, or other settings of the service's, describe nodes otherwise.
        # To follow that restarts what runs on them: only who asks for it gets it.
        stays = cluster.checkpoint.get(DESCRIBED, described) != described
        wrong = ({} if stays else old) | cluster_steps.absent(states, manifests)
        for key, detail in cluster_steps.services(states, "failed").items():
            wrong.setdefault(key.partition("/")[0], f"{key} failed: {detail}")
        if not wrong:
            if unready := cluster_steps.unready(states):
                return _Look(_yellow("Nodes", "; ".join(unready)))
            return _Look(_green(_KEPT)) if old else _steady(manifests, described)
        LOG.warning("cluster %s: repairing %s", cluster.id, "; ".join(wrong.values()))
        outcome = cluster_steps.make(env, built)
    except exceptions.SparkaasError as error:
        LOG.warning("cluster %s: not repaired: %s", cluster.id, error.message)
        text = " ".join((*wrong.values(), error.message))
        return _Look(_red("Nodes", text), hint=error.hint)
    happenings = tuple(
        plans.Happening(f"Repaired: {why}", name) for name, why in wrong.items()
    )
    # What was wrong after a repair, and is wrong again, is more than an accident.
    again = AILING_SINCE in cluster.checkpoint
    text = " ".join(wrong.values())
    check = _red("Nodes", text) if again else _yellow("Nodes", f"{text} Repaired.")
    return _Look(check, dict(outcome.facts), happenings)


def _steady(manifests: Mapping[str, manifest.Manifest], described: str) -> _Look:
    text = f"All {len(manifests)} nodes follow their description."
    return _Look(_green(text), {"checkpoint": {DESCRIBED: described}})


def _described(manifests: Mapping[str, manifest.Manifest]) -> str:
    """Equal for equal descriptions."""
    rows = sorted((name, each.digest()) for name, each in manifests.items())
    return hashlib.sha256(json.dumps(rows).encode()).hexdigest()[:16]


def _memory(
    env: service_env.Env, cluster: model.Cluster, status: str, repaired: bool
) -> dict[str, Any]:
    if status == "GREEN":
        return {AILING_SINCE: None, LOOK_AGAIN: None}
    now: datetime.datetime = env.clock.now()
    since = cluster.checkpoint.get(AILING_SINCE)
    # A repair is looked at soon, but only the first of a row: a node that cannot
    # be mended is not restarted every two seconds.
    soon = repaired and since is None
    return {
        AILING_SINCE: since or now.isoformat(timespec="seconds"),
        LOOK_AGAIN: _SOON if soon else None,
    }


def _reason(
    cluster: model.Cluster,
    checks: list[model.Check],
    status: str,
    since: str | None,
    hint: str,
) -> model.Reason | None:
    """The reason that the record should have after this look."""
    if cluster.reason is not None and cluster.reason.code != UNHEALTHY:
        return cluster.reason
    if status == "GREEN":
        return None
    bad = next((check for check in checks if check.status == "RED"), None)
    if bad is None:
        return cluster.reason
    return model.Reason(
        code=UNHEALTHY,
        sentence=f"Not well since {since}: {bad.description}",
        hint=hint,
    )


def _is_spent(env: service_env.Env, cluster: model.Cluster) -> bool:
    """Whether a transient cluster has done its work: it had a job and has none left
    to do, or none came for long (or came and was deleted, which leaves no trace)."""
    if jobs.unfinished_of_cluster(env.db, cluster.id):
        return False
    query = model.Query(filters={"cluster_id": cluster.id}, limit=1)
    if jobs.page(env.db, None, query).items:
        return True
    now = env.clock.now()
    lasted = (now - (cluster.active_at or now)).total_seconds()
    patience: float = env.conf.conductor.transient_idle
    return lasted >= patience


def _green(text: str) -> model.Check:
    return model.Check(name="Nodes", status="GREEN", description=text)


def _red(name: str, text: str) -> model.Check:
    return model.Check(name=name, status="RED", description=text)


def _yellow(name: str, text: str) -> model.Check:
    return model.Check(name=name, status="YELLOW", description=text)
