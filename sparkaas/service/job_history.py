# SPDX-License-Identifier: Apache-2.0
"""Copies the event log of a job's application from its node to the store."""

from __future__ import annotations

from sparkaas import exceptions
from sparkaas import model
from sparkaas.service import env as service_env
from sparkaas.service import job_output
from sparkaas.service import job_site

#: What a history server tells a log by: how it is compressed, and whether it ends.
NAMES = ("events.zstd", "events.zstd.inprogress")


def name(env: service_env.Env, job_id: str) -> str:
    """Which of the names the stored log has; the first when there is none."""
    for each in NAMES:
        if env.store.size(job_output.key(job_id, each)):
            return each
    return NAMES[0]


def copy(env: service_env.Env, job: model.Job, site: job_site.Site) -> bool:
    """Copy the log of a driver that has ended, and then put it where its node wants it.
    False when there is more to copy at once."""
    log = site.engine.event_log(job, site.cluster, site.directory, site.remote)
    if log is None:
        return True
    most = env.conf.edp.max_event_log_bytes
    whole = log.complete and log.size <= most
    target = job_output.key(job.id, NAMES[0 if whole else 1])
    if not job_output.copy_file(env, site, log.name, target, min(most, log.size)):
        return False
    if log.then:
        argv = ("mv", "--", f"{site.directory}/{log.name}", log.then)
        done = site.remote.run(argv, deadline=job_site.DEADLINE)
        if done.exit_code != 0:
            words = done.stderr.decode(errors="replace").strip()
            raise exceptions.Transient(f"The event log cannot be moved: {words}")
    return True
