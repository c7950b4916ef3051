# SPDX-License-Identifier: Apache-2.0
"""``/jobs``, and what their drivers wrote."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sparkaas import exceptions
from sparkaas import model
from sparkaas.api import pagination
from sparkaas.api import routing
from sparkaas.api import versions
from sparkaas.api.schemas import jobs as schemas
from sparkaas.api.views import jobs as views
from sparkaas.service import job_logs
from sparkaas.service import jobs as service

_LIST = pagination.Listing(
    sortable=(
        "id",
        "job_template",
        "cluster",
        "status",
        "start_time",
        "end_time",
        "created_at",
    ),
    filters=("status", "id", "cluster.name", "job.name"),
)

#: The largest piece of a log in one answer, bytes.
_MOST = 16 * 1024 * 1024


def _view(call: routing.Call) -> Callable[[model.Job], dict[str, Any]]:
    return views.show_2_1 if call.version >= versions.V2_1 else views.show


def _one(call: routing.Call, job: model.Job) -> routing.Result:
    return {"job": _view(call)(job)}


def list_(call: routing.Call) -> routing.Result:
    query = _LIST.query(call.query)
    page = service.list_(call.env, call.context, query)
    return pagination.answer("jobs", page, query, _view(call))


def create(call: routing.Call) -> routing.Result:
    key = call.idempotency_key
    return _one(call, service.create(call.env, call.context, call.body, key))


def get(call: routing.Call) -> routing.Result:
    job: model.Job = call.found
    if call.flag("refresh_status"):
        job = service.get(call.env, call.context, job.id, refresh=True)
    return _one(call, job)


def update(call: routing.Call) -> routing.Result:
    changed = service.update(call.env, call.context, call.found.id, call.body)
    return _one(call, changed)


def delete(call: routing.Call) -> routing.Result:
    service.delete(call.env, call.context, call.found.id)
    return None


def log(call: routing.Call) -> routing.Result:
    stream = call.arguments["stream"]
    if stream not in job_logs.STREAMS:
        raise exceptions.NotFound(
            f"A job has no log '{stream[:40]}'.",
            hint=f"It has {', '.join(job_logs.STREAMS)}.",
        )
    limit = int(call.one("limit", str(job_logs.DEFAULT_LIMIT)))
    if not 0 < limit <= _MOST:
        raise exceptions.InvalidRequest(f"limit: must be from 1 to {_MOST}")
    piece = job_logs.read(
        call.env,
        call.context,
        call.found.id,
        stream,
        offset=int(call.one("offset", "0")),
        limit=limit,
        wait=float(call.one("wait", "0")),
    )
    return routing.Answer(
        chunks=(piece.data,),
        headers={
            "Content-Length": str(len(piece.data)),
            "X-Log-Name": piece.name,
            "X-Log-Offset": str(piece.start),
            "X-Log-Next-Offset": str(piece.next),
            "X-Log-Complete": "true" if piece.complete else "false",
        },
    )


_ALL = "/jobs"
_ONE = "/jobs/{id}"
_RULE = "data-processing:job"


def _routes(
    one: dict[str, Any], many: dict[str, Any], version: versions.Version
) -> tuple[routing.Route, ...]:
    """The routes whose answers differ from version to version."""
    return (
        routing.Route(
            method="GET",
            path=_ALL,
            handler=list_,
            policy=f"{_RULE}:list",
            summary="List jobs.",
            query=_LIST.parameters(),
            answer=many,
            min_version=version,
        ),
        routing.Route(
            method="POST",
            path=_ALL,
            handler=create,
            policy=f"{_RULE}:execute",
            summary="Launch a job.",
            body=schemas.CREATE,
            answer=one,
            status=202,
            min_version=version,
            idempotent=version >= versions.V2_1,
        ),
        routing.Route(
            method="GET",
            path=_ONE,
            handler=get,
            policy=f"{_RULE}:get",
            summary="Show a job.",
            find=service.get,
            query={"refresh_status": {"type": "string"}},
            answer=one,
            min_version=version,
        ),
        routing.Route(
            method="PATCH",
            path=_ONE,
            handler=update,
            policy=f"{_RULE}:update",
            summary="Change a job, or cancel it.",
            find=service.get,
            body=schemas.UPDATE,
            answer=one,
            status=202,
            min_version=version,
        ),
    )


ROUTES = (
    *_routes(schemas.ONE, schemas.MANY, versions.V2_0),
    *_routes(schemas.ONE_2_1, schemas.MANY_2_1, versions.V2_1),
    routing.Route(
        method="DELETE",
        path=_ONE,
        handler=delete,
        policy=f"{_RULE}:delete",
        summary="Stop a job if it runs, and delete it.",
        find=service.get,
        status=204,
    ),
    routing.Route(
        method="GET",
        path="/jobs/{id}/logs/{stream}",
        handler=log,
        policy=f"{_RULE}:get-logs",
        summary="Read what a job's driver wrote, or its events, from a byte on.",
        find=service.get,
        query=schemas.LOG_QUERY,
        raw=True,
        answer_headers=schemas.LOG_HEADERS,
        min_version=versions.V2_1,
    ),
)
