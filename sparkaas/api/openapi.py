# SPDX-License-Identifier: Apache-2.0
"""The OpenAPI 3.1 document, assembled from the routes and their schemas."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from sparkaas import version as release
from sparkaas.api import routing
from sparkaas.api import versions

_ERROR = {
    "type": "object",
    "properties": {
        "error_code": {"type": "integer"},
        "error_name": {"type": "string"},
        "error_message": {"type": "string"},
        "hint": {"type": "string"},
    },
    "required": ["error_code", "error_name", "error_message"],
}

_TEXT = {"type": "string"}
_REQUEST_ID = "X-OpenStack-Request-ID"


def _header(description: str, schema: Any) -> dict[str, Any]:
    return {"description": description, "required": True, "schema": schema}


#: What every answer has that is no error; an error has the last at least.
_HEADERS = {
    versions.HEADER: _header("The microversion used.", _TEXT),
    "Vary": _header("The request's headers that made the answer what it is.", _TEXT),
    _REQUEST_ID: _header(
        "What the service's logs call the request.", {**_TEXT, "pattern": "^req-"}
    ),
}


def _reference(kind: str, name: str) -> dict[str, str]:
    return {"$ref": f"#/components/{kind}/{name}"}


_RAW: dict[str, Any] = {"application/octet-stream": {"schema": {}}}


def _json(schema: Any) -> dict[str, Any]:
    return {"application/json": {"schema": schema}}


def _answers(route: routing.Route, headers: Iterable[str]) -> dict[str, Any]:
    shown: dict[str, Any] = {}
    for status, schema in {route.status: route.answer, **route.also}.items():
        described: dict[str, Any] = {
            "description": "Success.",
            "headers": {
                **{name: _reference("headers", name) for name in headers},
                **{
                    name: _header(schema["description"], schema)
                    for name, schema in route.answer_headers.items()
                },
            },
        }
        if route.raw:
            described["content"] = _RAW
        elif schema is not None:
            described["content"] = _json(schema)
        shown[str(status)] = described
    shown["default"] = _reference("responses", "Error")
    return shown


def _operation(route: routing.Route, microversions: bool) -> dict[str, Any]:
    words = re.findall(r"[a-z0-9]+", f"{route.method} {route.path}".lower())
    parameters: list[dict[str, Any]] = [
        *([_reference("parameters", "ApiVersion")] if microversions else []),
        *(
            {
                "name": name,
                "in": "path",
                "required": True,
                "schema": {"type": "string"},
            }
            for name in route.variables
        ),
        *(
            {"name": name, "in": "query", "schema": schema}
            for name, schema in route.query.items()
        ),
    ]
    if route.idempotent:
        parameters.append(_reference("parameters", "IdempotencyKey"))
    shown: dict[str, Any] = {
        "operationId": "_".join(words),
        "tags": [route.path.split("/")[1]],
        "summary": route.summary,
        "parameters": parameters,
        "responses": _answers(route, _HEADERS if microversions else (_REQUEST_ID,)),
        "x-policy": route.policy,
    }
    if microversions:
        shown["x-min-version"] = versions.text(route.min_version)
    if route.stream:
        shown["requestBody"] = {"required": True, "content": _RAW}
    elif route.body is not None:
        shown["requestBody"] = {
            "required": bool(route.body.get("required")),
            "content": _json(route.body),
        }
    return shown


def document(
    routes: Iterable[routing.Route],
    version: versions.Version,
    name: str = "v2",
    *,
    microversions: bool = True,
) -> dict[str, Any]:
    """The API's version ``name``, as it is at a microversion if it has such."""
    chosen: dict[tuple[str, str], routing.Route] = {}
    for route in sorted(routes, key=lambda r: r.min_version):
        if route.min_version <= version:
            chosen[route.path, route.method.lower()] = route
    paths: dict[str, Any] = {}
    for (path, method), route in chosen.items():
        paths.setdefault(path, {})[method] = _operation(route, microversions)
    number = versions.text(version) if microversions else name.removeprefix("v")
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "sparkaas: Spark as a service for OpenStack",
            "version": f"{release.__version__}+api.{number}",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": f"/{name}"}],
        "security": [{"token": []}],
        "paths": paths,
        "components": {
            "securitySchemes": {
                "token": {"type": "apiKey", "in": "header", "name": "X-Auth-Token"}
            },
            "parameters": {
                "ApiVersion": {
                    "name": versions.HEADER,
                    "in": "header",
                    "description": f"Microversion: `{versions.SERVICE_TYPE} N.N` or "
                    f"`{versions.SERVICE_TYPE} latest`.",
                    "schema": _TEXT,
                },
                "IdempotencyKey": {
                    "name": routing.IDEMPOTENCY_KEY,
                    "in": "header",
                    "description": "The request is done once for each key, however "
                    "often it is asked; all get the first one's answer.",
                    "schema": {
                        **_TEXT,
                        "minLength": 1,
                        "maxLength": routing.LONGEST_KEY,
                    },
                },
            },
            "headers": _HEADERS,
            "responses": {
                "Error": {
                    "description": "An error.",
                    "headers": {_REQUEST_ID: _reference("headers", _REQUEST_ID)},
                    "content": _json(_ERROR),
                }
            },
        },
    }
