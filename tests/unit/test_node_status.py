# SPDX-License-Identifier: Apache-2.0
"""How long a node looks at itself before it answers."""

from __future__ import annotations

import time
from typing import Any

import pytest

from sparkaas.node import services

_ENDLESS = 60.0


def _found(state: str, *, digest: str = "d", error: str = "") -> dict[str, Any]:
    found = {"state": state, "detail": ""}
    return {"digest": digest, "error": error, "services": {"spark-worker": found}}


READY = _found("ready")
STARTING = _found("starting")
SETTING_UP = {"digest": "", "error": "", "services": {}}


def test_a_node_that_starts_is_looked_at_until_it_is_ready():
    looks = iter([SETTING_UP, STARTING, READY])
    assert services.settled(lambda: next(looks), _ENDLESS) == READY
    assert not list(looks)


@pytest.mark.parametrize(
    "wrong", [_found("failed"), _found("starting", digest="", error="no volume")]
)
def test_what_is_wrong_is_told_at_once(wrong):
    looks = iter([wrong])
    assert services.settled(lambda: next(looks), _ENDLESS) == wrong


def test_who_has_no_patience_gets_the_first_look():
    looks = iter([STARTING])
    assert services.settled(lambda: next(looks), 0.0) == STARTING


def test_it_answers_when_the_patience_is_over():
    began = time.monotonic()
    assert services.settled(lambda: STARTING, 0.3) == STARTING
    assert time.monotonic() - began >= 0.3
