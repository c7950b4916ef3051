# SPDX-License-Identifier: Apache-2.0
"""``/clusters``."""

from __future__ import annotations

from typing import Any

from sparkaas import model
from sparkaas.api import pagination
from sparkaas.api import routing
from sparkaas.api import versions
from sparkaas.api.schemas import clusters as schemas
from sparkaas.api.schemas import fragments
from sparkaas.api.views import clusters as views
from sparkaas.service import cluster_entrances
from sparkaas.service import cluster_logins
from sparkaas.service import clusters as service

_LIST = pagination.Listing(
    sortable=("id", "name", "plugin_name", "plugin_version", "status"),
    filters=("name", "plugin_name", "plugin_version", "status"),
)
#: From 2.1 on a list may be asked for without what is long of a cluster.
_SUMMARY = "summary"


def _one(call: routing.Call, cluster: model.Cluster) -> dict[str, Any]:
    with_events = call.flag("show_progress")
    steps = service.steps(call.env, [cluster], with_events=with_events)[cluster.id]
    shown = views.show(cluster, steps, call.version, with_events=with_events)
    return {"cluster": shown}


def list_(call: routing.Call) -> routing.Result:
    query = _LIST.query({k: v for k, v in call.query.items() if k != _SUMMARY})
    if call.flag(_SUMMARY):
        page = service.list_(call.env, call.context, query, whole=False)
        return pagination.answer("clusters", page, query, views.summary)
    page = service.list_(call.env, call.context, query)
    with_steps = call.version < versions.V2_1
    steps = service.steps(call.env, page.items) if with_steps else {}

    def view(cluster: model.Cluster) -> dict[str, Any]:
        return views.show(cluster, steps.get(cluster.id), call.version)

    return pagination.answer("clusters", page, query, view)


def create(call: routing.Call) -> routing.Result:
    lenient = call.version >= versions.V2_1
    make = (call.env, call.context, call.body, call.idempotency_key)
    if "count" not in call.body:
        return _one(call, service.create(*make, lenient=lenient))
    made = service.create_many(*make, lenient=lenient)
    steps = service.steps(call.env, made)
    return {
        "clusters": [
            {"cluster": views.show(cluster, steps[cluster.id], call.version)}
            for cluster in made
        ]
    }


def get(call: routing.Call) -> routing.Result:
    return _one(call, call.found)


def update(call: routing.Call) -> routing.Result:
    changed = service.update(call.env, call.context, call.found.id, call.body)
    return _one(call, changed)


def resize(call: routing.Call) -> routing.Result:
    changed = service.resize(call.env, call.context, call.found.id, call.body)
    return _one(call, changed)


def delete(call: routing.Call) -> routing.Result:
    force = call.body.get("force", False)
    service.delete(call.env, call.context, call.found.id, force=force)
    if not force:
        return None
    # The name of what an operator may have to look after in the cloud; none of
    # it needs that here, because the janitor does.
    return routing.Answer(status=200, body={"stack_name": None})


def logins(call: routing.Call) -> routing.Result:
    found = cluster_logins.logins(call.env, call.context, call.found)
    return {"logins": [views.login(each) for each in found]}


def entrances(call: routing.Call) -> routing.Result:
    found = cluster_entrances.entrances(call.env, call.context, call.found)
    return routing.Answer(
        body={"entrances": [views.entrance(each) for each in found]},
        headers={"Cache-Control": "no-store"},
    )


_ALL = "/clusters"
_ONE = "/clusters/{id}"
_RULE = "data-processing:cluster"


def _routes(
    min_version: versions.Version, one: fragments.Schema, many: fragments.Schema
) -> tuple[routing.Route, ...]:
    """What differs between the versions is what they show of a cluster."""
    query = dict(_LIST.parameters())
    if min_version >= versions.V2_1:
        query[_SUMMARY] = {
            "type": "string",
            "description": "true: without node groups, settings and health.",
        }
    return (
        routing.Route(
            method="GET",
            path=_ALL,
            handler=list_,
            min_version=min_version,
            policy=f"{_RULE}:list",
            summary="List clusters.",
            query=query,
            answer=many,
        ),
        routing.Route(
            method="POST",
            path=_ALL,
            handler=create,
            min_version=min_version,
            policy=f"{_RULE}:create",
            summary="Create a cluster, or with count several.",
            body=schemas.CREATE,
            answer=schemas.created(one),
            status=202,
            idempotent=min_version >= versions.V2_1,
        ),
        routing.Route(
            method="GET",
            path=_ONE,
            handler=get,
            min_version=min_version,
            policy=f"{_RULE}:get",
            summary="Show a cluster.",
            find=service.get,
            query={"show_progress": fragments.TEXT},
            answer=one,
        ),
        routing.Route(
            method="PATCH",
            path=_ONE,
            handler=update,
            min_version=min_version,
            policy=f"{_RULE}:update",
            summary="Change a cluster, or start a verification of its health.",
            find=service.get,
            body=schemas.UPDATE,
            answer=one,
            status=202,
        ),
        routing.Route(
            method="PUT",
            path=_ONE,
            handler=resize,
            min_version=min_version,
            policy=f"{_RULE}:scale",
            summary="Resize a cluster.",
            find=service.get,
            body=schemas.RESIZE,
            answer=one,
            status=202,
        ),
    )


ROUTES = (
    *_routes(versions.V2_0, schemas.ONE, schemas.MANY),
    *_routes(versions.V2_1, schemas.ONE_2_1, schemas.MANY_2_1),
    routing.Route(
        method="DELETE",
        path=_ONE,
        handler=delete,
        policy=f"{_RULE}:delete",
        summary="Delete a cluster.",
        find=service.get,
        body=schemas.DELETE,
        status=204,
        also={200: schemas.FORCED},
    ),
    routing.Route(
        method="GET",
        path=f"{_ONE}/logins",
        handler=logins,
        policy=f"{_RULE}:logins",
        summary="Show how to log in to a cluster's nodes.",
        find=service.get,
        answer=schemas.LOGINS,
        min_version=versions.V2_1,
    ),
    routing.Route(
        method="GET",
        path=f"{_ONE}/entrances",
        handler=entrances,
        policy=f"{_RULE}:entrances",
        summary="Show where a cluster's software lets users in, and with which token.",
        find=service.get,
        answer=schemas.ENTRANCES,
        min_version=versions.V2_1,
    ),
)
