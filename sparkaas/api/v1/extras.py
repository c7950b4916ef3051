# SPDX-License-Identifier: Apache-2.0
"""What v1.1 has and v2 says otherwise: other requests, the same service behind them."""

from __future__ import annotations

import dataclasses
from typing import Any

from sparkaas import exceptions
from sparkaas.api import routing
from sparkaas.api.schemas import clusters as cluster_schemas
from sparkaas.api.schemas import fragments
from sparkaas.api.schemas import images as image_schemas
from sparkaas.api.schemas import jobs as job_schemas
from sparkaas.api.v1 import nouns
from sparkaas.api.v1 import translation
from sparkaas.api.v1 import words
from sparkaas.api.v2 import clusters as new_clusters
from sparkaas.api.v2 import jobs as new_jobs
from sparkaas.api.views import images as image_views
from sparkaas.service import clusters
from sparkaas.service import images
from sparkaas.service import job_templates
from sparkaas.service import jobs

_CLUSTER = translation.answer_words(nouns.CLUSTERS)
_JOB = translation.answer_words(nouns.JOBS)
_ONE_JOB = words.schema(job_schemas.ONE, _JOB)


_create = translation.handler(nouns.CLUSTERS, new_clusters.create, _CLUSTER)


def create_many(call: routing.Call) -> routing.Result:
    body = words.new(call.body, nouns.CLUSTERS.body)
    made = clusters.create_many(call.env, call.context, body)
    return {"clusters": [cluster.id for cluster in made]}


def _with_count() -> fragments.Schema:
    many = dataclasses.replace(
        nouns.CLUSTERS.body, without=nouns.CLUSTERS.body.without - {"count"}
    )
    made = words.schema(cluster_schemas.CREATE, many)
    return {**made, "required": [*made["required"], "count"]}


def tag(call: routing.Call) -> routing.Result:
    return _set_tags(call, [*call.found.tags, *call.body["tags"]])


def untag(call: routing.Call) -> routing.Result:
    gone = set(call.body["tags"])
    return _set_tags(call, [each for each in call.found.tags if each not in gone])


def _set_tags(call: routing.Call, tags: list[str]) -> dict[str, Any]:
    image = images.set_tags(call.env, call.context, call.found.id, tags)
    return {"image": image_views.show(image)}


def convert_config(call: routing.Call) -> routing.Result:
    # The body is read to its end, so that the client hears the answer.
    for _ in call.data:
        continue
    raise exceptions.InvalidReference(
        f"Plugin {call.arguments['name']} cannot make a cluster template of a file.",
        hint="Create a cluster template, or import one that was exported.",
    )


def execute(call: routing.Call) -> routing.Result:
    return _launch(
        dataclasses.replace(call, body={**call.body, "job_template_id": call.found.id})
    )


_launch = translation.handler(nouns.JOBS, new_jobs.create, _JOB)
_update = translation.handler(nouns.JOBS, new_jobs.update, _JOB)
_show = translation.handler(nouns.JOBS, new_jobs.get, _JOB)


def refresh(call: routing.Call) -> routing.Result:
    found = jobs.get(call.env, call.context, call.found.id, refresh=True)
    return _show(dataclasses.replace(call, found=found))


def cancel(call: routing.Call) -> routing.Result:
    try:
        job = jobs.cancel(call.env, call.context, call.found.id)
    except exceptions.UpdateFailed as error:
        raise exceptions.CancelingFailed(error.message, hint=error.hint) from error
    return _show(dataclasses.replace(call, found=job))


def update(call: routing.Call) -> routing.Result:
    if "info" in call.body and len(call.body) > 1:
        raise exceptions.InvalidJobStatus("info must be the only field of the request.")
    try:
        return _update(call)
    except exceptions.SuspendingFailed as error:
        raise exceptions.InvalidReference(error.message, hint=error.hint) from error


def _execute_body() -> fragments.Schema:
    without = frozenset({"job_template_id"})
    return words.schema(job_schemas.CREATE, words.Words(without=without))


_PREFIX = "data-processing"
_IDS: fragments.Schema = {"type": "array", "items": fragments.UUID}

OF_V1_0 = (
    routing.Route(
        method="POST",
        path="/clusters",
        handler=_create,
        policy=f"{_PREFIX}:clusters:create",
        summary="Create a cluster.",
        body=words.schema(cluster_schemas.CREATE, nouns.CLUSTERS.body),
        answer=words.schema(cluster_schemas.ONE, _CLUSTER),
        status=202,
    ),
    routing.Route(
        method="POST",
        path="/clusters/multiple",
        handler=create_many,
        policy=f"{_PREFIX}:clusters:create",
        summary="Create several clusters, numbered.",
        body=_with_count(),
        answer=fragments.wrapped("clusters", _IDS),
        status=202,
    ),
    routing.Route(
        method="POST",
        path="/images/{id}/tag",
        handler=tag,
        policy=f"{_PREFIX}:images:add_tags",
        summary="Add tags to an image.",
        find=images.find,
        body=image_schemas.TAGS,
        answer=image_schemas.ONE,
        status=202,
    ),
    routing.Route(
        method="POST",
        path="/images/{id}/untag",
        handler=untag,
        policy=f"{_PREFIX}:images:remove_tags",
        summary="Take tags from an image.",
        find=images.find,
        body=image_schemas.TAGS,
        answer=image_schemas.ONE,
        status=202,
    ),
    routing.Route(
        method="POST",
        path="/plugins/{name}/{version}/convert-config/{template}",
        handler=convert_config,
        policy=f"{_PREFIX}:plugins:convert_config",
        summary="Refused: no plugin makes a cluster template of a file.",
        stream=True,
        answer=fragments.ANY_OBJECT,
        status=202,
    ),
)
OF_V1_1 = (
    routing.Route(
        method="POST",
        path="/jobs/{id}/execute",
        handler=execute,
        policy=f"{_PREFIX}:jobs:execute",
        summary="Launch a job.",
        find=job_templates.get,
        body=_execute_body(),
        answer=_ONE_JOB,
        status=202,
    ),
    routing.Route(
        method="PATCH",
        path="/job-executions/{id}",
        handler=update,
        policy=f"{_PREFIX}:job-executions:modify",
        summary="Change a job, or cancel it.",
        find=jobs.get,
        body=job_schemas.UPDATE,
        answer=_ONE_JOB,
        status=202,
    ),
    routing.Route(
        method="GET",
        path="/job-executions/{id}/refresh-status",
        handler=refresh,
        policy=f"{_PREFIX}:job-executions:refresh_status",
        summary="Have a conductor look at a job, and show it.",
        find=jobs.get,
        answer=_ONE_JOB,
        ignores_query=True,
    ),
    routing.Route(
        method="GET",
        path="/job-executions/{id}/cancel",
        handler=cancel,
        policy=f"{_PREFIX}:job-executions:cancel",
        summary="Ask for a job to be stopped, and show it.",
        find=jobs.get,
        answer=_ONE_JOB,
        ignores_query=True,
    ),
)
