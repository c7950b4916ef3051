# SPDX-License-Identifier: Apache-2.0
"""``/data-sources``."""

from __future__ import annotations

from sparkaas.api import pagination
from sparkaas.api import routing
from sparkaas.api.schemas import data_sources as schemas
from sparkaas.api.views import data_sources as views
from sparkaas.service import data_sources as service

_LIST = pagination.Listing(
    sortable=("id", "name", "type", "created_at", "updated_at"),
    filters=("type",),
)


def list_(call: routing.Call) -> routing.Result:
    query = _LIST.query(call.query)
    page = service.list_(call.env, call.context, query)
    return pagination.answer("data_sources", page, query, views.show)


def create(call: routing.Call) -> routing.Result:
    return {
        "data_source": views.show(service.create(call.env, call.context, call.body))
    }


def get(call: routing.Call) -> routing.Result:
    return {"data_source": views.show(call.found)}


def update(call: routing.Call) -> routing.Result:
    changed = service.update(call.env, call.context, call.found.id, call.body)
    return {"data_source": views.show(changed)}


def delete(call: routing.Call) -> routing.Result:
    service.delete(call.env, call.context, call.found.id)
    return None


_ALL = "/data-sources"
_ONE = "/data-sources/{id}"
_RULE = "data-processing:data-source"

ROUTES = (
    routing.Route(
        method="GET",
        path=_ALL,
        handler=list_,
        policy=f"{_RULE}:list",
        summary="List data sources.",
        query=_LIST.parameters(),
        answer=schemas.MANY,
    ),
    routing.Route(
        method="POST",
        path=_ALL,
        handler=create,
        policy=f"{_RULE}:register",
        summary="Create a data source.",
        body=schemas.CREATE,
        answer=schemas.ONE,
        status=202,
    ),
    routing.Route(
        method="GET",
        path=_ONE,
        handler=get,
        policy=f"{_RULE}:get",
        summary="Show a data source.",
        find=service.get,
        answer=schemas.ONE,
    ),
    routing.Route(
        method="PATCH",
        path=_ONE,
        handler=update,
        policy=f"{_RULE}:update",
        summary="Change a data source.",
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
        summary="Delete a data source.",
        find=service.get,
        status=204,
    ),
)
