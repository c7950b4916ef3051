# SPDX-License-Identifier: Apache-2.0
"""Makes a route of v1.1 from one of v2: same handler, old words around it."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping

from sparkaas.api import routing
from sparkaas.api import validation
from sparkaas.api import versions
from sparkaas.api.schemas import fragments
from sparkaas.api.v1 import nouns
from sparkaas.api.v1 import words

_PREFIX = "data-processing"


def routes(noun: nouns.Noun, new: Iterable[routing.Route]) -> Iterator[routing.Route]:
    """The old routes of a noun, of all the routes that v2 has."""
    for route in new:
        if (
            route.path.split("/")[1] == noun.path[1:]
            and route.min_version == versions.V2_0
            and (route.method, route.path) not in noun.gone
        ):
            yield translated(noun, route)


def translated(noun: nouns.Noun, route: routing.Route) -> routing.Route:
    """The old route to a new one."""
    whole = answer_words(noun, export=route.path.endswith("/export"))
    return dataclasses.replace(
        route,
        method=noun.update if route.method == "PATCH" else route.method,
        path=noun.old_path + route.path.removeprefix(noun.path),
        policy=policy(noun, route.policy),
        body=None if route.body is None else words.schema(route.body, noun.body),
        query=_query(noun, route),
        ignores_query=route.method == "GET" and bool(route.variables),
        answer=None if route.answer is None else words.schema(route.answer, whole),
        also={},
        handler=handler(noun, route.handler, whole),
    )


def policy(noun: nouns.Noun, new: str) -> str:
    """The old rule's name."""
    verb = new.rpartition(":")[2]
    return f"{_PREFIX}:{noun.old_rule}:{noun.rules[verb]}"


def answer_words(noun: nouns.Noun, *, export: bool = False) -> words.Words:
    """The words of a whole answer, wrapping key and all. An export is what a create
    takes, so it has nothing that create refuses."""
    inner = noun.answer
    if export:
        without = inner.without | noun.body.without
        inner = dataclasses.replace(inner, without=without)
    key = noun.path[1:].replace("-", "_")
    singular = key.removesuffix("s")
    listed = {"job_binaries": ("binaries", "job_binary")}.get(key, (key, singular))
    return words.Words(noun.keys, dict.fromkeys(listed, inner))


def handler(
    noun: nouns.Noun, new: routing.Handler, whole: words.Words
) -> routing.Handler:
    """``new``, spoken to in old words."""
    back = {
        old: name
        for names in (noun.answer.names, noun.answer.twice)
        for name, old in names.items()
    }

    def translate(call: routing.Call) -> routing.Result:
        asked = dataclasses.replace(
            call,
            body=words.new(call.body, noun.body),
            query={back.get(key, key): value for key, value in call.query.items()},
        )
        result = new(asked)
        if isinstance(result, routing.Answer):
            return dataclasses.replace(result, body=words.old(result.body, whole))
        return words.old(result, whole)  # type: ignore[no-any-return]

    return translate


def _query(noun: nouns.Noun, route: routing.Route) -> Mapping[str, validation.Schema]:
    """A list can be filtered by any column, which is what it shows as one value; one
    object's query says little."""
    if "marker" not in route.query or route.answer is None:
        return route.query
    (listed,) = (
        each for key, each in route.answer["properties"].items() if key != "markers"
    )
    columns = (
        name
        for name, each in listed["items"]["properties"].items()
        if _is_column(each) and name not in noun.made_up
    )
    filters = {"properties": dict.fromkeys(columns, {"type": "string"})}
    return {**words.schema(filters, noun.answer)["properties"], **route.query}


def _is_column(schema: validation.Schema) -> bool:
    """Times are none: nobody knows them to the microsecond."""
    kinds = schema.get("type", "string")
    kinds = {kinds} if isinstance(kinds, str) else set(kinds)
    is_time = schema.get("pattern") == fragments.TIMESTAMP["pattern"]
    return kinds <= {"string", "integer", "boolean", "null"} and not is_time
