# SPDX-License-Identifier: Apache-2.0
"""Errors on the wire: status, name, message, and what is kept back."""

import inspect
import re

import pytest

from sparkaas import exceptions
from sparkaas.api import errors

KINDS = [
    kind
    for _, kind in inspect.getmembers(exceptions, inspect.isclass)
    if issubclass(kind, exceptions.SparkaasError)
]


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_every_error_has_the_three_keys(kind):
    status, shown = errors.body(kind("Because."), (2, 0))
    assert shown["error_code"] == status
    assert isinstance(shown["error_name"], str)
    assert re.fullmatch(r".+\nError ID: [0-9a-f-]{36}", shown["error_message"])
    if issubclass(kind, exceptions.InvalidRequest):
        assert status == 400


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (exceptions.Unauthenticated(), 401),
        (exceptions.Forbidden(), 403),
        (exceptions.NotFound(), 404),
        (exceptions.NotAcceptable(), 406),
        (exceptions.Transient(), 503),
        (exceptions.Permanent(), 500),
        (KeyError("x"), 500),
    ],
)
def test_the_status(error, status):
    assert errors.body(error, (2, 0))[0] == status


def test_nothing_of_an_accident_is_told(caplog):
    status, shown = errors.body(RuntimeError("the password is hunter2"), (2, 1))
    assert shown["error_name"] == "INTERNAL_SERVER_ERROR"
    assert "hunter2" not in str(shown)
    id = shown["error_message"].rpartition(" ")[2]
    assert id in caplog.text


def test_what_cannot_be_helped_here_is_told_with_its_hint():
    error = exceptions.Permanent("No room.", code="STORE_FULL", hint="Make room.")
    status, shown = errors.body(error, (2, 1))
    assert (status, shown["error_name"]) == (500, "STORE_FULL")
    assert shown["error_message"].startswith("No room.")
    assert shown["hint"] == "Make room."


def test_a_refusal_is_logged_under_its_id(caplog):
    caplog.set_level("INFO")
    _, shown = errors.body(exceptions.NotFound("No such thing."), (2, 0))
    assert shown["error_message"].rpartition(" ")[2] in caplog.text


def test_a_hint_is_for_those_who_know_of_hints():
    error = exceptions.InvalidReference("No.", hint="Try that.")
    assert "hint" not in errors.body(error, (2, 0))[1]
    assert errors.body(error, (2, 1))[1]["hint"] == "Try that."


def test_a_version_error_tells_the_versions():
    _, shown = errors.body(exceptions.NotAcceptable(), (2, 0))
    assert (shown["min_version"], shown["max_version"]) == ("2.0", "2.1")
