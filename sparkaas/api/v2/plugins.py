# SPDX-License-Identifier: Apache-2.0
"""``/plugins``."""

from __future__ import annotations

from sparkaas.api import routing
from sparkaas.api.schemas import plugins as schemas
from sparkaas.api.views import plugins as views
from sparkaas.service import plugins as service


def list_(call: routing.Call) -> routing.Result:
    offers = service.list_(call.env, call.context)
    return {"plugins": [views.show(offer) for offer in offers]}


def get(call: routing.Call) -> routing.Result:
    return {"plugin": views.show(call.found)}


def get_version(call: routing.Call) -> routing.Result:
    version = call.arguments["version"]
    service.check_version(call.found, version)
    return {"plugin": views.show_version(call.found, version)}


def update(call: routing.Call) -> routing.Result:
    name = call.arguments["name"]
    offer = service.update(call.env, call.context, name, call.body)
    # Labels are per project, and clients read whose these are under the old name.
    return {"plugin": {**views.show(offer), "tenant_id": call.context.project_id}}


_ONE = "/plugins/{name}"
_RULE = "data-processing:plugin"

ROUTES = (
    routing.Route(
        method="GET",
        path="/plugins",
        handler=list_,
        policy=f"{_RULE}:list",
        summary="List plugins.",
        answer=schemas.MANY,
    ),
    routing.Route(
        method="GET",
        path=_ONE,
        handler=get,
        policy=f"{_RULE}:get",
        summary="Show a plugin.",
        find=service.get,
        answer=schemas.ONE,
    ),
    routing.Route(
        method="GET",
        path=f"{_ONE}/{{version}}",
        handler=get_version,
        policy=f"{_RULE}:get-version",
        summary="Show what a version of a plugin offers.",
        find=service.get,
        answer=schemas.VERSION,
    ),
    routing.Route(
        method="PATCH",
        path=_ONE,
        handler=update,
        policy=f"{_RULE}:update",
        summary="Set a plugin's labels for the project.",
        find=service.get,
        body=schemas.UPDATE,
        answer=schemas.UPDATED,
        status=202,
    ),
)
