# SPDX-License-Identifier: Apache-2.0
"""What the machine lacks, as a user meets it: the real service, the CLI."""

from __future__ import annotations

import os
import pathlib
import shutil
import subprocess
from collections.abc import Iterator

import pytest

from tests.scenario import harness
from tests.scenario import saying

pytestmark = pytest.mark.slow


def test_no_java(new_service, tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path / "nothing"))
    monkeypatch.delenv("JAVA_HOME", raising=False)
    service = new_service()
    service.start()
    done = service.cli("cluster", "create", "x", "--workers", "1", "--wait")
    saying.refused(done, "no Java", hint="openjdk-17")
    done = service.cli(
        "run", "--workers", "1", saying.write(tmp_path, "app.py", saying.COUNTS)
    )
    saying.refused(done, "no Java", hint="openjdk-17")

    [image] = service.call("GET", "images").json()["images"][:1]
    plugin = service.call("GET", "plugins/spark").json()["plugin"]
    flavors = service.call("GET", "flavors").json()["flavors"]
    group = {"flavor_id": flavors[0]["id"], "count": 1}
    body = {
        "name": "x",
        "plugin_name": "spark",
        "plugin_version": plugin["versions"][0],
        "default_image_id": image["id"],
        "node_groups": [
            {"name": "m", "node_processes": ["master"], **group},
            {"name": "w", "node_processes": ["slave"], **group},
        ],
    }
    said = service.call("POST", "clusters", body).json()
    assert said["error_name"] == "JAVA_MISSING"
    assert service.call("GET", "clusters").json()["clusters"] == []


@pytest.fixture
def small_disk(new_service) -> Iterator[harness.Service]:
    """A service whose state directory is a file system of 16 MB."""
    service = new_service()
    mount, umount = shutil.which("mount"), shutil.which("umount")
    if os.geteuid() != 0 or mount is None or umount is None:
        pytest.skip("a full disk: only root can mount a small one")
    service.state.mkdir(parents=True)
    words = [mount, "-t", "tmpfs", "-o", "size=16m", "tmpfs", str(service.state)]
    done = subprocess.run(words, capture_output=True, text=True)
    if done.returncode:
        service.state.rmdir()
        pytest.skip(f"a full disk: mounting is not allowed here: {done.stderr}")
    try:
        service.start()
        yield service
    finally:
        (service.state / "filler").unlink(missing_ok=True)
        try:
            service.clean()
        finally:
            if service.running:
                service.kill()
            subprocess.run([umount, str(service.state)], check=True)
            service.state.rmdir()


def _fill(directory: pathlib.Path) -> None:
    """Leave no room in the file system."""

    def write(size: int) -> None:
        with (directory / "filler").open("ab", buffering=0) as file:
            while True:
                file.write(b"x" * size)

    for size in (1 << 16, 1):
        with pytest.raises(OSError, match="No space left"):
            write(size)


def test_a_full_disk(small_disk, tmp_path):
    service = small_disk
    done = service.cli("cluster", "create", "x", "--workers", "1", "--wait")
    saying.refused(done, "is full", hint="Make room")

    created = service.call("POST", "job-binaries", {"name": "big.py"})
    assert created.status_code == 202, created.text
    id = created.json()["job_binary"]["id"]
    big = tmp_path / "big.py"
    big.write_bytes(b"#" * (24 << 20))
    with big.open("rb") as data:
        answer = service.call("PUT", f"job-binaries/{id}/data", data=data)
    assert answer.json()["error_name"] == "STORE_FULL"
    assert answer.json()["hint"]

    _fill(service.state)
    answer = service.call("POST", "job-binaries", {"name": "small.py"})
    assert answer.status_code == 503, answer.text
    assert answer.json()["error_name"] == "DISK_FULL"
    assert answer.json()["hint"]
    saying.refused(service.cli("cluster", "delete", "x"))

    assert service.end() == 0
    again = subprocess.run(
        [harness.BIN / "sparkaas-all", "--api-port", "0"],
        env=harness.environment(service.state),
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert again.returncode == 1
    assert "is full" in again.stderr
    assert "Traceback" not in again.stderr

    (service.state / "filler").unlink()
    service.start()
    [kept] = service.call("GET", "job-binaries").json()["binaries"]
    assert kept["id"] == id
