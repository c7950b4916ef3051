# SPDX-License-Identifier: Apache-2.0
"""Fixtures of the scenarios on a real OpenStack.

``tests/cloud/up`` brings one up. Where there is none the tests are skipped, and say so.
"""

from __future__ import annotations

import os
import pathlib
import time
from collections.abc import Callable
from collections.abc import Iterator

import pytest

from tests.scenario.cloud import asking
from tests.scenario.cloud import openstack_cloud
from tests.scenario.cloud import production

#: Seconds that a cloud on its way up is waited for.
_COMING = 1500
#: openstacksdk warns of what only its own code does.
_OF_SDK = "ignore::PendingDeprecationWarning"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """All of them share the service, so one worker runs them."""
    here = pathlib.Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.cloud)
            item.add_marker(pytest.mark.slow)
            item.add_marker(pytest.mark.filterwarnings(_OF_SDK))
            item.add_marker(pytest.mark.timeout(_COMING + 900))


@pytest.fixture(scope="session")
def cloud() -> openstack_cloud.Cloud:
    """The running OpenStack."""
    # Set by whoever brings it up beside the tests: a file that is there until it is
    # up, or has failed to come.
    coming = os.environ.get("SPARKAAS_CLOUD_COMING", "")
    limit = time.monotonic() + _COMING
    while coming and pathlib.Path(coming).exists() and time.monotonic() < limit:
        time.sleep(1)
    if not openstack_cloud.is_up():
        pytest.skip("there is no OpenStack here: tests/cloud/up brings one up")
    return openstack_cloud.Cloud()


@pytest.fixture(scope="session")
def service(
    cloud: openstack_cloud.Cloud, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[production.Production]:
    """The running service; its clusters are deleted at the end."""
    one = production.Production(cloud, tmp_path_factory.mktemp("production"))
    try:
        one.set_up()
        _register_image(one)
        yield one
        for user in openstack_cloud.PROJECTS:
            asking.Asking(one, user).delete_all()
    finally:
        one.tear_down()


def _register_image(service: production.Production) -> None:
    """Spark's image, as the cloud's administrator registers it."""
    admin = asking.Asking(service, "admin")
    image = service.cloud.id("image", openstack_cloud.IMAGE)
    admin.call("POST", f"images/{image}", {"username": "debian", "description": ""})
    tags = {"tags": ["spark", openstack_cloud.SPARK]}
    admin.call("PUT", f"images/{image}/tags", tags)


@pytest.fixture(scope="session")
def demo(service: production.Production) -> asking.Asking:
    """A member of the project demo."""
    return asking.Asking(service, "demo")


@pytest.fixture(scope="session")
def other(service: production.Production) -> asking.Asking:
    """A member of another project."""
    return asking.Asking(service, "other")


@pytest.fixture
def nothing_left(cloud: openstack_cloud.Cloud) -> Callable[[], None]:
    """To be called at the end: whether the lists of every service are as they were, for
    the project other."""
    before = cloud.inventory("other")

    def check() -> None:
        after = cloud.inventory("other")
        assert after == before

    return check
