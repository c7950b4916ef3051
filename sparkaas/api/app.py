# SPDX-License-Identifier: Apache-2.0
"""The WSGI application: middleware around one Flask app."""

from __future__ import annotations

import json
import typing
import wsgiref.util
from collections.abc import Iterable
from collections.abc import Sequence

import flask
import werkzeug
from oslo_middleware import cors
from oslo_middleware import http_proxy_to_wsgi
from oslo_middleware import request_id
from werkzeug import exceptions as http

from sparkaas import exceptions
from sparkaas import policy
from sparkaas.api import auth
from sparkaas.api import errors
from sparkaas.api import health
from sparkaas.api import metering
from sparkaas.api import openapi
from sparkaas.api import routes as api_routes
from sparkaas.api import routing
from sparkaas.api import versions
from sparkaas.service import env as environment
from sparkaas.service import readiness

if typing.TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse
    from _typeshed.wsgi import WSGIApplication
    from _typeshed.wsgi import WSGIEnvironment


def set_defaults() -> None:
    """Our defaults for options of libraries; the sample's generator calls it too."""
    cors.set_defaults(
        allow_headers=[
            "X-Auth-Token",
            "X-Identity-Status",
            "X-Roles",
            "X-Service-Catalog",
            "X-User-Id",
            "X-Tenant-Id",
            "X-OpenStack-Request-ID",
            versions.HEADER,
        ],
        expose_headers=[
            "X-Auth-Token",
            "X-Subject-Token",
            "X-Service-Token",
            "X-OpenStack-Request-ID",
            versions.HEADER,
        ],
        allow_methods=["GET", "PUT", "POST", "DELETE", "PATCH"],
    )


def create_app(
    env: environment.Env,
    authenticate: auth.Middleware,
    *,
    apis: Sequence[api_routes.Api] = api_routes.APIS,
    check_answers: bool = False,
) -> WSGIApplication:
    """The whole API. ``authenticate`` comes from ``auth.from_conf``.

    ``check_answers`` holds every answer against its schema and raises
    ``routing.BadAnswer``: for tests.
    """
    set_defaults()
    conf = env.conf
    app = _resources(env, apis, check_answers)
    # The outermost comes last.
    for wrap in (
        auth.ProjectCheck,
        authenticate,
        lambda inner: _Doors(inner, env, apis),
        request_id.RequestId,
        lambda inner: http_proxy_to_wsgi.HTTPProxyToWSGI(inner, conf),
        lambda inner: cors.CORS(inner, conf),
    ):
        app = wrap(app)
    return metering.Metering(app, env) if conf.metrics.enabled else app


def _resources(
    env: environment.Env,
    apis: Sequence[api_routes.Api],
    check_answers: bool,
) -> WSGIApplication:
    """The Flask app with every route and the router's own answers."""
    app = flask.Flask("sparkaas.api", static_folder=None)
    app.config["PROPAGATE_EXCEPTIONS"] = check_answers
    app.url_map.strict_slashes = False
    app.url_map.merge_slashes = False
    enforcer = policy.enforcer(env.conf)
    for api in apis:
        dispatcher = routing.Dispatcher(
            env,
            enforcer,
            api.routes,
            microversions=api.microversions,
            check_answers=check_answers,
        )
        dispatcher.register(app, f"/{api.name}")
    app.register_error_handler(http.HTTPException, _router_error)
    return app


def _router_error(error: http.HTTPException) -> werkzeug.Response:
    if error.code == 404:
        name, message = "NOT_FOUND", "There is no such URL."
    elif error.code == 405:
        name, message = "METHOD_NOT_ALLOWED", "The URL does not take that method."
    elif error.code == 400:
        name = exceptions.InvalidRequest.code
        message = "The request's Host header names no host."
    else:
        # What is left is Flask's own 500, around an exception of ours.
        cause = getattr(error, "original_exception", None) or error
        status, shown = errors.body(cause, versions.MICROVERSIONS[0])
        return flask.Response(json.dumps(shown), status, mimetype="application/json")
    shown = errors.router_body(error.code, name, message)
    response = flask.Response(
        json.dumps(shown), error.code, mimetype="application/json"
    )
    if isinstance(error, http.MethodNotAllowed) and error.valid_methods:
        response.headers["Allow"] = ", ".join(sorted(error.valid_methods))
    return response


class _Doors:
    """What is open to everyone: the versions, the API's description, the health."""

    def __init__(
        self,
        app: WSGIApplication,
        env: environment.Env,
        apis: Sequence[api_routes.Api],
    ) -> None:
        self._app = app
        self._health = health.Health(app, env.conf, lambda: readiness.check(env))
        self._openapi = {
            f"/{api.name}/openapi.json": {
                version: openapi.document(
                    api.routes, version, api.name, microversions=api.microversions
                )
                for version in versions.MICROVERSIONS
                if api.microversions or version == versions.MICROVERSIONS[0]
            }
            for api in apis
        }

    def __call__(
        self, environ: WSGIEnvironment, start_response: StartResponse
    ) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        if path == health.PATH:
            return self._health(environ, start_response)
        if environ["REQUEST_METHOD"] not in {"GET", "HEAD"}:
            return self._app(environ, start_response)
        if path in self._openapi:
            return self._describe(environ, start_response, self._openapi[path])
        base = wsgiref.util.application_uri(environ).rstrip("/")
        found = versions.document(path, base)
        if found is None:
            return self._app(environ, start_response)
        return _send(environ, start_response, *found)

    @staticmethod
    def _describe(
        environ: WSGIEnvironment,
        start_response: StartResponse,
        documents: typing.Mapping[versions.Version, typing.Mapping[str, typing.Any]],
    ) -> Iterable[bytes]:
        """Without a version in the request the newest, which is a superset."""
        version = max(documents)
        header = environ.get("HTTP_OPENSTACK_API_VERSION")
        try:
            if header and len(documents) > 1:
                version = versions.negotiate(header)
        except exceptions.SparkaasError as error:
            status, shown = errors.body(error, versions.MICROVERSIONS[0])
            return _send(environ, start_response, status, shown)
        return _send(environ, start_response, 200, documents[version])


def _send(
    environ: WSGIEnvironment,
    start_response: StartResponse,
    status: int,
    shown: typing.Mapping[str, typing.Any],
) -> Iterable[bytes]:
    response = flask.Response(
        json.dumps(shown), status=status, mimetype="application/json"
    )
    return response(environ, start_response)
