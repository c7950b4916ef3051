# SPDX-License-Identifier: Apache-2.0
"""What can be said of the page about Sahara's clients without running them."""

import ast
import re

import pytest

from tests.conformance import commands
from tests.conformance import compat
from tests.conformance import differences
from tests.conformance import environment
from tests.conformance import managers
from tests.conformance import rows


def test_no_two_rows_are_one():
    count = sum(len(r.versions) for r in (*managers.METHODS, *commands.COMMANDS))
    assert len(compat.expected()) == count


def test_the_page_has_every_row_and_nothing_else():
    """Its requests are those of a run; all else follows from the tables."""
    committed = compat.PAGE.read_text(encoding="utf-8")
    made = compat.page(dict.fromkeys(compat.expected(), ()))
    assert [_without_requests(line) for line in committed.splitlines()] == [
        _without_requests(line) for line in made.splitlines()
    ]


def _without_requests(line):
    return re.split(r" ``[A-Z]+ /", line)[0]


def test_the_page_says_so_when_a_row_fails():
    assert "     - FAILS\n" in compat.page({})
    assert "FAILS" not in compat.PAGE.read_text(encoding="utf-8")


def test_every_difference_is_held_by_a_test():
    source = environment.ROOT / "tests" / "functional" / "test_sahara_defects.py"
    tests = {
        int(node.name.split("_")[2])
        for node in ast.parse(source.read_text()).body
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_18_")
    }
    numbers = {each.number for each in differences.DIFFERENCES}
    assert numbers == tests | differences.WITHOUT_TEST


@pytest.mark.parametrize(
    ("answer", "expect", "good"),
    [
        ({"a": [{"b": 1}, {"b": 2}]}, {"a.*.b": [1, 2], "a.1.b": 2}, True),
        ({"a": 1}, {"a": 2}, False),
        ({"a": 1}, {"b": ...}, False),
        ({"a": None}, {"a": ...}, True),
        (["x", "y"], {"": rows.Has("y")}, True),
        (["x", "y"], {"": rows.Has("z")}, False),
        (None, {"": None}, True),
    ],
)
def test_what_is_not_as_expected_is_found(answer, expect, good):
    assert (rows.differs(answer, expect) == {}) == good
