# SPDX-License-Identifier: Apache-2.0
"""What all nouns share: a typed record of a JSON object, and the verbs on a path.

A noun is a frozen dataclass whose fields carry the names of the wire, and a
``Collection`` that names its path and wrapper keys. Keys that a record does not
declare stay readable in ``document``, so a newer service breaks nothing.
"""

from __future__ import annotations

import dataclasses
import datetime
import re
import urllib.parse
from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Mapping
from typing import Any
from typing import ClassVar
from typing import Generic
from typing import TypeVar

from sparkaas.client import errors
from sparkaas.client import transport as transport_module


def parse_time(value: str | None) -> datetime.datetime | None:
    """A time of the wire (UTC, no zone) as an aware datetime."""
    if not value:
        return None
    moment = datetime.datetime.fromisoformat(value)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=datetime.UTC)
    return moment


def field(convert: Callable[[Any], Any], default: Any = None) -> Any:
    """A field whose wire value, unless null, goes through ``convert``."""
    return dataclasses.field(default=default, metadata={"convert": convert})


def time() -> Any:
    """A field that is a time."""
    return field(parse_time)


def strings() -> Any:
    """A field that is a tuple of strings, empty when unset."""
    return field(tuple, ())


def mapping() -> Any:
    """A field that is a mapping, empty when unset."""
    return dataclasses.field(default_factory=dict)


@dataclasses.dataclass(frozen=True, kw_only=True)
class Record:
    """A JSON object with declared fields. ``document`` is all of it."""

    document: Mapping[str, Any] = dataclasses.field(default_factory=dict, repr=False)

    @classmethod
    def load(cls, document: Mapping[str, Any]) -> Any:
        """Build the record; null and missing keys take the field's default."""
        values: dict[str, Any] = {"document": document}
        for declared in dataclasses.fields(cls):
            value = document.get(declared.name)
            if declared.name == "document" or value is None:
                continue
            convert = declared.metadata.get("convert")
            values[declared.name] = convert(value) if convert else value
        return cls(**values)


def record(kind: type[Record]) -> Any:
    """A field that is one nested record, or None."""
    return field(kind.load)


def records(kind: type[Record]) -> Any:
    """A field that is a tuple of nested records."""
    return field(lambda value: tuple(kind.load(each) for each in value), ())


@dataclasses.dataclass(frozen=True, kw_only=True)
class Reason(Record):
    """Why an object is in its state."""

    code: str = ""
    sentence: str = ""
    hint: str = ""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Resource(Record):
    """What every stored object has."""

    id: str = ""
    name: str = ""
    description: str | None = None
    project_id: str = ""
    is_public: bool = False
    is_protected: bool = False
    created_at: datetime.datetime | None = time()
    updated_at: datetime.datetime | None = time()


R = TypeVar("R", bound=Record)

_UUID = re.compile(r"[0-9a-f]{8}(-?[0-9a-f]{4}){3}-?[0-9a-f]{12}", re.IGNORECASE)


def looks_like_id(text: str) -> bool:
    """Whether it has the form of an id."""
    return _UUID.fullmatch(text) is not None


def identity(found: Record) -> str:
    """An object's id, or what stands for it (a plugin's name)."""
    return str(getattr(found, "id", "") or getattr(found, "name", ""))


class Collection(Generic[R]):
    """The verbs on one noun. Subclasses declare the four class attributes."""

    #: Below the endpoint, with a leading slash.
    path: ClassVar[str]
    #: Wrapper keys of one object and of a list.
    key: ClassVar[str]
    keys: ClassVar[str]
    #: What people call it.
    noun: ClassVar[str]
    #: Whether the service's list takes ``name`` (a substring).
    filters_by_name: ClassVar[bool] = True
    record: type[R]

    def __init__(self, transport: transport_module.Transport) -> None:
        self._transport = transport

    def _load(self, document: Mapping[str, Any]) -> R:
        loaded: R = self.record.load(document)
        return loaded

    def _at(self, *segments: str) -> str:
        """The path of something below; an id never reaches into another path."""
        quoted = (urllib.parse.quote(segment, safe="") for segment in segments)
        return "/".join([self.path, *quoted])

    def get(self, id: str, **params: Any) -> R:
        """One object by id. Raises ``errors.NotFound``."""
        answer = self._transport.request("GET", self._at(id), params=params)
        return self._load(answer.json()[self.key])

    def list(self, **filters: Any) -> list[R]:
        """All visible objects that match the filters, page by page if asked for
        a ``limit``."""
        return list(self.iterate(**filters))

    def iterate(self, **filters: Any) -> Iterator[R]:
        """As ``list``, reading the next page only when it is needed."""
        params = {key: value for key, value in filters.items() if value is not None}
        while True:
            body = self._transport.request("GET", self.path, params=params).json()
            for document in body[self.keys]:
                yield self._load(document)
            marker = (body.get("markers") or {}).get("next")
            if not marker:
                return
            params["marker"] = marker

    def find(self, name_or_id: str) -> R:
        """The object with that id, else the only one with that name.

        Raises ``errors.NotFound`` or ``errors.Ambiguous``.
        """
        if looks_like_id(name_or_id):
            try:
                return self.get(name_or_id)
            except errors.NotFound:
                pass  # then it may still be a name
        filters = {"name": name_or_id} if self.filters_by_name else {}
        found = [
            one
            for one in self.list(**filters)
            if getattr(one, "name", "") == name_or_id
        ]
        return only(found, self.noun, name_or_id)

    def create(self, *, idempotency_key: str | None = None, **fields: Any) -> R:
        """Create an object of the given fields; those that are None are not sent."""
        body = {key: value for key, value in fields.items() if value is not None}
        headers = {"Idempotency-Key": idempotency_key} if idempotency_key else {}
        answer = self._transport.request(
            "POST", self.path, json=body, headers=headers, repeat=bool(headers)
        )
        return self._load(answer.json()[self.key])

    def update(self, id: str, **fields: Any) -> R:
        """Change the given fields; None means null."""
        answer = self._transport.request("PATCH", self._at(id), json=fields)
        return self._load(answer.json()[self.key])

    def delete(self, id: str) -> None:
        """Ask for the object's deletion. Raises ``errors.NotFound``."""
        self._transport.request("DELETE", self._at(id))


class Portable(Collection[R]):
    """A noun whose objects can be taken to another site; see ``portable``."""

    def export(self, id: str) -> dict[str, Any]:
        """The object, wrapped in its key, without what belongs to this site."""
        answer = self._transport.request("GET", self._at(id, "export"))
        document: dict[str, Any] = answer.json()
        return document


def only(found: list[R], noun: str, name: str) -> R:
    """The one object of a search by name."""
    if not found:
        raise errors.NotFound(
            f"There is no {noun} with the id or name {name!r}.",
            status=404,
            code="NOT_FOUND",
            hint=f"The list of {noun}s shows what there is.",
        )
    if len(found) > 1:
        ids = ", ".join(identity(one) for one in found[:5])
        more = f" and {len(found) - 5} more" if len(found) > 5 else ""
        raise errors.Ambiguous(
            f"{len(found)} {noun}s have the name {name!r}.",
            hint=f"Use an id: {ids}{more}.",
        )
    return found[0]
