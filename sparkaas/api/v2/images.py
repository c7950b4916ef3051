# SPDX-License-Identifier: Apache-2.0
"""``/images``."""

from __future__ import annotations

from sparkaas.api import routing
from sparkaas.api.schemas import fragments
from sparkaas.api.schemas import images as schemas
from sparkaas.api.views import images as views
from sparkaas.service import images as service


def list_(call: routing.Call) -> routing.Result:
    images = service.list_(
        call.env,
        call.context,
        name=call.one("name"),
        username=call.one("username"),
        tags=call.query.get("tags", ()),
    )
    return {"images": [views.show(image) for image in images]}


def get(call: routing.Call) -> routing.Result:
    return {"image": views.show(call.found)}


def register(call: routing.Call) -> routing.Result:
    image = service.register(
        call.env,
        call.context,
        call.found.id,
        call.body["username"],
        call.body.get("description") or "",
    )
    return {"image": views.show(image)}


def unregister(call: routing.Call) -> routing.Result:
    service.unregister(call.env, call.context, call.found.id)
    return None


def get_tags(call: routing.Call) -> routing.Result:
    return {"tags": list(call.found.tags)}


def set_tags(call: routing.Call) -> routing.Result:
    tags = call.body["tags"]
    shown = views.show(service.set_tags(call.env, call.context, call.found.id, tags))
    return {**shown, "image": shown}


def remove_tags(call: routing.Call) -> routing.Result:
    service.set_tags(call.env, call.context, call.found.id, ())
    return None


_ONE = "/images/{id}"
_TAGS = "/images/{id}/tags"
_RULE = "data-processing:image"

ROUTES = (
    routing.Route(
        method="GET",
        path="/images",
        handler=list_,
        policy=f"{_RULE}:list",
        summary="List registered images.",
        query={
            "name": fragments.TEXT,
            "username": fragments.TEXT,
            "tags": {**fragments.TEXT, "description": "May be repeated: all must fit."},
        },
        answer=schemas.MANY,
    ),
    routing.Route(
        method="GET",
        path=_ONE,
        handler=get,
        policy=f"{_RULE}:get",
        summary="Show a registered image.",
        find=service.get,
        answer=schemas.ONE,
    ),
    routing.Route(
        method="POST",
        path=_ONE,
        handler=register,
        policy=f"{_RULE}:register",
        summary="Register an image.",
        find=service.find,
        body=schemas.REGISTER,
        answer=schemas.ONE,
        status=202,
    ),
    routing.Route(
        method="DELETE",
        path=_ONE,
        handler=unregister,
        policy=f"{_RULE}:unregister",
        summary="Unregister an image.",
        find=service.find,
        status=204,
    ),
    routing.Route(
        method="GET",
        path=_TAGS,
        handler=get_tags,
        policy=f"{_RULE}:get-tags",
        summary="Show an image's tags.",
        find=service.find,
        answer=schemas.GIVEN_TAGS,
    ),
    routing.Route(
        method="PUT",
        path=_TAGS,
        handler=set_tags,
        policy=f"{_RULE}:set-tags",
        summary="Replace an image's tags.",
        find=service.find,
        body=schemas.TAGS,
        answer=schemas.TAGGED,
    ),
    routing.Route(
        method="DELETE",
        path=_TAGS,
        handler=remove_tags,
        policy=f"{_RULE}:remove-tags",
        summary="Take all of an image's tags.",
        find=service.find,
        status=204,
    ),
)
