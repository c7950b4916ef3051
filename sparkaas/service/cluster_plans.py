# SPDX-License-Identifier: Apache-2.0
"""Which steps a cluster needs, as a pure function of its record."""

from __future__ import annotations

import datetime
from typing import Any

from oslo_config import cfg

from sparkaas import model
from sparkaas import states
from sparkaas.service import cluster_steps
from sparkaas.service import health
from sparkaas.service import plans
from sparkaas.service import teardown_steps

_Step = plans.Step[model.Cluster]
_Plan = plans.Plan[model.Cluster]

_ENGINE = ("Engine: create cluster", "Engine: scale cluster")
_SHUTDOWN = ("Engine: shutdown cluster", "Engine: shutdown cluster")


def _provision(conf: cfg.ConfigOpts) -> float:
    seconds: float = conf.conductor.provision_deadline
    return seconds


def _deletion(conf: cfg.ConfigOpts) -> float:
    seconds: float = conf.conductor.delete_deadline
    return seconds


CONVERGE: _Plan = plans.Plan(
    "converge",
    (
        _Step(
            "ensure_secrets",
            cluster_steps.ensure_secrets,
            deadline=_provision,
        ),
        _Step(
            "ensure_decommissioned",
            cluster_steps.ensure_decommissioned,
            deadline=_provision,
            title="Decommission instances",
            types=("Plugin: decommission cluster", "Plugin: decommission cluster"),
            quiet=True,
            hint="The instances are still there. Ask for the resize again, or for the "
            "old number of instances.",
        ),
        _Step(
            "ensure_infrastructure",
            cluster_steps.ensure_infrastructure,
            deadline=_provision,
            title="Create instances",
            types=_ENGINE,
            each=True,
            hint="Once the cause is gone, ask again: resize the cluster, or delete it "
            "and create it anew.",
        ),
        _Step(
            "ensure_started",
            cluster_steps.ensure_started,
            deadline=_provision,
            title="Start services",
            types=("Plugin: start cluster", "Plugin: scale cluster"),
            each=True,
            hint="A service log or the node's console may tell more.",
        ),
        _Step(
            "ensure_converged",
            cluster_steps.ensure_converged,
            deadline=_provision,
            title="Configure cluster",
            types=("Plugin: configure cluster", "Plugin: scale cluster"),
        ),
        _Step(
            "ensure_healthy",
            cluster_steps.ensure_healthy,
            deadline=_provision,
            title="Check health",
            types=("Plugin: start cluster", "Plugin: scale cluster"),
            hint="The services run but do not find each other: look at their logs.",
        ),
    ),
)

TEARDOWN: _Plan = plans.Plan(
    "teardown",
    (
        _Step("drop_jobs", teardown_steps.drop_jobs, title="End jobs", types=_SHUTDOWN),
        _Step(
            "drop_infrastructure",
            teardown_steps.drop_infrastructure,
            deadline=_deletion,
            title="Delete instances",
            types=_SHUTDOWN,
            hint="Once the cause is gone, delete the cluster again, or with force: "
            "then the rest is swept up later.",
        ),
        _Step("drop_secrets", teardown_steps.drop_secrets, deadline=_deletion),
        _Step("drop_record", teardown_steps.drop_record, deadline=_deletion),
    ),
)

WATCH: _Plan = plans.Plan(
    "watch",
    (
        _Step(
            "check_health",
            health.check_health,
            title="Repair instances",
            types=("Engine: repair cluster", "Engine: repair cluster"),
            quiet=True,
        ),
    ),
    idle=True,
)

REST: _Plan = plans.Plan("rest")


def plan_for(cluster: model.Cluster) -> _Plan:
    """The cluster's plan. A request that was given up on has none: it waits for the
    next, be it a deletion or what a health check would take for success."""
    settled = cluster.generation == cluster.observed_generation
    if cluster.target is states.Target.DELETED:
        return REST if settled else TEARDOWN
    if not settled:
        return CONVERGE
    if cluster.condition is not states.Condition.ACTIVE:
        return REST
    # A transient cluster that has done its work goes by itself.
    return TEARDOWN if cluster.checkpoint.get(health.SPENT) else WATCH


def finished(
    cluster: model.Cluster, plan: _Plan, now: datetime.datetime
) -> dict[str, Any]:
    """What was asked is there. (A teardown ends with its record, not here.)"""
    if plan is not CONVERGE:
        return {}
    return {
        "condition": states.Condition.ACTIVE,
        "active_at": cluster.active_at or now,
        "observed_generation": cluster.generation,
    }


def given_up(
    cluster: model.Cluster,
    plan: _Plan,
    step: _Step,
    reason: model.Reason,
    now: datetime.datetime,
) -> dict[str, Any]:
    """What was asked will not be there. A cluster that was up before stays Active and
    says why it is not what was asked."""
    if plan.idle:
        return {}
    failed_resize = plan is CONVERGE and cluster.active_at is not None
    return {
        "condition": states.Condition.ACTIVE
        if failed_resize
        else states.Condition.ERROR,
        "observed_generation": cluster.generation,
        "reason": reason,
    }


def delay(cluster: model.Cluster, conf: cfg.ConfigOpts) -> float:
    """Seconds until the next health check; none if a user waits for one."""
    if cluster.verify_asked != cluster.verify_done:
        return 0.0
    usual: float = conf.conductor.health_interval
    soon: float = cluster.checkpoint.get(health.LOOK_AGAIN, usual)
    return min(usual, soon)


KIND: plans.Kind[model.Cluster] = plans.Kind(
    name="cluster",
    plan_for=plan_for,
    finished=finished,
    given_up=given_up,
    delay=delay,
    status=states.cluster_status,
)
