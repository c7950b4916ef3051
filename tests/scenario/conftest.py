# SPDX-License-Identifier: Apache-2.0
"""Fixtures of the scenario tests: the real service, as its users run it."""

from __future__ import annotations

import pathlib
from collections.abc import Callable
from collections.abc import Iterator

import pytest

from tests.scenario import harness


@pytest.fixture
def new_service(tmp_path: pathlib.Path) -> Iterator[Callable[..., harness.Service]]:
    """Makes services, not started, each with a state directory of its own; options
    are arguments of ``sparkaas-all``."""
    made: list[harness.Service] = []

    def make(*options: str) -> harness.Service:
        made.append(harness.Service(tmp_path / str(len(made)) / "state", *options))
        return made[-1]

    yield make
    for service in made:
        if service.state.exists():
            service.clean()


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[harness.Service]:
    """A running service, shared by the tests of a file."""
    one = harness.Service(tmp_path_factory.mktemp("service") / "state")
    one.start()
    yield one
    one.clean()
