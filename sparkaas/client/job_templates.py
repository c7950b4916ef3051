# SPDX-License-Identifier: Apache-2.0
"""Job templates: what to run."""

from __future__ import annotations

import dataclasses

from sparkaas.client import job_binaries
from sparkaas.client import resource


@dataclasses.dataclass(frozen=True, kw_only=True)
class Argument(resource.Record):
    """One argument of a template's interface."""

    id: str = ""
    name: str = ""
    mapping_type: str = ""
    location: str = ""
    required: bool = False
    value_type: str = "string"
    default: str | None = None
    description: str | None = None


@dataclasses.dataclass(frozen=True, kw_only=True)
class JobTemplate(resource.Resource):
    """A job template."""

    type: str = ""
    mains: tuple[job_binaries.JobBinary, ...] = resource.records(job_binaries.JobBinary)
    libs: tuple[job_binaries.JobBinary, ...] = resource.records(job_binaries.JobBinary)
    interface: tuple[Argument, ...] = resource.records(Argument)


class JobTemplates(resource.Collection[JobTemplate]):
    """The verbs on job templates."""

    path = "/job-templates"
    key = "job_template"
    keys = "job_templates"
    noun = "job template"
    record = JobTemplate
