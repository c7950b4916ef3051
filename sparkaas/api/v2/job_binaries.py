# SPDX-License-Identifier: Apache-2.0
"""``/job-binaries``."""

from __future__ import annotations

from sparkaas.api import pagination
from sparkaas.api import routing
from sparkaas.api import versions
from sparkaas.api.schemas import job_binaries as schemas
from sparkaas.api.views import job_binaries as views
from sparkaas.service import job_binaries as service
from sparkaas.service import job_binary_data

_LIST = pagination.Listing(
    sortable=("id", "name", "created_at", "updated_at"),
    filters=("name",),
)


def list_(call: routing.Call) -> routing.Result:
    query = _LIST.query(call.query)
    page = service.list_(call.env, call.context, query)
    return pagination.answer("binaries", page, query, views.show)


def create(call: routing.Call) -> routing.Result:
    return {"job_binary": views.show(service.create(call.env, call.context, call.body))}


def get(call: routing.Call) -> routing.Result:
    return {"job_binary": views.show(call.found)}


def update(call: routing.Call) -> routing.Result:
    changed = service.update(call.env, call.context, call.found.id, call.body)
    return {"job_binary": views.show(changed)}


def delete(call: routing.Call) -> routing.Result:
    service.delete(call.env, call.context, call.found.id)
    return None


def download(call: routing.Call) -> routing.Result:
    size, chunks = job_binary_data.download(call.env, call.context, call.found.id)
    return routing.Answer(chunks=chunks, headers={"Content-Length": str(size)})


def upload(call: routing.Call) -> routing.Result:
    changed = job_binary_data.upload(call.env, call.context, call.found.id, call.data)
    return {"job_binary": views.show(changed)}


_ALL = "/job-binaries"
_ONE = "/job-binaries/{id}"
_DATA = "/job-binaries/{id}/data"
_RULE = "data-processing:job-binary"

ROUTES = (
    routing.Route(
        method="GET",
        path=_ALL,
        handler=list_,
        policy=f"{_RULE}:list",
        summary="List job binaries.",
        query=_LIST.parameters(),
        answer=schemas.MANY,
    ),
    routing.Route(
        method="POST",
        path=_ALL,
        handler=create,
        policy=f"{_RULE}:create",
        summary="Create a job binary.",
        body=schemas.CREATE,
        answer=schemas.ONE,
        status=202,
    ),
    routing.Route(
        method="POST",
        path=_ALL,
        handler=create,
        policy=f"{_RULE}:create",
        summary="Create a job binary; without a URL, to upload its bytes.",
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
        summary="Show a job binary.",
        find=service.get,
        answer=schemas.ONE,
    ),
    routing.Route(
        method="PATCH",
        path=_ONE,
        handler=update,
        policy=f"{_RULE}:update",
        summary="Change a job binary.",
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
        summary="Delete a job binary and the bytes that the service keeps of it.",
        find=service.get,
        status=204,
    ),
    routing.Route(
        method="GET",
        path=_DATA,
        handler=download,
        policy=f"{_RULE}:get-data",
        summary="Download the bytes of a job binary.",
        find=service.get,
        raw=True,
    ),
    routing.Route(
        method="PUT",
        path=_DATA,
        handler=upload,
        policy=f"{_RULE}:set-data",
        summary="Upload the bytes of a job binary.",
        find=service.get,
        answer=schemas.ONE,
        status=202,
        min_version=versions.V2_1,
        stream=True,
    ),
)
