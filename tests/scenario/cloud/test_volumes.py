# SPDX-License-Identifier: Apache-2.0
"""Volumes of Cinder's on the nodes, and a server that boots from one.

Guests of the cloud on one machine see all of its disks: whatever else happens, none of
those may change.
"""

from __future__ import annotations

import json
import pathlib
import subprocess

import pytest

from tests.scenario.cloud import programs

pytestmark = pytest.mark.long

_WELL = 600
_GIB = 1 << 30


def signatures() -> dict[str, str]:
    """What is on each disk of this machine that is no guest's."""
    found = {}
    for disk in sorted(pathlib.Path("/sys/block").iterdir()):
        if not disk.name.startswith(("loop", "zram", "ram")):
            probe = ["/usr/sbin/blkid", "-p", "-o", "export", f"/dev/{disk.name}"]
            made = subprocess.run(probe, capture_output=True, text=True, check=False)
            found[disk.name] = f"{made.returncode} {made.stdout}"
    return found


@pytest.fixture
def machine_untouched():
    before = signatures()
    yield
    assert signatures() == before


def mounted(shell, cluster, node):
    """What is mounted where, and the file systems' marks."""
    columns = "TARGET,SOURCE,FSTYPE,LABEL,UUID,SIZE"
    text = shell(
        cluster, node, f"sudo findmnt -b --json --output {columns}", user="other"
    )

    def walk(rows):
        for row in rows:
            yield row
            yield from walk(row.get("children", ()))

    rows = walk(json.loads(text)["filesystems"])
    return {row["target"]: row for row in rows}


def uuid(shell, cluster, node, device):
    """Of the file system on a device."""
    command = f"sudo blkid -p -s UUID -o value {device}"
    return shell(cluster, node, command, user="other").strip()


def test_volumes_are_formatted_once_and_stay_with_their_node(
    other, cloud, shell, nothing_left, machine_untouched
):
    asked = other.cluster(workers=1)
    asked["node_groups"][1] |= {
        "volumes_per_node": 2,
        "volumes_size": 1,
        "volume_mount_prefix": "/data/part",
        "volumes_availability_zone": "nova",
        "volume_local_to_instance": False,
    }
    cluster = other.active(other.create(asked))
    (worker,) = other.names(cluster, "worker")
    storage = cloud.as_user("other").block_storage
    volumes = {
        volume.name: volume.id
        for volume in storage.volumes()
        if volume.metadata.get("sparkaas") == cluster["id"]
    }
    assert set(volumes) == {f"{worker}-1", f"{worker}-2"}

    there = mounted(shell, cluster, worker)
    for number in (1, 2):
        found = there[f"/data/part{number}"]
        assert found["fstype"] == "ext4"
        device = found["source"]
        assert uuid(shell, cluster, worker, device) == volumes[f"{worker}-{number}"]
        assert 0.9 * _GIB < int(found["size"]) < _GIB
    assert not [path for path in there if path.startswith("/data/part3")]
    look = "getent hosts " + " ".join(other.names(cluster))
    names = shell(cluster, worker, look, user="other")
    assert len(names.splitlines()) == 2

    programs.where(other, cluster["id"])
    used = "sudo find /data/part1/spark /data/part2/spark -path '*local/*' -type d"
    used += "; sudo ls /data/part1/spark/work"
    assert "app-" in shell(cluster, worker, used, user="other")
    shell(cluster, worker, "echo kept | sudo tee /data/part2/kept", user="other")

    before = other.servers(cluster["id"])
    compute = cloud.as_user("other").compute
    compute.reboot_server(before[worker], "HARD")
    compute.wait_for_server(compute.get_server(before[worker]), wait=_WELL)
    other.well(cluster["id"], _WELL)
    kept = "cat /data/part2/kept"
    assert shell(cluster, worker, kept, user="other") == "kept\n"

    compute.delete_server(before[worker])
    compute.wait_for_delete(compute.get_server(before[worker]), wait=_WELL)
    other.well(cluster["id"], _WELL)
    after = other.servers(cluster["id"])
    assert after[worker] != before[worker]
    assert after.items() - before.items() == {(worker, after[worker])}
    assert shell(cluster, worker, kept, user="other") == "kept\n"

    other.delete(cluster["id"])
    nothing_left()


def test_a_server_may_boot_from_a_volume(other, cloud, nothing_left, machine_untouched):
    asked = other.cluster(workers=1)
    asked["node_groups"][1] |= {
        "boot_from_volume": True,
        "boot_volume_availability_zone": "nova",
    }
    cluster = other.active(other.create(asked))
    (worker,) = other.names(cluster, "worker")
    server_id = other.servers(cluster["id"])[worker]
    server = cloud.as_user("other").compute.get_server(server_id)
    assert not (server.image or {}).get("id")
    (volume,) = server.attached_volumes
    found = cloud.as_user("other").block_storage.get_volume(volume.id)
    assert found.name == f"{worker}-boot"
    assert found.is_bootable
    other.delete(cluster["id"])
    nothing_left()


@pytest.mark.parametrize(
    ("more", "of_group", "code"),
    [
        ({"domain_name": "example.org."}, {}, "NOT_OFFERED"),
        (
            {},
            {"volume_type": "nowhere", "volumes_per_node": 1, "volumes_size": 1},
            "INVALID_REFERENCE",
        ),
        ({}, {"volumes_per_node": 100, "volumes_size": 1}, "QUOTA_ERROR"),
        (
            {},
            {"boot_from_volume": True, "boot_volume_local_to_instance": True},
            "NOT_OFFERED",
        ),
        (
            {},
            {"shares": [{"id": "55555555-5555-4555-8555-555555555555"}]},
            "NOT_OFFERED",
        ),
    ],
)
def test_what_the_cloud_has_not_is_refused_and_nothing_is_made(
    other, nothing_left, more, of_group, code
):
    asked = other.cluster(workers=1, **more)
    asked["node_groups"][1] |= of_group
    answer = other.ask("POST", "clusters", asked)
    assert (answer.status_code, answer.json()["error_name"]) == (400, code)
    nothing_left()
