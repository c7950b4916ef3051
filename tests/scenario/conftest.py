# SPDX-License-Identifier: Apache-2.0
"""Fixtures of the scenario tests: the real service, as its users run it."""

from __future__ import annotations

import os
import pathlib
import shutil
from collections.abc import Callable
from collections.abc import Iterator

import pytest

from tests.scenario import harness


@pytest.fixture(scope="package", autouse=True)
def _quick_java(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Java compiles quickly, not well: for short jobs that takes half the time."""
    home = os.environ.get("JAVA_HOME")
    real = f"{home}/bin/java" if home else shutil.which("java")
    if real is None:
        yield
        return
    java = tmp_path_factory.mktemp("java") / "bin" / "java"
    java.parent.mkdir()
    java.write_text(f'#!/bin/sh\nexec "{real}" -XX:TieredStopAtLevel=1 "$@"\n')
    java.chmod(0o755)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("JAVA_HOME", str(java.parents[1]))
        yield


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
