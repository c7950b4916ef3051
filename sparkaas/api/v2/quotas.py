# SPDX-License-Identifier: Apache-2.0
"""``/quotas``."""

from __future__ import annotations

import dataclasses

from sparkaas.api import routing
from sparkaas.api import versions
from sparkaas.api.schemas import quotas as schemas
from sparkaas.service import quotas as service


def list_(call: routing.Call) -> routing.Result:
    found = service.list_(call.env, call.context)
    return {"quotas": [dataclasses.asdict(quota) for quota in found]}


ROUTES = (
    routing.Route(
        method="GET",
        path="/quotas",
        handler=list_,
        policy="data-processing:quota:list",
        summary="Show how many clusters and nodes the project may have, and has.",
        answer=schemas.MANY,
        min_version=versions.V2_1,
    ),
)
