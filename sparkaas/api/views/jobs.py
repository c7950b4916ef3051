# SPDX-License-Identifier: Apache-2.0
"""Jobs on the wire. Secret settings were blanked when the job was stored."""

from __future__ import annotations

import dataclasses
from typing import Any

from sparkaas import model
from sparkaas import states
from sparkaas.api.views import common


def show(job: model.Job) -> dict[str, Any]:
    """One job as in 2.0."""
    urls = job.data_source_urls
    # A driver that ended may have output still to be collected: to a client the
    # job has not ended until its status says so.
    end_time = None if job.outcome is None else job.end_time
    return {
        "id": job.id,
        "project_id": job.project_id,
        "job_template_id": job.job_template_id,
        "cluster_id": job.cluster_id,
        "input_id": job.input_id,
        "output_id": job.output_id,
        "engine_job_id": job.engine_job_id,
        "info": {"status": states.job_status(job).value},
        "job_configs": {"job_execution_info": {}, **job.job_configs},
        "data_source_urls": None if urls is None else dict(urls),
        "return_code": job.return_code,
        "start_time": common.timestamp(job.start_time),
        "end_time": common.timestamp(end_time),
        "is_public": job.is_public,
        "is_protected": job.is_protected,
        "created_at": common.timestamp(job.created_at),
        "updated_at": common.timestamp(job.updated_at),
    }


def show_2_1(job: model.Job) -> dict[str, Any]:
    """One job from 2.1 on: also what happens with it, and why."""
    shown = show(job)
    work = common.work(job)
    progress = job.progress
    return {
        **shown,
        "info": {**shown["info"], "reason": work["reason"]},
        "name": job.name,
        "type": job.type,
        **work,
        "progress": None if progress is None else dataclasses.asdict(progress),
    }
