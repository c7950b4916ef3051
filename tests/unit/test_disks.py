# SPDX-License-Identifier: Apache-2.0
"""Which disk is a volume, and what must never be touched."""

import pathlib
import shutil
import struct
import subprocess

import pytest

from sparkaas.node import disks
from sparkaas.node import documents
from sparkaas.node import volumes

ID = "7b1c9a52-3d84-4c0e-9f61-0a5d2e8b4c37"
OTHER_ID = "7b1c9a52-3d84-4c0f-9f61-0a5d2e8b4c37"
#: Another volume whose id begins with the same 20 characters.
TWIN_ID = "7b1c9a52-3d84-4c0e-9f60-ffffffffffff"
GIB = 1 << 30
VOLUME = disks.Volume(id=ID, size=10, device="/dev/vdb", path="/volumes/disk1")


def disk(path="/dev/vdb", number="252:16", size=10 * GIB, serials=(), users=()):
    return disks.Disk(path, number, size, frozenset(serials), tuple(users))


@pytest.mark.parametrize(
    "serial",
    [
        ID[:20],
        ID,
        f"virtio-{ID[:20]}",
        f"scsi-0QEMU_QEMU_HARDDISK_{ID}",
        f"scsi-0QEMU_QEMU_HARDDISK_{ID[:20]}",
    ],
)
def test_a_disk_is_known_by_its_serial_whatever_it_is_attached_as(serial):
    found = disk("/dev/vdq", serials=[serial])
    assert disks.choose(VOLUME, [disk(serials=["x"]), found]) == found


def test_without_serials_what_the_cloud_said_counts():
    found = disk()
    assert disks.choose(VOLUME, [disk("/dev/vdc", "252:32"), found]) == found


@pytest.mark.parametrize(
    "others",
    [
        [],
        [disk("/dev/vda", "252:0")],
        [disk("/dev/vda", "252:0", serials=["root"])],
        # The same size, empty and free: a disk of the machine that holds the guest.
        [disk("/dev/sdb", "8:16")],
        [disk("/dev/vdc", "252:32", serials=[OTHER_ID[:20]])],
        [disk("/dev/vdc", "252:32", serials=[f"x{ID[:20]}"])],
        [disk("/dev/vdc", "252:32", serials=[ID[:19]])],
        [disk("/dev/vdc", "252:32", serials=[TWIN_ID])],
    ],
)
def test_no_other_disk_is_ever_taken(others):
    assert disks.choose(VOLUME, others) is None


def test_a_disk_that_shows_another_serial_is_not_taken_by_its_name():
    with pytest.raises(documents.Refusal, match="serial number other"):
        disks.choose(VOLUME, [disk(serials=["other"])])


def test_two_disks_with_one_serial_are_one_too_many():
    two = [
        disk("/dev/sda", "8:0", serials=[ID]),
        disk("/dev/sdb", "8:16", serials=[ID]),
    ]
    with pytest.raises(documents.Refusal, match="More than one disk"):
        disks.choose(VOLUME, two)


def test_one_disk_under_two_names_is_one():
    two = [disk("/dev/sda", serials=[ID]), disk("/dev/dm-name", serials=[ID])]
    assert disks.choose(VOLUME, two).number == "252:16"


@pytest.mark.parametrize("size", [10 * GIB - 512, 10 * GIB + 512, 10_000_000_000, 0])
def test_a_disk_of_another_size_is_refused(size):
    with pytest.raises(documents.Refusal, match="not 10 GiB"):
        disks.check(VOLUME, disk(size=size))


@pytest.mark.parametrize(
    "user", ["mounted at /", "partition vdb1", "part of dm-0", "held by the system"]
)
def test_a_disk_in_use_is_refused(user):
    with pytest.raises(documents.Refusal, match=user):
        disks.check(VOLUME, disk(users=[user]))


def test_a_free_disk_of_the_right_size_is_fine():
    disks.check(VOLUME, disk())


OURS = {"TYPE": "ext4", "LABEL": "sparkaas", "UUID": ID, "USAGE": "filesystem"}


def test_an_empty_disk_is_to_be_formatted_and_ours_is_not():
    assert not volumes.is_ours(ID, {})
    assert volumes.is_ours(ID, OURS)


@pytest.mark.parametrize(
    "found",
    [
        OURS | {"UUID": OTHER_ID},
        OURS | {"LABEL": "data"},
        OURS | {"TYPE": "xfs"},
        {"PTTYPE": "gpt", "PTUUID": "x"},
        {"TYPE": "LVM2_member"},
        {"TYPE": "swap"},
        {"UUID": ID},
    ],
)
def test_what_has_something_else_on_it_is_refused(found):
    with pytest.raises(documents.Refusal, match="left alone"):
        volumes.is_ours(ID, found)


class Tree(disks.Machine):
    """A machine whose ``/dev``, ``/sys`` and ``/proc`` are directories. A device is a
    plain file that holds its number."""

    busy = ()

    def __init__(self, root):
        super().__init__(str(root))
        self.root = root
        self.add_file("proc/self/mountinfo", "")

    def add_file(self, path, text):
        (self.root / path).parent.mkdir(parents=True, exist_ok=True)
        (self.root / path).write_text(text)

    def add(self, name, number, *, gib=10, serial=None, link=None, device=True):
        self.add_file(f"sys/dev/block/{number}/size", str(gib * GIB // 512))
        (self.root / "sys/block").mkdir(exist_ok=True)
        (self.root / f"sys/block/{name}").symlink_to(f"../dev/block/{number}")
        if serial is not None:
            self.add_file(f"sys/dev/block/{number}/serial", f"{serial}\n")
        if device:
            self.add_file(f"dev/{name}", number)
        if link is not None:
            (self.root / "dev/disk/by-id").mkdir(parents=True, exist_ok=True)
            (self.root / "dev/disk/by-id" / link).symlink_to(f"../../{name}")

    def number(self, path: pathlib.Path) -> str:
        return path.read_text() if path.is_file() else ""

    def held(self, path: pathlib.Path) -> str:
        return "held by the system" if path.name in self.busy else ""


@pytest.fixture
def tree(tmp_path):
    return Tree(tmp_path)


def paths(found):
    return [each.path for each in found]


def test_a_machine_shows_disks_with_serials_and_those_that_are_named(tree):
    tree.add("vda", "252:0", serial="root")
    tree.add("vdb", "252:16", link=f"virtio-{ID[:20]}")
    tree.add("vdc", "252:32")
    tree.add("vdd", "252:48")
    assert paths(tree.disks(["/dev/vdc"])) == ["/dev/vda", "/dev/vdb", "/dev/vdc"]
    assert disks.choose(VOLUME, tree.disks([])).path == "/dev/vdb"


def test_a_disk_of_the_machine_that_the_node_has_no_device_of_is_not_shown(tree):
    tree.add("vda", "252:0", serial=ID[:20], device=False)
    assert tree.disks(["/dev/vda", ""]) == ()


def test_partitions_are_no_disks(tree):
    tree.add("vdb", "252:16", link=f"virtio-{ID[:20]}")
    tree.add("vdb1", "252:17", link=f"virtio-{ID[:20]}-part1")
    tree.add_file("sys/dev/block/252:17/partition", "1")
    assert paths(tree.disks(["/dev/vdb1"])) == ["/dev/vdb"]


def test_a_scsi_disk_shows_its_page(tree):
    tree.add("sda", "8:0", link="scsi-x")
    tree.add_file("sys/dev/block/8:0/device/vpd_pg80", f"\0\0\0\0{ID}")
    assert disks.choose(VOLUME, tree.disks([])).path == "/dev/sda"


def test_who_uses_a_disk_is_told(tree):
    tree.add("vdb", "252:16")
    tree.add_file("sys/dev/block/252:16/vdb1/partition", "1")
    tree.add_file("sys/dev/block/252:16/holders/dm-0", "")
    row = "36 35 252:16 / /a\\040b rw - ext4 /dev/vdb rw\n"
    tree.add_file("proc/self/mountinfo", row)
    tree.busy = ("vdb",)
    (found,) = tree.disks(["/dev/vdb"])
    assert found.users == (
        "mounted at /a b",
        "partition vdb1",
        "part of dm-0",
        "held by the system",
    )
    assert found.size == 10 * GIB


def test_something_else_at_the_mount_point_is_refused(tree):
    tree.add_file("proc/self/mountinfo", "36 35 8:1 / /volumes/disk1 rw - ext4 x rw\n")
    with pytest.raises(documents.Refusal, match="Another file system"):
        volumes.is_mounted("/volumes/disk1", disk(), tree)
    assert volumes.is_mounted("/volumes/disk1", disk(number="8:1"), tree)
    assert not volumes.is_mounted("/volumes/disk2", disk(), tree)
    assert volumes.missing(["/volumes/disk1", "/volumes/disk2"], tree) == [
        "/volumes/disk2"
    ]


def mbr():
    """A partition table with one partition of 4 MiB and nothing else."""
    row = struct.pack("<B3sB3sII", 0, b"\0\2\0", 0x83, b"\0\0\0", 2048, 8192)
    return bytes(440) + b"mark\0\0" + row + bytes(48) + b"\x55\xaa"


needs_tools = pytest.mark.skipif(
    shutil.which("mkfs.ext4", path="/usr/sbin:/sbin") is None, reason="no mkfs.ext4"
)


@pytest.fixture
def image(tmp_path):
    """A file in the place of a disk."""
    path = tmp_path / "image"
    with path.open("wb") as file:
        file.truncate(16 << 20)
    return path


@needs_tools
def test_a_file_is_formatted_once_and_known_again(image):
    assert volumes.signature(str(image)) == {}
    volumes._format(VOLUME, disk(str(image)))
    found = volumes.signature(str(image))
    assert volumes.is_ours(ID, found)
    with pytest.raises(documents.Refusal):
        volumes.is_ours(OTHER_ID, found)


@needs_tools
def test_a_partition_table_and_swap_are_seen(image):
    mkswap = shutil.which("mkswap", path="/usr/sbin:/sbin")
    subprocess.run([mkswap, str(image)], check=True, capture_output=True)
    assert volumes.signature(str(image))["TYPE"] == "swap"
    image.write_bytes(mbr() + bytes(16 << 20))
    with pytest.raises(documents.Refusal, match="PTTYPE=dos"):
        volumes.is_ours(ID, volumes.signature(str(image)))


@needs_tools
def test_what_cannot_be_read_is_not_empty(tmp_path):
    with pytest.raises(documents.Refusal, match="cannot be told"):
        volumes.signature(str(tmp_path / "nothing"))
