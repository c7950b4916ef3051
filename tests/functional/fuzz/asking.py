# SPDX-License-Identifier: Apache-2.0
"""Cases that schemathesis makes of a document, and what each answer is held against."""

import dataclasses
import functools
from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any

import schemathesis
from schemathesis import checks
from schemathesis.core import failures
from schemathesis.core import parameters
from schemathesis.specs.openapi import checks as openapi_checks

from sparkaas.api import openapi
from sparkaas.api import routes
from sparkaas.api import versions
from tests.functional.fuzz import ground as grounds

_CHECKS = [
    checks.not_a_server_error,
    openapi_checks.content_type_conformance,
    openapi_checks.response_headers_conformance,
    openapi_checks.response_schema_conformance,
    openapi_checks.negative_data_rejection,
]
#: What refuses a request: "default" is declared for these only.
_REFUSALS = {"400", "404", "405"}

#: One of several.
Choose = Callable[[Sequence[Any]], Any]


@dataclasses.dataclass(frozen=True)
class Document:
    """A description that the API serves, and the requests that get what it says."""

    name: str
    api: routes.Api
    version: versions.Version
    #: The first part of a path -> the noun that its ids are of, where they differ.
    nouns: Mapping[str, str] = dataclasses.field(default_factory=dict)

    def noun(self, path: str) -> str:
        """Whose ids stand in a path."""
        first = path.split("/")[1]
        return self.nouns.get(first, first)

    @property
    def headers(self) -> dict[str, str]:
        """Of every request."""
        wanted = f"{versions.SERVICE_TYPE} {versions.text(self.version)}"
        return {**grounds.HEADERS, versions.HEADER: wanted}

    @functools.cached_property
    def shown(self) -> dict[str, Any]:
        """The description, without what every request here has right: the token
        and the version."""
        whole = openapi.document(
            self.api.routes,
            self.version,
            self.api.name,
            microversions=self.api.microversions,
        )
        del whole["security"]
        for path in whole["paths"].values():
            for operation in path.values():
                operation["parameters"] = [
                    one
                    for one in operation["parameters"]
                    if one.get("$ref") != "#/components/parameters/ApiVersion"
                ]
        return whole

    @functools.cached_property
    def schema(self) -> schemathesis.BaseSchema:
        """The same as schemathesis reads it."""
        schema = schemathesis.openapi.from_dict(self.shown)
        config = schema.config.checks.negative_data_rejection
        config.expected_statuses = sorted(_REFUSALS)
        return schema

    @property
    def labels(self) -> list[str]:
        """``METHOD /path`` of each request, known without schemathesis."""
        return [
            f"{method.upper()} {path}"
            for path, methods in self.shown["paths"].items()
            for method in methods
        ]

    def takes(self, label: str) -> bool:
        """Whether anything in a request of that label can be wrong by its schema."""
        method, path = label.split()
        operation = self.shown["paths"][path][method.lower()]
        media = operation.get("requestBody", {}).get("content", {})
        elsewhere = [one for one in operation["parameters"] if one.get("in") != "path"]
        return bool("application/json" in media or elsewhere)

    @functools.cached_property
    def operations(self) -> dict[str, schemathesis.schemas.APIOperation]:
        """By label."""
        found = (result.ok() for result in self.schema.get_all_operations())
        return {operation.label: operation for operation in found}

    def bounds(
        self, label: str, *modes: schemathesis.GenerationMode
    ) -> Iterator[schemathesis.Case]:
        """Values at, and just beyond, each bound of what a request takes."""
        return self.schema.iter_coverage_cases(
            self.operations[label],
            generation_modes=list(modes),
            generation_config=self.schema.config.generation,
        )


_APIS = {api.name: api for api in routes.APIS}
DOCUMENTS = (
    Document(
        "v1.1",
        _APIS["v1.1"],
        versions.V2_0,
        nouns={"jobs": "job-templates", "job-executions": "jobs"},
    ),
    Document("v2.0", _APIS["v2"], versions.V2_0),
    Document("v2.1", _APIS["v2"], versions.V2_1),
)


def _negative(case: schemathesis.Case, place: parameters.ParameterLocation) -> bool:
    made = case.meta.components.get(place)
    return made is not None and made.mode.is_negative


def make_real(
    ground: grounds.Ground,
    document: Document,
    case: schemathesis.Case,
    choose: Choose,
) -> None:
    """Put names of what exists where random ones would never hit, unless the case is
    about just that place. ``choose`` may also choose to leave what is there."""
    if not _negative(case, parameters.ParameterLocation.PATH):
        for name, value in case.path_parameters.items():
            known = ground.in_path(document.noun(case.path), name)
            case.path_parameters[name] = choose([*known, value])
    if not _negative(case, parameters.ParameterLocation.QUERY):
        case.query = _real(case.query or {}, ground.in_body(), choose)
    if not _negative(case, parameters.ParameterLocation.BODY) and isinstance(
        case.body, dict
    ):
        more = choose([ground.missing(case.method, case.path), {}])
        case.body = {**more, **_real(case.body, ground.in_body(), choose)}


def _real(value: Any, known: dict[str, list[Any]], choose: Choose) -> Any:
    if isinstance(value, list):
        return [_real(one, known, choose) for one in value]
    if not isinstance(value, dict):
        return value
    return {
        key: choose([*known[key], one]) if key in known else _real(one, known, choose)
        for key, one in value.items()
    }


def make_small(case: schemathesis.Case, name: str) -> bool:
    """Whether the request asks for few nodes; a name in it becomes this one."""
    if not isinstance(case.body, dict):
        return False
    if "name" in case.body:
        case.body = {**case.body, "name": name}
    groups = [
        group
        for key in ("node_groups", "resize_node_groups", "add_node_groups")
        for group in case.body.get(key) or ()
    ]
    return case.body.get("count", 1) * sum(group["count"] for group in groups) < 20


def hold(
    ground: grounds.Ground, document: Document, case: schemathesis.Case
) -> list[str]:
    """Ask it, and say what is wrong with the answer; the ground is restored."""
    response = case.call(app=ground.application, headers=document.headers)
    wrong = []
    try:
        case.validate_response(response, checks=_CHECKS, headers=document.headers)
    except failures.FailureGroup as group:
        wrong += [f"{one.title}: {one.message}" for one in group.exceptions]
    status = str(response.status_code)
    declared = document.shown["paths"][case.path].get(case.method.lower())
    expected = (
        _other_method(document, case) if declared is None else declared["responses"]
    )
    if status not in expected and (declared is None or status not in _REFUSALS):
        wrong.append(f"undeclared status {status}")
    if ground.changed():
        if status in _REFUSALS:
            wrong.append(f"refused with {status}, but something was stored")
        wrong += ground.lists()
        ground.restore()
    return [f"{_told(case)} -> {status} {response.text[:300]}\n{one}" for one in wrong]


def _other_method(document: Document, case: schemathesis.Case) -> set[str]:
    """The status for a method that the document does not have there. What a newer
    version has is not there yet; OPTIONS is CORS' business."""
    newer = {(route.method, route.path) for route in document.api.routes}
    if (case.method, case.path) in newer:
        return {"404"}
    return {"405", "200"} if case.method == "OPTIONS" else {"405"}


def _told(case: schemathesis.Case) -> str:
    about = case.meta.phase.data.description or ""
    body = "" if isinstance(case.body, schemathesis.core.NotSet) else repr(case.body)
    path = case.path.format(**case.path_parameters)
    return f"{case.method} {path} {case.query} {body[:2000]} ({about})"
