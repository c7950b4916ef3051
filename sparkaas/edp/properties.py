# SPDX-License-Identifier: Apache-2.0
"""Spark's properties: which are allowed, and how they are written in a file."""

from __future__ import annotations

import re
from collections.abc import Mapping

from sparkaas import exceptions

_NAME = re.compile(r"spark\.[A-Za-z0-9_][A-Za-z0-9_.*/:\[\]$-]{0,250}")
_MOST_CHARACTERS = 32768

#: Set by the service: with other values a driver would not find its cluster, or
#: anyone would. Names, and beginnings of names that end in a dot.
_OURS = (
    "spark.master",
    "spark.submit.deployMode",
    "spark.authenticate",
    "spark.authenticate.",
    "spark.network.crypto.enabled",
    "spark.connect.authenticate.",
    "spark.master.rest.",
    "spark.master.ui.decommission.allow.mode",
    "spark.driver.host",
    "spark.driver.bindAddress",
)


def is_name(name: str) -> bool:
    """Whether ``name`` could be a Spark property's."""
    return _NAME.fullmatch(name) is not None


def is_ours(name: str) -> bool:
    """Whether only the service may set it."""
    return any(
        name.startswith(ours) if ours.endswith(".") else name == ours for ours in _OURS
    )


def check(name: str, value: object) -> None:
    """Raise ``exceptions.InvalidRequest`` unless a user may set that."""
    if not is_name(name):
        raise exceptions.InvalidRequest(f"{name[:80]!r} is no Spark property")
    if is_ours(name):
        raise exceptions.InvalidRequest(
            f"{name} is set by the service and cannot be changed"
        )
    check_value(name, value)


def check_value(name: str, value: object) -> None:
    """Raise ``exceptions.InvalidRequest`` for a value that no file line can hold."""
    if isinstance(value, bool | int | float):
        return
    if not isinstance(value, str):
        raise exceptions.InvalidRequest(f"{name} must be a text, number or boolean")
    if len(value) > _MOST_CHARACTERS:
        raise exceptions.InvalidRequest(
            f"{name} is longer than {_MOST_CHARACTERS} characters"
        )
    if any(ord(char) < 32 and char != "\t" or ord(char) == 127 for char in value):
        raise exceptions.InvalidRequest(
            f"{name} must not hold line breaks or control characters"
        )


def render(properties: Mapping[str, str]) -> str:
    """The text of a properties file, sorted by name.

    Java's reader turns every escape back, so a value arrives as it is; Spark
    itself takes blanks off both ends.
    """
    lines = (f"{_key(name)}={_escape(properties[name])}" for name in sorted(properties))
    return "".join(line + "\n" for line in lines)


def _key(name: str) -> str:
    return re.sub(r"[:=#! ]", r"\\\g<0>", name)


def _escape(value: str) -> str:
    return "".join(_character(char) for char in value)


def _character(char: str) -> str:
    if char == "\\":
        return "\\\\"
    if " " < char <= "~" or char == " ":
        return char
    units = char.encode("utf-16-be")
    return "".join(
        f"\\u{units[at] << 8 | units[at + 1]:04x}" for at in range(0, len(units), 2)
    )
