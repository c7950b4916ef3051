# SPDX-License-Identifier: Apache-2.0
"""``/flavors``."""

from __future__ import annotations

from sparkaas.api import routing
from sparkaas.api import versions
from sparkaas.api.schemas import flavors as schemas
from sparkaas.api.views import flavors as views
from sparkaas.service import flavors as service


def list_(call: routing.Call) -> routing.Result:
    flavors = service.list_(call.env, call.context)
    return {"flavors": [views.show(flavor) for flavor in flavors]}


ROUTES = (
    routing.Route(
        method="GET",
        path="/flavors",
        handler=list_,
        policy="data-processing:flavor:list",
        summary="List the cloud's flavors.",
        answer=schemas.MANY,
        min_version=versions.V2_1,
    ),
)
