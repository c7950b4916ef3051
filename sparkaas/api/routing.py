# SPDX-License-Identifier: Apache-2.0
"""A route as data, and what happens to each request on the way to its handler.

The order of checks is fixed here: microversion, policy (403), the object that the
URL names (404), body (400), query (400), and then the handler.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any

import flask
import werkzeug
from oslo_policy import policy as oslo_policy
from werkzeug import datastructures
from werkzeug import exceptions as http

from sparkaas import context as contexts
from sparkaas import exceptions
from sparkaas import policy
from sparkaas.api import errors
from sparkaas.api import metering
from sparkaas.api import validation
from sparkaas.api import versions
from sparkaas.service import env as environment

#: Under this key the WSGI environment has the caller's ``RequestContext``.
CONTEXT = "sparkaas.context"

#: Every path may end in it ...
SUFFIX = ".json"
#: ... and under this key the WSGI environment has what was cut off for that.
CUT_OFF = "sparkaas.suffix"

#: The query parameter of lists that asks for all projects' objects.
EVERYWHERE = "all_projects"

_CHUNK = 64 * 1024
#: How a caller calls a request that is to be done once, however often it is asked.
IDEMPOTENCY_KEY = "Idempotency-Key"
LONGEST_KEY = 200


@dataclasses.dataclass(frozen=True, kw_only=True)
class Call:
    """One request, made ready for its handler.

    ``found`` is what the route's ``find`` returned. ``data`` is the raw body of a
    route that streams, and can be read once.
    """

    env: environment.Env
    context: contexts.RequestContext
    version: versions.Version
    arguments: Mapping[str, str]
    query: Mapping[str, Sequence[str]]
    headers: datastructures.Headers
    body: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    found: Any = None
    data: Iterator[bytes] = dataclasses.field(default_factory=lambda: iter(()))

    def one(self, key: str, default: str = "") -> str:
        """The (first) value of a query parameter."""
        values = self.query.get(key)
        return values[0] if values else default

    def flag(self, key: str) -> bool:
        """A query parameter as a boolean: ``true`` in any case, or false."""
        return self.one(key).lower() == "true"

    @property
    def idempotency_key(self) -> str | None:
        """What the caller calls this very request; 2.0 does not know of it."""
        if self.version < versions.V2_1:
            return None
        key = self.headers.get(IDEMPOTENCY_KEY)
        if key is not None and not (0 < len(key) <= LONGEST_KEY and key.isprintable()):
            raise exceptions.InvalidRequest(
                f"{IDEMPOTENCY_KEY}: must have 1 to {LONGEST_KEY} printable characters"
            )
        return key


@dataclasses.dataclass(frozen=True, kw_only=True)
class Answer:
    """An answer that is more than the route's own status and a JSON body.

    ``chunks`` instead of ``body`` make a raw octet stream.
    """

    body: Mapping[str, Any] | None = None
    status: int | None = None
    headers: Mapping[str, str] = dataclasses.field(default_factory=dict)
    chunks: Iterable[bytes] | None = None


Result = Mapping[str, Any] | Answer | None
Handler = Callable[[Call], Result]
Finder = Callable[[environment.Env, contexts.RequestContext, str], Any]


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class Route:
    """One request that the API answers.

    ``path`` is below the API's version, its variables in braces. ``find`` looks up
    the object that the path's first variable names, before the body is looked at.
    ``body`` and ``answer`` are JSON Schemas (None: there is none); ``query`` has a
    schema for each query parameter, of one value of it. ``also`` has the answer schemas
    of further statuses. ``stream``: the body is raw bytes, handed on unread.
    ``raw``: the answer is raw bytes. ``answer_headers`` has the schemas of headers
    that the answer has besides those of every answer. ``idempotent``: the handler
    looks at ``Call.idempotency_key``. ``ignores_query``: what is unknown of the query
    is overlooked, rather than refused. ``everywhere`` is the rule that lets a caller
    see all projects' objects, with ``?all_projects=true`` or when the caller has no
    project. ``makes_name``: the path ends
    in a name that the caller makes up, to which ``.json`` belongs.

    Of routes with the same path and method, a request gets the one with the
    highest ``min_version`` that is not above its own.
    """

    method: str
    path: str
    handler: Handler
    policy: str
    summary: str
    status: int = 200
    find: Finder | None = None
    body: validation.Schema | None = None
    query: Mapping[str, validation.Schema] = dataclasses.field(default_factory=dict)
    answer: validation.Schema | None = None
    also: Mapping[int, validation.Schema | None] = dataclasses.field(
        default_factory=dict
    )
    min_version: versions.Version = versions.V2_0
    stream: bool = False
    raw: bool = False
    answer_headers: Mapping[str, validation.Schema] = dataclasses.field(
        default_factory=dict
    )
    idempotent: bool = False
    ignores_query: bool = False
    everywhere: str = ""
    makes_name: bool = False

    @property
    def variables(self) -> tuple[str, ...]:
        """The names of the path's variables, in order."""
        return tuple(
            part[1:-1] for part in self.path.split("/") if part.startswith("{")
        )


class _Ready:
    """A route with its schemas compiled."""

    def __init__(self, route: Route) -> None:
        self.route = route
        self.body = None if route.body is None else validation.compile(route.body)
        self.query = {
            key: validation.compile(schema) for key, schema in route.query.items()
        }
        self.answers = {
            status: validation.compile(schema)
            for status, schema in {route.status: route.answer, **route.also}.items()
            if schema is not None
        }


class BadAnswer(Exception):
    """An answer does not fit its own schema; raised only when answers are checked."""


class Dispatcher:
    """Answers requests: one object for the whole API."""

    def __init__(
        self,
        env: environment.Env,
        enforcer: oslo_policy.Enforcer,
        routes: Iterable[Route],
        *,
        microversions: bool = True,
        check_answers: bool = False,
    ) -> None:
        """Without ``microversions`` every request has the lowest, and no header of a
        request or an answer tells of it."""
        self._env = env
        self._microversions = microversions
        self._enforcer = enforcer
        self._check_answers = check_answers
        self._table: dict[tuple[str, str], list[_Ready]] = {}
        for route in routes:
            ready = self._table.setdefault((route.method, route.path), [])
            ready.append(_Ready(route))
            ready.sort(key=lambda r: r.route.min_version, reverse=True)

    def register(self, app: flask.Flask, prefix: str) -> None:
        """Tell ``app`` every route, below ``prefix``."""
        for method, path in self._table:
            app.add_url_rule(
                prefix + path.replace("{", "<").replace("}", ">"),
                endpoint=f"{method} {prefix}{path}",
                view_func=self._view(prefix, method, path),
                methods=[method],
                provide_automatic_options=False,
            )

    def _view(
        self, prefix: str, method: str, path: str
    ) -> Callable[..., werkzeug.Response]:
        def view(**arguments: str) -> werkzeug.Response:
            request = flask.request._get_current_object()  # type: ignore[attr-defined]
            request.environ[metering.ROUTE] = prefix + path
            return self.respond(request, self._table[method, path], arguments)

        return view

    def respond(
        self,
        request: werkzeug.Request,
        candidates: Sequence[_Ready],
        arguments: Mapping[str, str],
    ) -> werkzeug.Response:
        """The answer to one request, whatever happens."""
        version = versions.MICROVERSIONS[0]
        try:
            if self._microversions:
                version = versions.negotiate(request.headers.get(versions.HEADER))
            ready = next(
                (r for r in candidates if r.route.min_version <= version), None
            )
            if ready is None:
                shown = errors.router_body(
                    404, "NOT_FOUND", "There is no such URL at this API version."
                )
                return _json(404, shown, self._headers(version))
            answer = self._answer(request, ready, arguments, version)
        except Exception as error:
            status, shown = errors.body(error, version)
            return _json(status, shown, self._headers(version))
        if self._check_answers:
            _check_answer(ready, answer)
        return _response(ready.route, answer, self._headers(version))

    def _headers(self, version: versions.Version) -> Mapping[str, str]:
        return versions.headers(version) if self._microversions else {}

    def _answer(
        self,
        request: werkzeug.Request,
        ready: _Ready,
        arguments: Mapping[str, str],
        version: versions.Version,
    ) -> Answer:
        route = ready.route
        if route.makes_name:
            name = route.variables[-1]
            whole = arguments[name] + request.environ[CUT_OFF]
            arguments = {**arguments, name: whole}
        context: contexts.RequestContext = request.environ[CONTEXT]
        policy.authorize(self._enforcer, context, route.policy)
        env = self._env.for_caller(context)
        found = None
        if route.find is not None:
            found = route.find(env, context, arguments[route.variables[0]])
        body: Mapping[str, Any] = {}
        data: Iterator[bytes] = iter(())
        if route.stream:
            data = _stream(request, self._env.conf.edp.max_binary_bytes)
        elif ready.body is not None:
            body = _json_body(request, self._env.conf.api.max_body_bytes)
            validation.check(ready.body, body)
        query = _query(request)
        if route.ignores_query:
            query = {k: v for k, v in query.items() if k in ready.query}
        validation.check_query(ready.query, query)
        if route.everywhere:
            query = dict(query)
            asked = "true" in query.pop(EVERYWHERE, ())
            if asked or not context.project_id:
                policy.authorize(self._enforcer, context, route.everywhere)
                context = context.everywhere()
        call = Call(
            env=env,
            context=context,
            version=version,
            arguments=arguments,
            query=query,
            headers=request.headers,
            body=body,
            found=found,
            data=data,
        )
        result = route.handler(call)
        return result if isinstance(result, Answer) else Answer(body=result)


def _query(request: werkzeug.Request) -> Mapping[str, Sequence[str]]:
    try:
        return {key: tuple(values) for key, values in request.args.lists()}
    except UnicodeDecodeError:
        raise exceptions.InvalidRequest("The URL's query is not UTF-8.") from None


def _json_body(request: werkzeug.Request, limit: int) -> Any:
    raw = b"".join(_stream(request, limit))
    if raw.strip() and request.mimetype not in {"", "application/json"}:
        raise exceptions.InvalidRequest(
            "The request's Content-Type must be application/json."
        )
    return validation.parse(raw)


def _stream(request: werkzeug.Request, limit: int) -> Iterator[bytes]:
    """The request's body, chunk by chunk; raises past ``limit`` bytes."""
    too_big = exceptions.DataTooBig(f"The data is larger than {limit} bytes.")
    if (request.content_length or 0) > limit:
        raise too_big

    def chunks() -> Iterator[bytes]:
        total = 0
        while chunk := _read(request):
            total += len(chunk)
            if total > limit:
                raise too_big
            yield chunk

    return chunks()


def _read(request: werkzeug.Request) -> bytes:
    try:
        return request.stream.read(_CHUNK)
    except http.ClientDisconnected:
        raise exceptions.MalformedBody(
            "The request ended before its body did."
        ) from None


def _check_answer(ready: _Ready, answer: Answer) -> None:
    """Raise ``BadAnswer`` for an answer that its route does not promise."""
    route = ready.route
    where = f"{route.method} {route.path}"
    status = answer.status or route.status
    if status != route.status and status not in route.also:
        raise BadAnswer(f"{where}: undeclared status {status}")
    if answer.chunks is not None:
        if not route.raw:
            raise BadAnswer(f"{where}: undeclared raw answer")
        return
    validator = ready.answers.get(status)
    if (validator is None) != (answer.body is None):
        raise BadAnswer(f"{where}: {status} has a body, or should have one")
    if validator is not None:
        # As the client will see it: a tuple is a list by then.
        wire = json.loads(json.dumps(answer.body))
        found = validation.failures(validator, wire)
        if found:
            raise BadAnswer(f"{where}: {'; '.join(found)}")


def _response(
    route: Route, answer: Answer, headers: Mapping[str, str]
) -> werkzeug.Response:
    status = answer.status or route.status
    headers = {**headers, **answer.headers}
    if answer.chunks is not None:
        return flask.Response(
            answer.chunks,
            status=status,
            headers=headers,
            mimetype="application/octet-stream",
        )
    if answer.body is None:
        response = flask.Response(status=status, headers=headers)
        del response.headers["Content-Type"]
        return response
    return _json(status, answer.body, headers)


def _json(
    status: int, body: Mapping[str, Any], headers: Mapping[str, str]
) -> werkzeug.Response:
    return flask.Response(
        json.dumps(body), status=status, headers=headers, mimetype="application/json"
    )
