# SPDX-License-Identifier: Apache-2.0
"""Job types: what the service can run, and on which plugins."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from sparkaas.client import resource


@dataclasses.dataclass(frozen=True, kw_only=True)
class JobType(resource.Record):
    """A job type and the plugins that run it."""

    name: str = ""
    plugins: tuple[Mapping[str, Any], ...] = resource.field(tuple, ())


class JobTypes(resource.Collection[JobType]):
    """Job types can only be listed and found."""

    path = "/job-types"
    key = "job_type"
    keys = "job_types"
    noun = "job type"
    filters_by_name = False
    record = JobType
