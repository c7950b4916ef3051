# SPDX-License-Identifier: Apache-2.0
"""python-saharaclient as published, against the running service."""

import pytest

from tests.conformance import environment
from tests.conformance import made as made_
from tests.conformance import running


def pytest_addoption(parser):
    parser.addoption(
        "--write-compat",
        action="store_true",
        help="write doc/source/user/sahara-compat.rst from what the clients did",
    )


@pytest.fixture(scope="session")
def python():
    """The interpreter that has the clients."""
    try:
        return environment.python()
    except environment.Unavailable as error:
        pytest.skip(f"python-saharaclient cannot be installed: {error}")


@pytest.fixture(scope="session")
def served(python, tmp_path_factory):
    """The service."""
    service = running.Running(tmp_path_factory.mktemp("service"))
    yield service
    service.stop()


@pytest.fixture(scope="session")
def clients(python, served, tmp_path_factory):
    """The clients."""
    process = running.Clients(python, served, tmp_path_factory.mktemp("clients"))
    yield process
    process.stop()


@pytest.fixture(scope="session")
def shared():
    """What tests only read."""
    return {}


@pytest.fixture
def made(served, version, tmp_path, shared):
    """What the test needs, made as it is named; for tests of one version."""
    things = made_.Made(served, version, tmp_path, shared)
    yield things
    things.close()


@pytest.fixture(scope="session")
def outcomes():
    """What came of the rows, by title and version: the requests."""
    return {}


@pytest.fixture
def outcome(outcomes):
    """``outcome(row, version, requests)`` says that the row is as it should be."""

    def remember(row, version, requests):
        outcomes[type(row).__name__, row.title, version] = requests

    return remember
