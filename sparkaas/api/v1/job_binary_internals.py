# SPDX-License-Identifier: Apache-2.0
"""``/job-binary-internals``, which v2 does without."""

from __future__ import annotations

from typing import Any

from sparkaas import model
from sparkaas.api import pagination
from sparkaas.api import routing
from sparkaas.api.schemas import fragments
from sparkaas.api.v1 import nouns
from sparkaas.api.v1 import words
from sparkaas.api.views import common
from sparkaas.service import job_binary_internals as service

_WORDS = nouns.JOB_BINARIES.answer
_LIST = pagination.Listing(
    sortable=("id", "name", "created_at", "updated_at"),
    filters=("id", "name", "tenant_id", "datasize", "is_public", "is_protected"),
    aliases={"tenant_id": "project_id"},
)
_INTERNAL = words.schema(
    fragments.whole(
        {
            **{k: v for k, v in fragments.RESOURCE.items() if k != "description"},
            "datasize": {"type": "integer", "minimum": 0},
        }
    ),
    _WORDS,
)
_ONE = fragments.wrapped("job_binary_internal", _INTERNAL)
_UPDATE = fragments.closed(
    {
        "name": fragments.NAME,
        "is_public": fragments.nullable(fragments.BOOLEAN),
        "is_protected": fragments.nullable(fragments.BOOLEAN),
    }
)


def _show(record: model.JobBinaryInternal) -> dict[str, Any]:
    shown = {**common.resource(record), "datasize": record.datasize}
    del shown["description"]
    view: dict[str, Any] = words.old(shown, _WORDS)
    return view


def _one(record: model.JobBinaryInternal) -> routing.Result:
    return {"job_binary_internal": _show(record)}


def list_(call: routing.Call) -> routing.Result:
    query = _LIST.query(call.query)
    page = service.list_(call.env, call.context, query)
    return pagination.answer("binaries", page, query, _show)


def create(call: routing.Call) -> routing.Result:
    name = call.arguments["id"]
    return _one(service.create(call.env, call.context, name, call.data))


def get(call: routing.Call) -> routing.Result:
    return _one(call.found)


def data(call: routing.Call) -> routing.Result:
    size, chunks = service.data(call.env, call.context, call.found.id)
    return routing.Answer(chunks=chunks, headers={"Content-Length": str(size)})


def update(call: routing.Call) -> routing.Result:
    return _one(service.update(call.env, call.context, call.found.id, call.body))


def delete(call: routing.Call) -> routing.Result:
    service.delete(call.env, call.context, call.found.id)
    return None


_ALL = "/job-binary-internals"
_EACH = "/job-binary-internals/{id}"
_RULE = "data-processing:job-binary-internals"

ROUTES = (
    routing.Route(
        method="GET",
        path=_ALL,
        handler=list_,
        policy=f"{_RULE}:get_all",
        summary="List what the service keeps of job binaries.",
        query=_LIST.parameters(),
        answer=pagination.schema("binaries", _INTERNAL),
        everywhere="data-processing:job-binary:list-all",
    ),
    routing.Route(
        method="PUT",
        path=_EACH,
        handler=create,
        policy=f"{_RULE}:create",
        summary="Upload bytes under a new name, in the place of an id.",
        stream=True,
        makes_name=True,
        answer=_ONE,
        status=202,
    ),
    routing.Route(
        method="GET",
        path=_EACH,
        handler=get,
        policy=f"{_RULE}:get",
        summary="Show what the service keeps.",
        find=service.get,
        answer=_ONE,
        ignores_query=True,
    ),
    routing.Route(
        method="GET",
        path=f"{_EACH}/data",
        handler=data,
        policy=f"{_RULE}:get_data",
        summary="Download the bytes.",
        find=service.get,
        raw=True,
        ignores_query=True,
    ),
    routing.Route(
        method="PATCH",
        path=_EACH,
        handler=update,
        policy=f"{_RULE}:modify",
        summary="Change a name, and who may see or change it.",
        find=service.get,
        body=_UPDATE,
        answer=_ONE,
        status=202,
    ),
    routing.Route(
        method="DELETE",
        path=_EACH,
        handler=delete,
        policy=f"{_RULE}:delete",
        summary="Delete the bytes.",
        find=service.get,
        status=204,
    ),
)
