# SPDX-License-Identifier: Apache-2.0
"""Fixtures for every test."""

import collections
import os
import signal

import pytest

from tests.servers import watchdog

pytest_plugins = [
    "tests.servers.mariadb",
    "tests.servers.postgresql",
    "tests.servers.rabbitmq",
    "tests.servers.s3",
]

# A shell starts what it puts in the background with SIGINT ignored, and so would be
# every program that a test starts to press Ctrl-C on.
signal.signal(signal.SIGINT, signal.default_int_handler)


# The developer's own cloud is nobody's business here.
for _name in [name for name in os.environ if name.startswith("OS_")]:
    del os.environ[_name]


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config, items):
    """Where processes share the tests file by file: the long files first, then the
    largest, so that none is left alone with a long one at the end."""
    if not hasattr(config, "workerinput"):
        return
    sizes = collections.Counter(item.path for item in items)
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: (item.path not in slow, -sizes[item.path]))


@pytest.fixture(scope="session", autouse=True)
def _watched(tmp_path_factory):
    """Nothing that a test starts outlives this process, whatever ends it."""
    dog = watchdog.Watchdog(tmp_path_factory.getbasetemp())
    yield
    dog.close()
