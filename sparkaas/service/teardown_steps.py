# SPDX-License-Identifier: Apache-2.0
"""The steps that make a cluster go, with everything it had."""

from __future__ import annotations

import logging

from sparkaas import exceptions
from sparkaas import model
from sparkaas.db import jobs
from sparkaas.service import cluster_secrets
from sparkaas.service import env as service_env
from sparkaas.service import plans

LOG = logging.getLogger(__name__)

#: Seconds between looks at jobs that end: at first, and at most.
_LOOK = 0.5
_LONGEST_LOOK = 5.0
#: Seconds, on top of those for what is foreseen, that jobs have to end and have their
#: output copied before the nodes go from under them.
_JOBS_GRACE = 30.0
#: Failures after which a forced deletion asks the infrastructure no more.
_FORCED_ATTEMPTS = 2
#: In the checkpoint: something of the cluster may still be in the cloud.
_LEFT = "left_to_janitor"


def drop_jobs(env: service_env.Env, cluster: model.Cluster) -> plans.Outcome:
    """Wait until the cluster's jobs have seen that it goes and have ended, but not
    for ever: a job that cannot end finds its cluster gone, and ends by that."""
    unfinished = jobs.unfinished_of_cluster(env.db, cluster.id)
    if not unfinished:
        return model.Done()
    # A job whose conductor died is nobody's until its lease has run out.
    patience = (
        env.conf.edp.cancel_seconds + env.conf.conductor.lease_seconds + _JOBS_GRACE
    )
    now = env.clock.now()
    lasted = (now - (cluster.step_started_at or now)).total_seconds()
    if lasted >= patience:
        LOG.warning(
            "cluster %s goes with %d unfinished jobs", cluster.id, len(unfinished)
        )
        return model.Done()
    seconds = min(max(_LOOK, lasted / 5), _LONGEST_LOOK)
    why = f"{len(unfinished)} jobs of the cluster are being ended."
    return model.Wait(seconds, why)


def drop_infrastructure(env: service_env.Env, cluster: model.Cluster) -> plans.Outcome:
    """Remove everything that the infrastructure has of the cluster. A forced deletion
    asks for that, but does not wait: the janitor sees to what is left."""
    try:
        outcome = env.infrastructure.delete(cluster)
    except exceptions.SparkaasError as error:
        final = not isinstance(error, exceptions.Transient)
        if cluster.force and (final or cluster.attempts >= _FORCED_ATTEMPTS):
            return _left_to_janitor(cluster, error.message)
        raise
    if isinstance(outcome, model.Wait) and cluster.force:
        return _left_to_janitor(cluster, outcome.why)
    return outcome


def drop_secrets(env: service_env.Env, cluster: model.Cluster) -> plans.Outcome:
    """Take back what the owner lent, and forget the cluster's secrets. A step of its
    own: by now it is recorded that nothing is left for which it may be needed."""
    if not cluster.checkpoint.get(_LEFT):
        try:
            env.infrastructure.revoke(cluster.trust_id)
        except exceptions.Permanent as error:
            _left_to_janitor(cluster, error.message)
    cluster_secrets.forget(env, cluster)
    return model.Done({"secret_refs": {}})


def _left_to_janitor(cluster: model.Cluster, why: str) -> model.Done:
    """Who needs what the owner lent as long as something of the cluster is there."""
    LOG.warning("cluster %s: left to the janitor: %s", cluster.id, why)
    return model.Done({"checkpoint": {_LEFT: True}})


def drop_record(env: service_env.Env, cluster: model.Cluster) -> plans.Outcome:
    """Nothing else is left."""
    return plans.Gone()
