# SPDX-License-Identifier: Apache-2.0
"""``/cluster-templates``."""

from __future__ import annotations

from sparkaas.api import pagination
from sparkaas.api import routing
from sparkaas.api.schemas import cluster_templates as schemas
from sparkaas.api.views import cluster_templates as views
from sparkaas.service import cluster_templates as service

_LIST = pagination.Listing(
    sortable=(
        "id",
        "name",
        "plugin_name",
        "plugin_version",
        "created_at",
        "updated_at",
    ),
    filters=("name", "plugin_name", "plugin_version"),
)


def list_(call: routing.Call) -> routing.Result:
    query = _LIST.query(call.query)
    page = service.list_(call.env, call.context, query)
    return pagination.answer("cluster_templates", page, query, views.show)


def create(call: routing.Call) -> routing.Result:
    made = service.create(call.env, call.context, call.body)
    return {"cluster_template": views.show(made)}


def get(call: routing.Call) -> routing.Result:
    return {"cluster_template": views.show(call.found)}


def export(call: routing.Call) -> routing.Result:
    return routing.Answer(
        body={"cluster_template": views.export(call.found)},
        headers={"Content-Disposition": "attachment; filename=cluster_template.json"},
    )


def update(call: routing.Call) -> routing.Result:
    changed = service.update(call.env, call.context, call.found.id, call.body)
    return {"cluster_template": views.show(changed)}


def delete(call: routing.Call) -> routing.Result:
    service.delete(call.env, call.context, call.found.id)
    return None


_ALL = "/cluster-templates"
_ONE = "/cluster-templates/{id}"
_RULE = "data-processing:cluster-template"

ROUTES = (
    routing.Route(
        method="GET",
        path=_ALL,
        handler=list_,
        policy=f"{_RULE}:list",
        summary="List cluster templates.",
        query=_LIST.parameters(),
        answer=schemas.MANY,
    ),
    routing.Route(
        method="POST",
        path=_ALL,
        handler=create,
        policy=f"{_RULE}:create",
        summary="Create a cluster template.",
        body=schemas.CREATE,
        answer=schemas.ONE,
        status=202,
    ),
    routing.Route(
        method="GET",
        path=_ONE,
        handler=get,
        policy=f"{_RULE}:get",
        summary="Show a cluster template.",
        find=service.get,
        answer=schemas.ONE,
    ),
    routing.Route(
        method="GET",
        path=f"{_ONE}/export",
        handler=export,
        policy=f"{_RULE}:get",
        summary="Export a cluster template for use at another site.",
        find=service.get,
        answer=schemas.EXPORT,
    ),
    routing.Route(
        method="PATCH",
        path=_ONE,
        handler=update,
        policy=f"{_RULE}:update",
        summary="Change a cluster template.",
        find=service.get,
        body=schemas.UPDATE,
        answer=schemas.ONE,
        status=202,
    ),
    routing.Route(
        method="DELETE",
        path=_ONE,
        handler=delete,
        policy=f"{_RULE}:delete",
        summary="Delete a cluster template.",
        find=service.get,
        status=204,
    ),
)
