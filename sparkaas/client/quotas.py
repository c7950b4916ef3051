# SPDX-License-Identifier: Apache-2.0
"""Quotas: how much a project may have (API 2.1)."""

from __future__ import annotations

import dataclasses

from sparkaas.client import resource


@dataclasses.dataclass(frozen=True, kw_only=True)
class Quota(resource.Record):
    """How many of a resource; a limit of -1 is none."""

    resource: str = ""
    limit: int = -1
    in_use: int = 0


class Quotas(resource.Collection[Quota]):
    """Quotas can only be listed."""

    path = "/quotas"
    key = "quota"
    keys = "quotas"
    noun = "quota"
    filters_by_name = False
    record = Quota
