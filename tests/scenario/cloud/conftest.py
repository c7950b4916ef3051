# SPDX-License-Identifier: Apache-2.0
"""Fixtures of the scenarios on a real OpenStack.

``tests/cloud/up`` brings one up. Where there is none the tests are skipped, and say so.
"""

from __future__ import annotations

import fcntl
import pathlib
import subprocess
from collections.abc import Callable
from collections.abc import Iterator
from typing import Any

import pytest

from tests.scenario import harness
from tests.scenario.cloud import asking
from tests.scenario.cloud import openstack_cloud
from tests.scenario.cloud import production

#: Seconds for one of them, and for another process's to end before.
_SECONDS = 3600
#: openstacksdk warns of what only its own code does.
_OF_SDK = "ignore::PendingDeprecationWarning"

Shell = Callable[..., str]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark all that are below this directory."""
    here = pathlib.Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.cloud)
            item.add_marker(pytest.mark.slow)
            item.add_marker(pytest.mark.filterwarnings(_OF_SDK))
            item.add_marker(pytest.mark.timeout(_SECONDS))


@pytest.fixture(scope="session")
def cloud() -> Iterator[openstack_cloud.Cloud]:
    """The running OpenStack, for this process alone: there is one catalog."""
    if not openstack_cloud.is_up():
        pytest.skip("there is no OpenStack here: tests/cloud/up brings one up")
    with (openstack_cloud.directory() / "scenarios.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield openstack_cloud.Cloud()


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


@pytest.fixture(scope="session")
def cluster(demo: asking.Asking) -> dict[str, Any]:
    """1+2 of the project demo, made from a template and shared by the stories: each
    leaves it as it was."""
    asked = demo.cluster(workers=2)
    of_template = ("name", "plugin_name", "plugin_version", "node_groups")
    template = {key: asked[key] for key in of_template}
    made = demo.call("POST", "cluster-templates", template)["cluster_template"]
    body = {key: value for key, value in asked.items() if key != "node_groups"}
    return demo.active(demo.create({**body, "cluster_template_id": made["id"]}))


@pytest.fixture(scope="session")
def shell(cloud: openstack_cloud.Cloud, service: production.Production) -> Shell:
    """Runs a command on a node with the user's own key: ``shell(cluster, node,
    command)`` returns what it printed."""

    def run(
        cluster: dict[str, Any],
        node: str,
        command: str,
        *,
        user: str = "demo",
        key: pathlib.Path = cloud.key,
    ) -> str:
        words = ["cluster", "ssh", cluster["id"], node, "-i", key, "--", command]
        done = subprocess.run(
            [harness.BIN / "sparkaas", *words],
            env={**service.environment(), **cloud.environment(user)},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=120,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    return run


@pytest.fixture
def nothing_left(cloud: openstack_cloud.Cloud) -> Callable[[], None]:
    """To be called at the end: whether the lists of every service are as they were, for
    the project other."""
    before = cloud.inventory("other")

    def check() -> None:
        after = cloud.inventory("other")
        assert after == before

    return check
