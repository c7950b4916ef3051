# SPDX-License-Identifier: Apache-2.0
"""Jobs of real Spark, on nodes of this machine, with a real Swift that has its faults,
and a real Keystone."""

from __future__ import annotations

import datetime
import json
import pathlib
import urllib.parse
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
import requests
from openstack import exceptions

from sparkaas import interfaces
from sparkaas.edp import signing
from tests.scenario import harness
from tests.scenario import object_programs
from tests.scenario.cloud import asking
from tests.scenario.cloud import openstack_cloud
from tests.scenario.cloud import swift_proxy

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
s3_endpoint = {s3_endpoint}
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

SUBSTITUTE = {"edp.substitute_data_source_for_uuid": True}


class Local:
    """A service that knows Keystone, and whose nodes are processes of this machine."""

    def __init__(
        self, cloud: openstack_cloud.Cloud, state: pathlib.Path, s3_endpoint: str
    ) -> None:
        self.cloud = cloud
        file = state.parent / "sparkaas.conf"
        file.touch(0o600)
        known = {
            "auth_url": openstack_cloud.AUTH_URL,
            "password": cloud.password,
            "s3_endpoint": s3_endpoint,
        }
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
def proxy(cloud: openstack_cloud.Cloud) -> Iterator[swift_proxy.Proxy]:
    """By which jobs reach Swift."""
    with swift_proxy.running() as one:
        yield one


@pytest.fixture(scope="module")
def local(
    cloud: openstack_cloud.Cloud,
    proxy: swift_proxy.Proxy,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Local]:
    one = Local(cloud, tmp_path_factory.mktemp("local") / "state", proxy.url)
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


def program_in(demo: asking.Asking, url: str, **extra: str) -> str:
    """A job binary that lies in Swift."""
    body = {"name": f"p-{uuid.uuid4().hex[:8]}.py", "url": url}
    if extra:
        body["extra"] = extra  # type: ignore[assignment]
    return str(demo.call("POST", "job-binaries", body)["job_binary"]["id"])


def launched(demo: asking.Asking, cluster: str, binary: str, *args: str) -> str:
    """A job of that binary; its id."""
    name = f"j-{uuid.uuid4().hex[:8]}"
    asked = {"name": name, "type": "PySpark", "mains": [binary]}
    template = demo.call("POST", "job-templates", asked)["job_template"]["id"]
    launch = {
        "job_template_id": template,
        "cluster_id": cluster,
        "job_configs": {"args": list(args), "configs": SUBSTITUTE},
    }
    return str(demo.call("POST", "jobs", launch)["job"]["id"])


def ec2(cloud: openstack_cloud.Cloud) -> set[str]:
    """Every EC2 credential of the user demo."""
    user = cloud.as_user("demo").current_user_id
    return {each.id for each in cloud.admin.identity.credentials(user_id=user)}


def keys(
    cloud: openstack_cloud.Cloud, credential: str, url: str
) -> interfaces.ObjectKeys:
    """What Keystone has of one."""
    blob = json.loads(cloud.admin.identity.get_credential(credential).blob)
    return interfaces.ObjectKeys(blob["access"], blob["secret"], url, "RegionOne")


def succeeded(demo: asking.Asking, job: str) -> str:
    """What it printed, once it has succeeded."""
    ended = demo.ended(job)
    output = demo.output(job)
    assert ended["info"]["status"] == "SUCCEEDED", f"{ended['info']}\n{output[-6000:]}"
    return output


def failed(demo: asking.Asking, job: str, status: str, code: str) -> str:
    """The sentence of its reason, once it has ended so."""
    info = demo.ended(job)["info"]
    assert (info["status"], info["reason"]["code"]) == (status, code), info
    assert info["reason"]["hint"]
    return str(info["reason"]["sentence"])


def test_a_swift_that_is_busy_now_and_then(
    cloud: openstack_cloud.Cloud,
    local: Local,
    demo: asking.Asking,
    cluster: dict[str, Any],
    swift: Swift,
    container: str,
    proxy: swift_proxy.Proxy,
) -> None:
    """Program, input and output in Swift, none with credentials: the node fetches the
    one itself, for the others the job gets keys of its owner's, which are nowhere to be
    seen, and are good for nothing when it has ended. Storage that says 503 to each
    kind of request at first is asked again."""
    before = ec2(cloud)
    swift.put(container, "words.py", object_programs.WORDS)
    swift.put(container, "in/a.txt", object_programs.TEXT)
    busy = (
        f"GET /{container}/words.py",
        f"HEAD /{container}/in",
        f"GET /{container}?",
        f"GET /{container}/in/a.txt",
        f"PUT /{container}+segments/",
        f"GET /{container}/out",
        f"PUT /{container}/out",
        "PUT multipart-manifest=put",
    )
    proxy.answer(503, 2, *busy)
    reads = source(demo, f"swift://{container}/in")
    writes = source(demo, f"swift://{container}.sahara/out-%JOB_EXEC_ID%")
    binary = program_in(demo, f"swift://{container}/words.py")
    args = (reads, writes, "parquet", object_programs.AT_ONCE)
    job = launched(demo, cluster["id"], binary, *args)
    (made,) = ec2(cloud) - before
    found = cloud.admin.identity.get_credential(made)
    assert found.project_id == cloud.as_user("demo").current_project_id
    lent = keys(cloud, made, proxy.url)

    assert object_programs.SAID in succeeded(demo, job)
    assert [request for request in busy if proxy.answered(request) < 2] == []
    shown = demo.call("GET", f"jobs/{job}")["job"]
    assert shown["data_source_urls"][writes] == f"swift://{container}.sahara/out-{job}"
    (part,) = [name for name in swift.names(container) if name.endswith(".parquet")]
    assert part.startswith(f"out-{job}/part-")
    told = swift.read(container, f"out-{job}/_SUCCESS")
    assert json.loads(told)["committer"] == "magic"
    assert ec2(cloud) == before
    for kept in (lent.access, lent.secret):
        assert kept not in str(shown) + demo.output(job)
        for file in local.process.state.rglob("*"):
            if file.is_file():
                assert kept.encode() not in file.read_bytes(), file


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        ("no container", "BUCKET_NOT_FOUND"),
        ("no object", "BINARY_NOT_FOUND"),
        ("not allowed", "OBJECT_STORE_DENIED"),
    ],
)
def test_a_program_that_cannot_be_had(
    cloud: openstack_cloud.Cloud,
    demo: asking.Asking,
    cluster: dict[str, Any],
    swift: Swift,
    container: str,
    fault: str,
    code: str,
) -> None:
    swift.put(container, "a.py", "print(6 * 7)")
    before = ec2(cloud)
    url, given = f"swift://{container}/a.py", {}
    if fault == "no container":
        url = f"swift://{container}-not/a.py"
    elif fault == "no object":
        url = f"swift://{container}/b.py"
    else:
        given = {"user": "demo-reader", "password": cloud.password}
    job = launched(demo, cluster["id"], program_in(demo, url, **given))
    assert url in failed(demo, job, "FAILED", code)
    assert ec2(cloud) == before


def test_keys_that_are_revoked_in_the_middle(
    cloud: openstack_cloud.Cloud,
    demo: asking.Asking,
    cluster: dict[str, Any],
    swift: Swift,
    container: str,
    proxy: swift_proxy.Proxy,
    tmp_path: pathlib.Path,
) -> None:
    """Keystone knows them no more, and Swift answers 401 to itself."""
    before = ec2(cloud)
    swift.put(container, "in/a.txt", object_programs.TEXT)
    out = f"swift://{container}/out"
    go = tmp_path / "go"
    args = (f"swift://{container}/in", out, "parquet", str(go))
    job = demo.job(cluster["id"], object_programs.WORDS, *args)
    (made,) = ec2(cloud) - before
    lent = keys(cloud, made, proxy.url)

    def look() -> int:
        now = datetime.datetime.now(datetime.UTC)
        url = signing.url(lent, container, "in/a.txt", now, 60)
        return requests.get(url, timeout=60).status_code

    asking.wait_for(lambda: "read 3" in demo.output(job), asking.ENDED, "it has read")
    assert look() == 200
    cloud.admin.identity.delete_credential(made)
    asking.wait_for(lambda: look() == 403, 60, "Swift refuses the keys")
    go.touch()
    assert container in failed(demo, job, "DONEWITHERROR", "OBJECT_STORE_DENIED")
    assert not [name for name in swift.names(container) if name.startswith("out")]
    assert ec2(cloud) == before


def test_an_output_in_a_container_that_does_not_exist(
    demo: asking.Asking, cluster: dict[str, Any], swift: Swift, container: str
) -> None:
    swift.put(container, "in/a.txt", object_programs.TEXT)
    out = f"swift://{container}-not/out"
    args = (f"swift://{container}/in", out, "parquet", object_programs.AT_ONCE)
    job = demo.job(cluster["id"], object_programs.WORDS, *args)
    said = failed(demo, job, "DONEWITHERROR", "BUCKET_NOT_FOUND")
    assert f"{container}-not" in said


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
    job = demo.job(cluster["id"], object_programs.HALF, out, "parquet")
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
            **SUBSTITUTE,
            "fs.s3a.endpoint.region": "RegionOne",
            "fs.s3a.signing-algorithm": "AWS4UnsignedPayloadSignerType",
        }
        args = (reads, writes, "parquet", object_programs.AT_ONCE)
        job = demo.job(cluster["id"], object_programs.WORDS, *args, **configs)
        assert 'words [["one", 1], ["two", 2]]' in succeeded(demo, job)
        assert [name for name in swift.names(other) if name.endswith(".parquet")]
    finally:
        user.identity.delete(f"{path}/{keys['access']}")
        swift.remove(other)
