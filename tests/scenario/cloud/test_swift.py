# SPDX-License-Identifier: Apache-2.0
"""Jobs of real Spark, on nodes of this machine, with a real Swift and Keystone."""

from __future__ import annotations

import json
import pathlib
import textwrap
import urllib.parse
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from openstack import exceptions

from tests.scenario import harness
from tests.scenario.cloud import asking
from tests.scenario.cloud import openstack_cloud

_CONF = """\
[api]
auth = keystone

[keystone_authtoken]
www_authenticate_uri = {auth_url}
{user}

[openstack]
region_name = RegionOne
{user}

[swift]
s3_region = RegionOne
"""
_USER = """\
auth_type = password
auth_url = {auth_url}
username = sparkaas
password = {password}
project_name = service
user_domain_name = Default
project_domain_name = Default
"""

WORDS = """
    import sys
    from pyspark.sql import SparkSession
    spark = SparkSession.builder.getOrCreate()
    lines = spark.read.text(sys.argv[1])
    words = lines.selectExpr("explode(split(value, ' ')) word").groupBy("word").count()
    words.write.parquet(sys.argv[2])
    print("words", spark.read.parquet(sys.argv[2]).count())
"""


class Local:
    """A service that knows Keystone, and whose nodes are processes of this machine."""

    def __init__(self, cloud: openstack_cloud.Cloud, state: pathlib.Path) -> None:
        self.cloud = cloud
        file = state.parent / "sparkaas.conf"
        file.touch(0o600)
        known = {"auth_url": openstack_cloud.AUTH_URL, "password": cloud.password}
        file.write_text(_CONF.format(user=_USER.format(**known), **known))
        self.process = harness.Service(state, "--config-file", str(file))

    @property
    def url(self) -> str:
        return str(self.process.endpoint["url"])


class Swift:
    """What the project has in it."""

    def __init__(self, cloud: openstack_cloud.Cloud, user: str = "demo") -> None:
        self.store = cloud.as_user(user).object_store

    def make(self) -> str:
        """A new container's name."""
        name = f"objects-{uuid.uuid4().hex[:8]}"
        self.store.create_container(name)
        return name

    def put(self, container: str, name: str, data: bytes | str) -> None:
        self.store.upload_object(container, name, data=data)

    def names(self, container: str) -> list[str]:
        """Of its files: neither directories nor what its name hides."""
        found = [str(each.name) for each in self.store.objects(container)]
        hidden = ("/_", "/.")
        return [
            name
            for name in found
            if not name.endswith("/") and not any(mark in name for mark in hidden)
        ]

    def read(self, container: str, name: str) -> bytes:
        return bytes(self.store.download_object(name, container))

    def remove(self, container: str) -> None:
        """With all that is in it, and its segments."""
        for each in (container, f"{container}+segments"):
            # Lists follow what is done, sooner or later.
            harness.wait_for(
                lambda name=each: self._is_removed(name), 60, f"{each} is removed"
            )

    def _is_removed(self, container: str) -> bool:
        if container not in {each.name for each in self.store.containers()}:
            return True
        for found in self.store.objects(container):
            # Names of S3A's directories end in a slash.
            self.store.delete(f"/{container}/{urllib.parse.quote(found.name)}")
        try:
            self.store.delete_container(container)
        except exceptions.ConflictException:
            return False
        return True


@pytest.fixture(scope="module", autouse=True)
def jars() -> None:
    """Those that open object stores, where the service looks for them."""
    harness.have_jars("objectstore")


@pytest.fixture(scope="module")
def cloud() -> openstack_cloud.Cloud:
    """Not for this process alone: its catalog stays as it is."""
    if not openstack_cloud.is_up():
        pytest.skip("there is no OpenStack here: tests/cloud/up brings one up")
    return openstack_cloud.Cloud()


@pytest.fixture(scope="module")
def local(
    cloud: openstack_cloud.Cloud, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Local]:
    one = Local(cloud, tmp_path_factory.mktemp("local") / "state")
    one.process.start()
    yield one
    asking.Asking(one, "demo").delete_all()  # type: ignore[arg-type]
    assert one.process.end() == 0, one.process.output()
    harness.wait_for(
        lambda: not harness.processes_below(one.process.state), 10, "no process is left"
    )


@pytest.fixture(scope="module")
def demo(local: Local) -> asking.Asking:
    return asking.Asking(local, "demo")  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def cluster(demo: asking.Asking) -> dict[str, Any]:
    """One master, one worker."""
    version = demo.call("GET", "plugins/spark")["plugin"]["versions"][0]
    images = demo.call("GET", f"images?tags=spark&tags={version}")["images"]
    body = {
        "name": "swift",
        "plugin_name": "spark",
        "plugin_version": version,
        "default_image_id": images[0]["id"],
        "node_groups": [
            {
                "name": name,
                "flavor_id": "3",
                "node_processes": [process],
                "count": 1,
            }
            for name, process in (("master", "master"), ("worker", "slave"))
        ],
    }
    return demo.active(demo.create(body))


@pytest.fixture(scope="module")
def swift(cloud: openstack_cloud.Cloud) -> Swift:
    return Swift(cloud)


@pytest.fixture
def container(swift: Swift) -> Iterator[str]:
    name = swift.make()
    yield name
    swift.remove(name)


def source(demo: asking.Asking, url: str, type: str = "swift", **more: Any) -> str:
    body = {"name": f"s-{uuid.uuid4().hex[:8]}", "type": type, "url": url, **more}
    return str(demo.call("POST", "data-sources", body)["data_source"]["id"])


def ec2(cloud: openstack_cloud.Cloud) -> set[str]:
    """Every EC2 credential of the user demo."""
    user = cloud.as_user("demo").current_user_id
    return {each.id for each in cloud.admin.identity.credentials(user_id=user)}


def succeeded(demo: asking.Asking, job: str) -> str:
    """What it printed, once it has succeeded."""
    ended = demo.ended(job)
    errors = demo.ask("GET", f"jobs/{job}/logs/stderr").text[-3000:]
    assert ended["info"]["status"] == "SUCCEEDED", (ended["info"], errors)
    return demo.output(job)


def test_words_of_one_container_into_another(
    cloud: openstack_cloud.Cloud,
    local: Local,
    demo: asking.Asking,
    cluster: dict[str, Any],
    swift: Swift,
    container: str,
) -> None:
    """Data sources without credentials: the job gets keys of its owner's, which are
    nowhere to be seen, and are good for nothing when it has ended."""
    before = ec2(cloud)
    swift.put(container, "in/a.txt", "the quick brown fox\nthe lazy dog\n")
    reads = source(demo, f"swift://{container}/in")
    writes = source(demo, f"swift://{container}.sahara/out-%JOB_EXEC_ID%")
    program = textwrap.dedent(WORDS)
    configs = {"edp.substitute_data_source_for_uuid": True}
    job = demo.job(cluster["id"], program, reads, writes, **configs)
    (made,) = ec2(cloud) - before
    found = cloud.admin.identity.get_credential(made)
    assert found.project_id == cloud.as_user("demo").current_project_id
    access, secret = (found.blob.split('"')[n] for n in (3, 7))

    assert "words 6" in succeeded(demo, job)
    shown = demo.call("GET", f"jobs/{job}")["job"]
    assert shown["data_source_urls"][writes] == f"swift://{container}.sahara/out-{job}"
    assert [n for n in swift.names(container) if n.endswith(".parquet")]
    told = swift.read(container, f"out-{job}/_SUCCESS")
    assert json.loads(told)["committer"] == "magic"
    assert ec2(cloud) == before
    for kept in (access, secret):
        assert kept not in str(shown) + demo.output(job)
        for file in local.process.state.rglob("*"):
            if file.is_file():
                assert kept.encode() not in file.read_bytes(), file


def test_a_program_of_a_container(
    demo: asking.Asking,
    cluster: dict[str, Any],
    swift: Swift,
    container: str,
) -> None:
    """The node takes it from there itself."""
    swift.put(container, "programs/hello.py", "print('hello', 6 * 7)\n")
    body = {
        "name": f"hello-{uuid.uuid4().hex[:8]}.py",
        "url": f"swift://{container}/programs/hello.py",
    }
    binary = demo.call("POST", "job-binaries", body)["job_binary"]["id"]
    asked = {"name": body["name"][:-3], "type": "PySpark", "mains": [binary]}
    template = demo.call("POST", "job-templates", asked)["job_template"]["id"]
    launch = {"job_template_id": template, "cluster_id": cluster["id"]}
    job = demo.call("POST", "jobs", launch)["job"]["id"]
    assert succeeded(demo, job) == "hello 42\n"
    swift.store.delete_object("programs/hello.py", container=container)
    job = demo.call("POST", "jobs", launch)["job"]["id"]
    info = demo.ended(job)["info"]
    assert (info["status"], info["reason"]["code"]) == ("FAILED", "BINARY_NOT_FOUND")


SLOW = """
    import sys
    import time
    from pyspark.sql import SparkSession

    def number(i):
        if i:
            time.sleep(600)
        return (i,)

    spark = SparkSession.builder.getOrCreate()
    rows = spark.sparkContext.parallelize(range(2), 2).map(number)
    spark.createDataFrame(rows, "i long").write.parquet(sys.argv[1])
"""


@pytest.mark.long
def test_a_job_that_is_killed_in_the_middle_leaves_nothing_visible(
    cloud: openstack_cloud.Cloud,
    demo: asking.Asking,
    cluster: dict[str, Any],
    swift: Swift,
    container: str,
) -> None:
    before = ec2(cloud)
    out = f"swift://{container}/out"
    job = demo.job(cluster["id"], textwrap.dedent(SLOW), out)
    # One of its tasks has written all that it has to.
    harness.wait_for(
        lambda: [
            each.name
            for each in swift.store.objects(container)
            if each.name.endswith(".pendingset")
        ],
        asking.ENDED,
        "a task has ended",
        every=1,
    )
    demo.call("PATCH", f"jobs/{job}", {"info": {"status": "cancel"}})
    assert demo.ended(job)["info"]["status"] == "KILLED"
    assert swift.names(container) == []
    assert ec2(cloud) == before


@pytest.mark.long
def test_from_swift_to_an_s3_with_keys_of_its_own(
    cloud: openstack_cloud.Cloud,
    demo: asking.Asking,
    cluster: dict[str, Any],
    swift: Swift,
    container: str,
) -> None:
    """The other S3 is Swift's, too, but that the job cannot know."""
    user = cloud.as_user("demo")
    path = f"/users/{user.current_user_id}/credentials/OS-EC2"
    asked = {"tenant_id": user.current_project_id}
    keys = user.identity.post(path, json=asked).json()["credential"]
    other = swift.make()
    try:
        swift.put(container, "a.txt", "one two two")
        reads = source(demo, f"swift://{container}/a.txt")
        given = {
            "accesskey": keys["access"],
            "secretkey": keys["secret"],
            "endpoint": "127.0.0.1:18080",
            "ssl": False,
            "bucket_in_path": True,
        }
        writes = source(demo, f"s3://{other}/out", "s3", credentials=given)
        configs = {
            "edp.substitute_data_source_for_uuid": True,
            "fs.s3a.endpoint.region": "RegionOne",
        }
        program = textwrap.dedent(WORDS)
        job = demo.job(cluster["id"], program, reads, writes, **configs)
        assert "words 2" in succeeded(demo, job)
        assert [name for name in swift.names(other) if name.endswith(".parquet")]
    finally:
        user.identity.delete(f"{path}/{keys['access']}")
        swift.remove(other)
