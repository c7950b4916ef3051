# SPDX-License-Identifier: Apache-2.0
"""``/node-group-templates``."""

from __future__ import annotations

from sparkaas.api import pagination
from sparkaas.api import routing
from sparkaas.api.schemas import node_group_templates as schemas
from sparkaas.api.views import node_group_templates as views
from sparkaas.service import node_group_templates as service

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
    return pagination.answer("node_group_templates", page, query, views.show)


def create(call: routing.Call) -> routing.Result:
    made = service.create(call.env, call.context, call.body)
    return {"node_group_template": views.show(made)}


def get(call: routing.Call) -> routing.Result:
    return {"node_group_template": views.show(call.found)}


def export(call: routing.Call) -> routing.Result:
    return routing.Answer(
        body={"node_group_template": views.export(call.found)},
        headers={
            "Content-Disposition": "attachment; filename=node_group_template.json"
        },
    )


def update(call: routing.Call) -> routing.Result:
    changed = service.update(call.env, call.context, call.found.id, call.body)
    return {"node_group_template": views.show(changed)}


def delete(call: routing.Call) -> routing.Result:
    service.delete(call.env, call.context, call.found.id)
    return None


_ALL = "/node-group-templates"
_ONE = "/node-group-templates/{id}"
_RULE = "data-processing:node-group-template"

ROUTES = (
    routing.Route(
        method="GET",
        path=_ALL,
        handler=list_,
        policy=f"{_RULE}:list",
        summary="List node group templates.",
        query=_LIST.parameters(),
        answer=schemas.MANY,
    ),
    routing.Route(
        method="POST",
        path=_ALL,
        handler=create,
        policy=f"{_RULE}:create",
        summary="Create a node group template.",
        body=schemas.CREATE,
        answer=schemas.ONE,
        status=202,
    ),
    routing.Route(
        method="GET",
        path=_ONE,
        handler=get,
        policy=f"{_RULE}:get",
        summary="Show a node group template.",
        find=service.get,
        answer=schemas.ONE,
    ),
    routing.Route(
        method="GET",
        path=f"{_ONE}/export",
        handler=export,
        policy=f"{_RULE}:get",
        summary="Export a node group template for use at another site.",
        find=service.get,
        answer=schemas.EXPORT,
    ),
    routing.Route(
        method="PATCH",
        path=_ONE,
        handler=update,
        policy=f"{_RULE}:update",
        summary="Change a node group template.",
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
        summary="Delete a node group template.",
        find=service.get,
        status=204,
    ),
)
