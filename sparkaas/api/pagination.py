# SPDX-License-Identifier: Apache-2.0
"""Lists: their query parameters, and a page as an answer."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any
from typing import TypeVar

from sparkaas import exceptions
from sparkaas import model
from sparkaas.api import validation

T = TypeVar("T")

#: Field names of API v1.1 that its clients send to v2 as well.
_ALIASES = {"hadoop_version": "plugin_version"}

#: The largest number that every database takes.
_LARGEST = 2**31 - 1


@dataclasses.dataclass(frozen=True)
class Listing:
    """What one list can be sorted and filtered by: names of record fields.

    ``aliases`` maps further names, which clients send, to them.
    """

    sortable: tuple[str, ...]
    filters: tuple[str, ...]
    aliases: Mapping[str, str] = dataclasses.field(
        default_factory=lambda: dict(_ALIASES)
    )

    def parameters(self) -> Mapping[str, validation.Schema]:
        """The query parameters, each with its schema."""
        aliases = {a for a, name in self.aliases.items() if name in self.filters}
        return {
            "marker": {"type": "string", "description": "Start after this id."},
            "limit": {
                "type": "string",
                "pattern": "^[0-9]{1,10}$",
                "description": "a whole number of objects, at least 1",
            },
            "sort_by": {
                "type": "string",
                "description": "A field's name, with - before it for descending.",
            },
            **{name: {"type": "string"} for name in (*self.filters, *sorted(aliases))},
        }

    def query(self, given: Mapping[str, Sequence[str]]) -> model.Query:
        """What the request asks. Raises ``exceptions.InvalidRequest``."""
        one = {key: values[0] for key, values in given.items()}
        marker, limit = one.pop("marker", None), one.pop("limit", None)
        sort_by = one.pop("sort_by", "id")
        field = sort_by.removeprefix("-")
        field = self.aliases.get(field, field)
        if field not in self.sortable:
            raise exceptions.InvalidRequest(
                f"sort_by: must be one of {', '.join(self.sortable)}"
            )
        if limit is not None and not 0 < int(limit) <= _LARGEST:
            raise exceptions.InvalidRequest(
                f"limit: must be a whole number from 1 to {_LARGEST}"
            )
        return model.Query(
            filters={self.aliases.get(key, key): value for key, value in one.items()},
            marker=marker,
            limit=None if limit is None else int(limit),
            sort_by=field,
            descending=sort_by.startswith("-"),
        )


def answer(
    key: str, page: model.Page[T], query: model.Query, view: Callable[[T], Any]
) -> dict[str, Any]:
    """The page under its plural ``key``, with markers where they say something."""
    shown: dict[str, Any] = {key: [view(item) for item in page.items]}
    if page.prev or page.next or query.marker is not None:
        shown["markers"] = {"prev": page.prev, "next": page.next}
    return shown


def schema(key: str, item: validation.Schema) -> dict[str, Any]:
    """The schema of such an answer."""
    marker = {"type": ["string", "null"]}
    return {
        "type": "object",
        "properties": {
            key: {"type": "array", "items": item},
            "markers": {
                "type": "object",
                "properties": {"prev": marker, "next": marker},
                "required": ["prev", "next"],
                "additionalProperties": False,
            },
        },
        "required": [key],
        "additionalProperties": False,
    }
