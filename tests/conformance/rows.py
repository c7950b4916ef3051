# SPDX-License-Identifier: Apache-2.0
"""What a row of the tables is.

Texts may have ``{...}``, filled by ``made.fill``. What is expected is a mapping of
dotted paths into an answer to values; ``...`` is any value, ``Has`` one of several.
"""

import dataclasses
from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any

BOTH = ("1.1", "2")

Expected = Mapping[str, Any]


@dataclasses.dataclass(frozen=True)
class Has:
    """Expects a list, a mapping or a text that has this."""

    item: Any


@dataclasses.dataclass(frozen=True)
class Broken:
    """A defect of the client itself: ``reason`` for the reader, ``shown`` is in what
    the client says."""

    reason: str
    shown: str


@dataclasses.dataclass(frozen=True)
class Refused:
    """What the service refuses on purpose: ``reason`` for the reader, ``shown`` is in
    what the client says."""

    reason: str
    shown: str


@dataclasses.dataclass(frozen=True, kw_only=True)
class Row:
    """What both tables have."""

    versions: Sequence[str] = BOTH
    #: Tells cases of one method or command apart.
    more: str = ""
    expect: Expected = dataclasses.field(default_factory=dict)
    #: A path of API v2 and what it answers sooner or later; ``None``: 404.
    then: tuple[str, Expected | None] | None = None
    fails: Broken | Refused | None = None

    @property
    def name(self) -> str:
        raise AssertionError("a row is a method or a command")

    @property
    def title(self) -> str:
        return f"{self.name} ({self.more})" if self.more else self.name


@dataclasses.dataclass(frozen=True)
class Method(Row):
    """A call of a manager's method. An answer that is an error has a code and a
    name."""

    method: str
    arguments: Mapping[str, Any] = dataclasses.field(default_factory=dict)

    @property
    def name(self) -> str:
        return self.method


@dataclasses.dataclass(frozen=True)
class Command(Row):
    """The words after ``openstack dataprocessing``, and ``words`` more.

    ``expect`` is of the data that it prints; it prints text only when there is
    ``says``, which is in it.
    """

    command: str
    words: str = ""
    says: str = ""
    #: What is in the files that it reads, by name.
    files: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    #: What is in those that it writes.
    writes: Mapping[str, Expected | str] = dataclasses.field(default_factory=dict)

    @property
    def name(self) -> str:
        return self.command


def found(manager: str, thing: str) -> tuple[Method, ...]:
    """What all managers have: they read the whole list, and compare."""
    name = {"name": f"{{{thing}[name]}}"}
    return (
        Method(f"{manager}.find", name, expect={"*.name": [name["name"]]}),
        Method(f"{manager}.find_unique", name, expect={"name": name["name"]}),
        Method(
            f"{manager}.find_unique",
            {"name": "{name}"},
            more="absent",
            expect={"code": 404},
            fails=Refused("There is none.", "No matches found."),
        ),
    )


def look(value: Any, path: str) -> Any:
    """What is at a dotted path; ``*`` of a list is what is there in each."""
    steps = path.split(".") if path else []
    for at, step in enumerate(steps):
        if step == "*":
            return [look(each, ".".join(steps[at + 1 :])) for each in value]
        value = value[int(step)] if isinstance(value, list) else value[step]
    return value


def differs(answer: Any, expect: Expected) -> dict[str, Any]:
    """What is not as expected, by path."""
    wrong = {}
    for path, wanted in expect.items():
        try:
            found = look(answer, path)
        except (KeyError, IndexError, TypeError) as error:
            wrong[path] = f"{error!r} in {answer}"
            continue
        if not _fits(found, wanted):
            wrong[path] = found
    return wrong


def _fits(found: Any, wanted: Any) -> bool:
    if isinstance(wanted, Has):
        return wanted.item in found
    return wanted is ... or found == wanted
