# SPDX-License-Identifier: Apache-2.0
"""Block devices as the node sees them, and which of them is a certain volume.

A node may see disks that are not its own: in a container, the whole machine's. So none
is taken for being there. A volume is the disk that shows the volume's own id as its
serial number (of which virtio has room for 20 characters), or, where the node's disks
have no serial numbers, the one that the cloud said it attached the volume as.
"""

from __future__ import annotations

import dataclasses
import os
import pathlib
import re
import stat
from collections.abc import Iterable

from sparkaas.node import documents

_SERIAL_LENGTH = 20
_SECTOR = 512
_GIB = 1 << 30
#: In SCSI's unit serial number page, before the number itself.
_PAGE_HEADER = 4


@dataclasses.dataclass(frozen=True)
class Volume:
    """A volume that the node is to have, as its cluster's cloud tells: ``size`` in
    GiB, ``device`` what it was attached as, ``path`` where it is mounted."""

    id: str
    size: int
    device: str
    path: str


@dataclasses.dataclass(frozen=True)
class Disk:
    """A block device: ``number`` is MAJOR:MINOR, ``size`` in bytes, ``serials`` the
    serial numbers and persistent names that it shows, ``users`` what has it in use."""

    path: str
    number: str
    size: int
    serials: frozenset[str] = frozenset()
    users: tuple[str, ...] = ()


def choose(volume: Volume, disks: Iterable[Disk]) -> Disk | None:
    """The disk that is the volume; None: there is none (yet). Raises
    ``documents.Refusal`` when that cannot be told for certain. Pure."""
    known = {disk.number: disk for disk in disks}
    shown = [disk for disk in known.values() if _shows(disk, volume.id)]
    if len(shown) > 1:
        paths = ", ".join(sorted(disk.path for disk in shown))
        raise documents.Refusal(f"More than one disk is volume {volume.id}: {paths}.")
    if shown:
        return shown[0]
    named = [disk for disk in known.values() if disk.path == volume.device]
    if named and named[0].serials:
        raise documents.Refusal(
            f"{volume.device} is not volume {volume.id}: it shows the serial number "
            f"{', '.join(sorted(named[0].serials))}."
        )
    return named[0] if named else None


def check(volume: Volume, disk: Disk) -> None:
    """Raise ``documents.Refusal`` unless the disk has the volume's size and nobody
    uses it. Pure."""
    if disk.size != volume.size * _GIB:
        raise documents.Refusal(
            f"{disk.path} is not volume {volume.id}: it has {disk.size} bytes, not "
            f"{volume.size} GiB."
        )
    if disk.users:
        raise documents.Refusal(
            f"{disk.path} (volume {volume.id}) is in use: {', '.join(disk.users)}."
        )


def _shows(disk: Disk, volume_id: str) -> bool:
    wanted = (volume_id, volume_id[:_SERIAL_LENGTH])
    ends = tuple(f"{mark}{each}" for mark in "-_" for each in wanted)
    return any(each in wanted or each.endswith(ends) for each in disk.serials)


class Machine:
    """The node's block devices. ``root`` is where its file system begins."""

    def __init__(self, root: str = "/") -> None:
        self._root = pathlib.Path(root)

    def disks(self, named: Iterable[str]) -> tuple[Disk, ...]:
        """Whole disks that show a serial number or are ``named`` (``/dev/vdb``)."""
        paths = {link.resolve() for link in self._links()}
        paths |= {self._at(f"dev/{each.parent.name}") for each in self._serials()}
        paths |= {self._at(each.lstrip("/")).resolve() for each in named if each}
        found = [self._disk(path) for path in sorted(paths)]
        return tuple(disk for disk in found if disk is not None)

    def number(self, path: pathlib.Path) -> str:
        """A block device's number; empty: there is no such device."""
        try:
            status = path.stat()
        except OSError:
            return ""
        if not stat.S_ISBLK(status.st_mode):
            return ""
        return f"{os.major(status.st_rdev)}:{os.minor(status.st_rdev)}"

    def mounts(self) -> dict[str, str]:
        """Mount points, each with the number of the device on it."""
        text = self._at("proc/self/mountinfo").read_text()
        rows = [line.split() for line in text.splitlines()]
        return {_unescaped(row[4]): row[2] for row in rows if len(row) > 4}

    def _at(self, path: str) -> pathlib.Path:
        return self._root / path

    def _links(self) -> list[pathlib.Path]:
        links = self._at("dev/disk/by-id").glob("*")
        return [link for link in links if not re.search(r"-part\d+$", link.name)]

    def _serials(self) -> list[pathlib.Path]:
        return list(self._at("sys/block").glob("*/serial"))

    def _disk(self, path: pathlib.Path) -> Disk | None:
        number = self.number(path)
        if not number:
            return None
        about = self._at(f"sys/dev/block/{number}")
        if (about / "partition").exists() or not (about / "size").is_file():
            return None
        shown = "/" + str(path.relative_to(self._root))
        return Disk(
            path=shown,
            number=number,
            size=int((about / "size").read_text()) * _SECTOR,
            serials=frozenset(filter(None, self._shown(path, about))),
            users=tuple(self._users(path, number, about)),
        )

    def _shown(self, path: pathlib.Path, about: pathlib.Path) -> Iterable[str]:
        for name in ("serial", "device/serial"):
            yield _text(about / name)
        yield _text(about / "device/vpd_pg80", skip=_PAGE_HEADER)
        for link in self._links():
            if link.resolve() == path.resolve():
                yield link.name

    def _users(
        self, path: pathlib.Path, number: str, about: pathlib.Path
    ) -> Iterable[str]:
        for point, device in self.mounts().items():
            if device == number:
                yield f"mounted at {point}"
        for each in sorted(about.glob("*/partition")):
            yield f"partition {each.parent.name}"
        for each in sorted(about.glob("holders/*")):
            yield f"part of {each.name}"
        if held := self.held(path):
            yield held

    def held(self, path: pathlib.Path) -> str:
        """Why the device cannot be had alone: the kernel has given it to somebody (as
        a file system, swap, part of another device, also where this node cannot see
        it), or does not let this node open it. Empty: it can."""
        try:
            os.close(os.open(path, os.O_RDONLY | os.O_EXCL | os.O_CLOEXEC))
        except OSError as error:
            return f"it cannot be opened alone: {error.strerror}"
        return ""


def _text(path: pathlib.Path, skip: int = 0) -> str:
    try:
        return path.read_bytes()[skip:].decode(errors="replace").strip("\0 \n\t")
    except OSError:
        return ""


def _unescaped(text: str) -> str:
    return re.sub(r"\\([0-7]{3})", lambda found: chr(int(found[1], 8)), text)
