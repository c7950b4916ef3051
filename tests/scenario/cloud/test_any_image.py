# SPDX-License-Identifier: Apache-2.0
"""Any image with cloud-init will do: what it lacks is fetched from a mirror. And what a
node closes to its users stays closed."""

from __future__ import annotations

import functools
import http.server
import pathlib
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator

import pytest

from tests.scenario.cloud import asking
from tests.scenario.cloud import openstack_cloud
from tests.scenario.cloud import production

SSH = shutil.which("ssh") or "ssh"
#: This machine, as guests reach it through their router.
HOST = "172.24.4.1"
#: What a container guest needs.
CONTAINER = ("--element", "sparkaas-lxc")
NAME = "sparkaas-plain"
#: Seconds of a build without anything in its cache, on a busy machine.
_BUILD = 1500

WHO_ANSWERS = """\
import json, os, socket, urllib.request
from pyspark.sql import SparkSession
spark = SparkSession.builder.getOrCreate()
def ask(part):
    try:
        urllib.request.urlopen("http://169.254.169.254/openstack/latest/", timeout=5)
        yield "open"
    except OSError as error:
        yield f"{os.getuid() != 0} {getattr(error, 'reason', error)!r}"
told = spark.sparkContext.parallelize(range(4), 4).mapPartitions(ask).collect()
print("RESULT", json.dumps(sorted({*told, *ask(None)})))
"""


class Mirror(http.server.ThreadingHTTPServer):
    """The archives below a directory, and who asked for which."""

    def __init__(self, directory: pathlib.Path) -> None:
        self.asked: list[tuple[str, str]] = []
        handler = functools.partial(_Handler, directory=str(directory))
        super().__init__((HOST, 0), handler)


class _Handler(http.server.SimpleHTTPRequestHandler):
    server: Mirror

    def do_GET(self) -> None:
        self.server.asked.append((self.client_address[0], self.path))
        super().do_GET()

    def log_message(self, *words: object) -> None:
        pass


def _image(cloud: openstack_cloud.Cloud, *words: str | pathlib.Path) -> None:
    more = (*CONTAINER, "--cache", cloud.directory / "image-cache")
    made = subprocess.run(
        [sys.executable, "-m", "sparkaas.image.command", *words, *more],
        env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", **cloud.environment("demo")},
        capture_output=True,
        text=True,
        timeout=_BUILD,
        check=False,
    )
    assert made.returncode == 0, made.stdout + made.stderr


@pytest.fixture(scope="module")
def mirror(
    cloud: openstack_cloud.Cloud, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Mirror]:
    """An operator's mirror on this machine."""
    directory = tmp_path_factory.mktemp("mirror")
    with Mirror(directory) as server:
        url = f"http://{HOST}:{server.server_port}"
        spark = ("--spark", openstack_cloud.SPARK)
        _image(cloud, "archives", directory, "--url", url, *spark)
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def plain(
    service: production.Production, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """A user's image without Spark and Java, built, uploaded and registered by one
    command; its id."""
    cloud = service.cloud
    file = tmp_path_factory.mktemp("plain") / f"{NAME}.raw"
    properties = ("--property", "hypervisor_type=lxc", "--property", "vm_mode=exe")
    tags = ("--tag", "spark", "--tag", openstack_cloud.SPARK)
    _image(
        cloud, "build", file, "--container", "--plain", "--register", *tags, *properties
    )
    file.unlink()
    image = cloud.id("image", NAME)
    yield image
    cloud.as_user("demo").image.delete_image(image)


@pytest.fixture(scope="module")
def cluster(
    service: production.Production, demo: asking.Asking, plain: str, mirror: Mirror
) -> Iterator[dict]:
    """1+1 of it."""
    directory = pathlib.Path(mirror.RequestHandlerClass.keywords["directory"])
    service.offer((directory / "versions.yaml").read_text())
    made = demo.create(demo.cluster(workers=1, default_image_id=plain))
    yield demo.active(made, seconds=600)
    demo.delete(made)
    service.offer(production.VERSIONS)


def _guest(cloud: openstack_cloud.Cloud, cluster: dict, *words: str) -> str:
    """What a command on the master prints, as the image's own user."""
    (master,) = cluster["node_groups"][0]["instances"]
    options = ["-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null"]
    limits = ["-o", "ConnectTimeout=5", "-o", "LogLevel=ERROR", "-i", str(cloud.key)]
    made = subprocess.run(
        [SSH, *options, *limits, f"debian@{master['management_ip']}", *words],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return made.stdout + made.stderr


def test_a_plain_image_becomes_a_node_by_a_mirror(cloud, cluster, mirror):
    assert cluster["status"] == "Active"
    archives = [path for _, path in mirror.asked]
    assert sorted(archives) == sorted(
        2 * ["/java-17.tgz", f"/spark-{openstack_cloud.SPARK}.tgz"]
    )
    there = _guest(cloud, cluster, "ls", "/opt", "/opt/sparkaas/packages")
    assert "java-17" in there
    assert f"spark-{openstack_cloud.SPARK}" in there
    assert _guest(cloud, cluster, "which", "java") == ""


def test_jobs_run_there_and_find_the_metadata_service_closed(demo, cluster):
    job = demo.job(cluster["id"], WHO_ANSWERS)
    assert demo.ended(job)["info"]["status"] == "SUCCEEDED", demo.output(job)
    line = next(x for x in demo.output(job).splitlines() if x.startswith("RESULT"))
    # On both nodes, by a user who is not root.
    assert line == """RESULT ["True PermissionError(13, 'Permission denied')"]"""


def _metadata(cloud: openstack_cloud.Cloud, cluster: dict, user: str) -> str:
    ask = ["curl", "-s", "-m", "5", "-o", "/dev/null", "-w", "%{http_code}"]
    url = "http://169.254.169.254/openstack/latest/user_data"
    return _guest(cloud, cluster, "sudo", "-u", user, *ask, url)[-3:]


def _boot(cloud: openstack_cloud.Cloud, cluster: dict) -> str:
    """A number that each boot has of its own; other words while there is none."""
    ask = ("systemctl", "show", "--value", "-p", "UserspaceTimestampMonotonic")
    return _guest(cloud, cluster, *ask).strip()


def test_it_answers_root_alone_before_and_after_a_reboot(cloud, demo, cluster):
    users = ("root", "spark", "debian", "nobody")
    closed = {"root": "200", "spark": "000", "debian": "000", "nobody": "000"}
    assert {user: _metadata(cloud, cluster, user) for user in users} == closed
    (master,) = cluster["node_groups"][0]["instances"]
    before = _boot(cloud, cluster)
    cloud.as_user("demo").compute.reboot_server(master["instance_id"], "HARD")
    limit = time.monotonic() + 180
    while not (now := _boot(cloud, cluster)).isdecimal() or now == before:
        assert time.monotonic() < limit, now
        time.sleep(0.5)
    # As soon as anybody can log in at all.
    assert _metadata(cloud, cluster, "spark") == "000"
    assert {user: _metadata(cloud, cluster, user) for user in users} == closed
    guard = _guest(cloud, cluster, "systemctl", "is-active", "sparkaas-guard")
    assert guard.strip() == "active"


def test_nothing_of_the_user_data_can_be_read_by_a_users_program(cloud, cluster):
    found = _guest(
        cloud,
        cluster,
        *("sudo", "-u", "spark", "grep", "-rls", "--", "PRIVATE"),
        *("/var/lib/cloud", "/run/cloud-init", "/var/lib/sparkaas", "/etc/ssh"),
    )
    assert found == ""
