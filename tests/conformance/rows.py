# SPDX-License-Identifier: Apache-2.0
"""What a row of the tables is.

Texts may have ``{...}``, filled by ``made.fill``. What is expected is a mapping of
dotted paths into the answer to values; ``...`` is any value, a function says yes or no.
"""

import dataclasses
from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any

BOTH = ("1.1", "2")


@dataclasses.dataclass(frozen=True)
class Broken:
    """A defect of the client itself: ``reason`` for the reader, ``shown`` is in what
    the client says."""

    reason: str
    shown: str


@dataclasses.dataclass(frozen=True)
class Method:
    """A call of a manager's method. ``more`` tells cases of one method apart."""

    method: str
    arguments: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    expect: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    versions: Sequence[str] = BOTH
    more: str = ""
    broken: Broken | None = None
    #: Whether the answer is an error, whose code and name ``expect`` has.
    refused: bool = False

    @property
    def title(self) -> str:
        return f"{self.method} ({self.more})" if self.more else self.method


@dataclasses.dataclass(frozen=True)
class Command:
    """A command: the words after ``openstack dataprocessing``, and ``words`` more."""

    command: str
    words: str = ""
    #: Of the data that it prints, unless it prints text only: then ``says`` of that.
    expect: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    says: str = ""
    versions: Sequence[str] = BOTH
    more: str = ""
    broken: Broken | None = None
    #: What is in the files that it reads, by name.
    files: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    #: What is in those that it writes.
    writes: Mapping[str, str] = dataclasses.field(default_factory=dict)

    @property
    def title(self) -> str:
        return f"{self.command} ({self.more})" if self.more else self.command


def look(value: Any, path: str) -> Any:
    """What is at a dotted path; ``*`` of a list is the list of what is there in each."""
    for at, step in enumerate(path.split(".") if path else ()):
        if step == "*":
            rest = ".".join(path.split(".")[at + 1 :])
            return [look(each, rest) for each in value]
        value = value[int(step)] if isinstance(value, list) else value[step]
    return value


def differs(answer: Any, expect: Mapping[str, Any]) -> dict[str, Any]:
    """What is not as expected, by path."""
    wrong = {}
    for path, wanted in expect.items():
        try:
            found = look(answer, path)
        except (KeyError, IndexError, TypeError) as error:
            wrong[path] = f"is not there: {error!r} in {answer}"
            continue
        good = (
            wanted is ... or wanted(found)
            if callable(wanted) or wanted is ...
            else wanted == found
        )
        if not good:
            wrong[path] = found
    return wrong


def has(item: Any) -> Any:
    """Expects a list with that item."""
    return Has(item)


@dataclasses.dataclass(frozen=True)
class Has:
    """Expects a list or text with an item; texts in it are filled."""

    item: Any

    def __call__(self, found: Any) -> bool:
        return self.item in found
