# SPDX-License-Identifier: Apache-2.0
"""What a plugin found of its cluster's health, in the words that users see."""

from __future__ import annotations

from collections.abc import Sequence

from sparkaas import model

_FEW = 5


def green(name: str, description: str) -> model.Check:
    """All is as it was asked for."""
    return model.Check(name=name, status="GREEN", description=description)


def yellow(name: str, description: str) -> model.Check:
    """Some of what was asked for can be had."""
    return model.Check(name=name, status="YELLOW", description=description)


def red(name: str, description: str) -> model.Check:
    """What was asked for is not there."""
    return model.Check(name=name, status="RED", description=description)


def all_of(
    name: str, wanted: int, what: str, gone: Sequence[str], *, they: str = "missing"
) -> model.Check:
    """Whether ``gone`` is none of the ``wanted`` many; it names some of those that it
    has. ``what`` is they and what they do ("workers are alive"), ``they`` what those
    are that do not."""
    if not gone:
        return green(name, f"All {wanted} {what}.")
    few = ", ".join(gone[:_FEW]) + (" and others" if len(gone) > _FEW else "")
    return red(name, f"{wanted - len(gone)} of {wanted} {what}; {they}: {few}.")
