# SPDX-License-Identifier: Apache-2.0
"""The directive ``.. routes:: NOUN``: every request of a noun, from the routes that
the service itself serves, so that the reference cannot be out of date."""

from __future__ import annotations

import http
import json
from collections.abc import Iterator
from collections.abc import Mapping
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util import docutils

from sparkaas.api import routes
from sparkaas.api import routing
from sparkaas.api import versions

Schema = Mapping[str, Any]


def of_noun(noun: str) -> tuple[routing.Route, ...]:
    """The routes whose path begins with ``/noun``, as they are declared."""
    return tuple(r for r in routes.ROUTES if r.path.split("/")[1] == noun)


def _type(schema: Schema) -> str:
    """A field's type in a few words."""
    if "enum" in schema:
        return "one of " + ", ".join(json.dumps(value) for value in schema["enum"])
    for word in ("anyOf", "oneOf"):
        if word in schema:
            return " or ".join(_type(one) for one in schema[word])
    types = schema.get("type", "anything")
    if types == "array":
        return f"array of {_type(schema.get('items', {}))}"
    if isinstance(types, list):
        return " or ".join(types)
    form = schema.get("format") or schema.get("description")
    return f"{types} ({form})" if form else str(types)


def _nested(schema: Schema) -> Schema | None:
    """The object inside a field, if it has named fields of its own."""
    for one in (schema, *schema.get("anyOf", ()), *schema.get("oneOf", ())):
        if one.get("properties"):
            return dict(one)
        if one.get("type") == "array" and (inner := _nested(one.get("items", {}))):
            return inner
    return None


def _fields(schema: Schema, prefix: str = "") -> Iterator[tuple[str, str, str]]:
    """(name, type, whether needed) of each field, those inside objects too."""
    required = schema.get("required", ())
    for name, field in schema.get("properties", {}).items():
        yield f"{prefix}{name}", _type(field), "yes" if name in required else ""
        inner = _nested(field)
        if inner is not None and prefix.count(".") < 2:
            yield from _fields(inner, f"{prefix}{name}.")


def _table(title: str, rows: list[tuple[str, str, str]]) -> Iterator[str]:
    if not rows:
        return
    yield from ("", f".. list-table:: {title}", "   :header-rows: 1", "")
    for name, kind, needed in (("Name", "Type", "Required"), *rows):
        mark = "" if (name, kind) == ("Name", "Type") else "``"
        yield f"   * - {mark}{name}{mark}"
        yield f"     - {kind}".rstrip()
        yield f"     - {needed}".rstrip()


def _status(code: int) -> str:
    return f"{code} {http.HTTPStatus(code).phrase}"


def describe(route: routing.Route) -> Iterator[str]:
    """One request as lines of reStructuredText."""
    title = f"{route.method} /v2{route.path}"
    if route.min_version > versions.MICROVERSIONS[0]:
        title += f" (from {versions.text(route.min_version)})"
    yield from ("", title, "-" * len(title), "", route.summary, "")
    yield f":Policy: ``{route.policy}``"
    codes = (route.status, *(c for c in route.also if c != route.status))
    yield f":Success: {', '.join(_status(code) for code in codes)}"
    path = [(name, "string", "yes") for name in route.variables]
    yield from _table("Path", path)
    yield from _table(
        "Query", [(name, _type(schema), "") for name, schema in route.query.items()]
    )
    if route.stream:
        yield from ("", "The request's body is raw bytes.")
    elif route.body is not None:
        yield from _table("Request", list(_fields(route.body)))
    if route.raw:
        yield from ("", "The answer's body is raw bytes.")
    elif route.answer is not None:
        yield from _table("Answer", list(_fields(route.answer)))


class Routes(docutils.SphinxDirective):
    """Renders the requests of the noun that is its argument."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        found = of_noun(self.arguments[0])
        if not found:
            raise self.error(f"no route begins with /{self.arguments[0]}")
        text = "\n".join(line for route in found for line in describe(route))
        return list(self.parse_text_to_nodes(text, allow_section_headings=True))


def old() -> Iterator[str]:
    """Every request of v1.1 in a table, with what is behind it."""
    yield from (".. list-table::", "   :header-rows: 1", "   :widths: 10 45 45", "")
    for row in (("Method", "Path", ""), *sorted(_old_rows(), key=lambda row: row[1])):
        mark = "" if row[0] == "Method" else "``"
        yield f"   * - {row[0]}"
        yield f"     - {mark}{row[1]}{mark}"
        yield f"     - {row[2]}".rstrip()


def _old_rows() -> Iterator[tuple[str, str, str]]:
    since = set(routes.V1_0)
    for route in routes.V1_1:
        note = route.summary if route in since else f"{route.summary} Not in v1.0."
        yield route.method, f"/v1.1{route.path}", note


class OldRoutes(docutils.SphinxDirective):
    """Renders the requests of v1.1."""

    def run(self) -> list[nodes.Node]:
        return list(self.parse_text_to_nodes("\n".join(old())))


def setup(app: Sphinx) -> dict[str, Any]:
    """Called by Sphinx."""
    app.add_directive("routes", Routes)
    app.add_directive("old-routes", OldRoutes)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
