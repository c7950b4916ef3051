# SPDX-License-Identifier: Apache-2.0
"""Finds the plugin of a cluster and the engine of a job."""

from __future__ import annotations

from sparkaas import exceptions
from sparkaas import model
from sparkaas.edp import base as edp
from sparkaas.plugins import base
from sparkaas.service import env as service_env


def plugin(env: service_env.Env, cluster: model.Cluster) -> base.Plugin:
    """The cluster's plugin; ``Permanent`` when it is not installed (any more)."""
    try:
        return env.plugins[cluster.plugin_name]
    except KeyError:
        raise exceptions.Permanent(
            f"The plugin {cluster.plugin_name} is not installed.",
            code="PLUGIN_MISSING",
            hint="Install the plugin on every conductor host.",
        ) from None


def engine(
    env: service_env.Env, cluster: model.Cluster, job: model.Job
) -> edp.JobEngine:
    """The engine that runs the job there; ``Permanent`` when there is none."""
    engines = plugin(env, cluster).job_engines
    if job.type not in engines:
        raise exceptions.Permanent(
            f"{job.type} jobs do not run on {cluster.plugin_name} clusters.",
            code="JOB_TYPE_UNSUPPORTED",
            hint=f"Types that do: {', '.join(sorted(engines))}.",
        )
    return engines[job.type]
