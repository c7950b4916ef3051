# SPDX-License-Identifier: Apache-2.0
"""Old words for new ones, in values and in the schemas of values alike. Pure.

Only places that are named are translated: what users write (configurations, arguments,
labels) is never looked into.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any


@dataclasses.dataclass(frozen=True)
class Words:
    """How an object differs in v1.1.

    ``names``: new name -> old name. ``inside``: new name -> the words of the object
    there, or of each object in the list there. ``without`` has new names that the old
    object lacks. ``twice``: new name -> a further old name with the same value.
    """

    names: Mapping[str, str] = dataclasses.field(default_factory=dict)
    inside: Mapping[str, Words] = dataclasses.field(default_factory=dict)
    without: frozenset[str] = frozenset()
    twice: Mapping[str, str] = dataclasses.field(default_factory=dict)

    def name(self, new: str) -> str:
        """The old name."""
        return self.names.get(new, new)


SAME = Words()


def old(value: Any, words: Words) -> Any:
    """An answer of v2, as v1.1 has it."""
    if words is SAME:
        return value
    if isinstance(value, list):
        return [old(each, words) for each in value]
    if not isinstance(value, Mapping):
        return value
    shown: dict[str, Any] = {}
    for key, each in value.items():
        if key in words.without:
            continue
        shown[words.name(key)] = old(each, words.inside.get(key, SAME))
        if key in words.twice:
            shown[words.twice[key]] = each
    return shown


def new(value: Any, words: Words) -> Any:
    """A request's body of v1.1, as v2 has it. It has been held against its schema, so
    there is nothing in it that v1.1 lacks."""
    if words is SAME:
        return value
    if isinstance(value, list):
        return [new(each, words) for each in value]
    if not isinstance(value, Mapping):
        return value
    back: dict[str, str] = {o: n for n, o in words.names.items()}
    made: dict[str, Any] = {}
    for key, each in value.items():
        name: str = back.get(str(key), str(key))
        made[name] = new(each, words.inside.get(name, SAME))
    return made


#: Keywords of JSON Schema below which the same object is described, once or in several
#: ways.
_SAME_OBJECT = ("if", "then", "else", "items", "not")
_SEVERAL_WAYS = ("anyOf", "oneOf", "allOf")


def schema(described: Mapping[str, Any], words: Words) -> dict[str, Any]:
    """The schema of v2's object, as v1.1 has the object.

    Raises ValueError for a condition that asks for what the old object lacks.
    """
    if words is SAME:
        return dict(described)
    lost = words.without & set(described.get("if", {}).get("required", ()))
    if lost:
        raise ValueError(f"a condition asks for {', '.join(sorted(lost))}")
    made: dict[str, Any] = {}
    for keyword, value in described.items():
        if keyword == "properties":
            made[keyword] = _properties(value, words)
        elif keyword == "required":
            names = [key for key in value if key not in words.without]
            more = [words.twice[key] for key in names if key in words.twice]
            made[keyword] = [*map(words.name, names), *more]
        elif keyword in _SAME_OBJECT:
            made[keyword] = schema(value, words)
        elif keyword in _SEVERAL_WAYS:
            made[keyword] = [schema(each, words) for each in value]
        else:
            made[keyword] = value
    return made


def _properties(properties: Mapping[str, Any], words: Words) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for key, each in properties.items():
        if key in words.without:
            continue
        made[words.name(key)] = schema(each, words.inside.get(key, SAME))
        if key in words.twice:
            made[words.twice[key]] = dict(each)
    return made
