# SPDX-License-Identifier: Apache-2.0
"""``/job-templates``."""

from __future__ import annotations

from sparkaas import model
from sparkaas.api import pagination
from sparkaas.api import routing
from sparkaas.api import versions
from sparkaas.api.schemas import job_templates as schemas
from sparkaas.api.schemas import job_types as type_schemas
from sparkaas.api.views import job_templates as views
from sparkaas.service import job_templates as service
from sparkaas.service import job_types

_LIST = pagination.Listing(
    sortable=("id", "name", "type", "created_at", "updated_at"),
    filters=("type", "name"),
)


def _one(call: routing.Call, template: model.JobTemplate) -> routing.Result:
    binaries = service.binaries(call.env, [template])
    return {"job_template": views.show(template, binaries)}


def list_(call: routing.Call) -> routing.Result:
    query = _LIST.query(call.query)
    page = service.list_(call.env, call.context, query)
    binaries = service.binaries(call.env, page.items)
    return pagination.answer(
        "job_templates", page, query, lambda one: views.show(one, binaries)
    )


def create(call: routing.Call) -> routing.Result:
    return _one(call, service.create(call.env, call.context, call.body))


def get(call: routing.Call) -> routing.Result:
    return _one(call, call.found)


def update(call: routing.Call) -> routing.Result:
    changed = service.update(call.env, call.context, call.found.id, call.body)
    return _one(call, changed)


def delete(call: routing.Call) -> routing.Result:
    service.delete(call.env, call.context, call.found.id)
    return None


def hints(call: routing.Call) -> routing.Result:
    added = call.version >= versions.V2_1
    return {"job_config": job_types.hints(call.arguments["type"], added=added)}


_ALL = "/job-templates"
_ONE = "/job-templates/{id}"
_RULE = "data-processing:job-template"

ROUTES = (
    routing.Route(
        method="GET",
        path=_ALL,
        handler=list_,
        policy=f"{_RULE}:list",
        summary="List job templates.",
        query=_LIST.parameters(),
        answer=schemas.MANY,
    ),
    routing.Route(
        method="POST",
        path=_ALL,
        handler=create,
        policy=f"{_RULE}:create",
        summary="Create a job template.",
        body=schemas.CREATE,
        answer=schemas.ONE,
        status=202,
    ),
    routing.Route(
        method="POST",
        path=_ALL,
        handler=create,
        policy=f"{_RULE}:create",
        summary="Create a job template, also of the types PySpark and SparkSQL.",
        body=schemas.CREATE_2_1,
        answer=schemas.ONE,
        status=202,
        min_version=versions.V2_1,
    ),
    routing.Route(
        method="GET",
        path=_ONE,
        handler=get,
        policy=f"{_RULE}:get",
        summary="Show a job template with its job binaries.",
        find=service.get,
        answer=schemas.ONE,
    ),
    routing.Route(
        method="PATCH",
        path=_ONE,
        handler=update,
        policy=f"{_RULE}:update",
        summary="Change a job template.",
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
        summary="Delete a job template.",
        find=service.get,
        status=204,
    ),
    routing.Route(
        method="GET",
        path="/job-templates/config-hints/{type}",
        handler=hints,
        policy=f"{_RULE}:get-config-hints",
        summary="Show which settings a type of job takes.",
        answer=type_schemas.HINTS,
    ),
)
