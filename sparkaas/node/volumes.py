# SPDX-License-Identifier: Apache-2.0
"""The node's volumes: recognised, formatted once, mounted.

A volume's file system has the volume's own id for its UUID and our label, so it is
known again after a reboot or on another server, and is never formatted twice. Nothing
else is ever formatted, mounted or even opened than the disk that was recognised.
"""

from __future__ import annotations

import os
import pathlib
import pwd
import subprocess
import time

from sparkaas.node import disks
from sparkaas.node import documents

#: The label of the file systems that are made here (ext4 has room for 16 characters).
LABEL = "sparkaas"
_KIND = "ext4"
#: Seconds that a disk has to show itself once it is attached.
_PATIENCE = 60
_LOOK = 0.5
_COMMAND_SECONDS = 600
#: ``blkid -p`` exits so when it finds nothing at all.
_NOTHING = 2
_SAMPLE = 4096


def bring_up(wanted: list[disks.Volume], machine: disks.Machine | None = None) -> None:
    """Have each volume mounted where it belongs. Raises ``documents.Failure``, and
    ``documents.Refusal`` for what must not be touched."""
    seen = machine or disks.Machine()
    for volume in wanted:
        disk = _found(volume, wanted, seen)
        if not is_mounted(volume.path, disk, seen):
            _mount(volume, disk)
        _lead_to(volume.path)


def is_mounted(path: str, disk: disks.Disk, machine: disks.Machine) -> bool:
    """Whether the disk is mounted there. Raises ``documents.Refusal`` when something
    else is."""
    there = machine.mounts().get(path)
    if there is not None and there != disk.number:
        raise documents.Refusal(f"Another file system is mounted at {path}.")
    return there is not None


def missing(paths: list[str], machine: disks.Machine | None = None) -> list[str]:
    """Those of the mount points at which nothing is mounted."""
    mounts = (machine or disks.Machine()).mounts() if paths else {}
    return [path for path in paths if path not in mounts]


def _found(
    volume: disks.Volume, wanted: list[disks.Volume], machine: disks.Machine
) -> disks.Disk:
    end = time.monotonic() + _PATIENCE
    names = [each.device for each in wanted]
    while True:
        disk = disks.choose(volume, machine.disks(names))
        if disk is not None:
            return disk
        if time.monotonic() > end:
            raise documents.Failure(
                f"No disk of this node is volume {volume.id}, attached as "
                f"{volume.device or 'nobody says what'}."
            )
        time.sleep(_LOOK)


def _mount(volume: disks.Volume, disk: disks.Disk) -> None:
    disks.check(volume, disk)
    point = pathlib.Path(volume.path)
    if point.is_dir() and any(point.iterdir()):
        raise documents.Refusal(f"{point} is not empty: a volume would hide it.")
    if not is_ours(volume.id, signature(disk.path)):
        _format(volume, disk)
    point.mkdir(parents=True, exist_ok=True)
    options = "noatime,nodev,nosuid"
    _run("mount", "-t", _KIND, "-o", options, disk.path, str(point))
    user = pwd.getpwnam(documents.USER)
    os.chown(point, user.pw_uid, user.pw_gid)


def _format(volume: disks.Volume, disk: disks.Disk) -> None:
    _run("mkfs.ext4", "-q", "-L", LABEL, "-U", volume.id, "-m", "0", disk.path)


def is_ours(volume_id: str, found: dict[str, str]) -> bool:
    """Whether what is on a disk is the volume's file system; False: there is nothing.
    Raises ``documents.Refusal`` for anything else. Pure."""
    if not found:
        return False
    ours = {"TYPE": _KIND, "LABEL": LABEL, "UUID": volume_id}
    if {name: found.get(name) for name in ours} == ours:
        return True
    what = " ".join(f"{name}={value}" for name, value in sorted(found.items()))
    raise documents.Refusal(
        f"Volume {volume_id} is not empty and not ours, so it is left alone: {what}."
    )


def signature(path: str) -> dict[str, str]:
    """What ``blkid`` finds on a device or file: file systems, partitions, swap, RAID;
    empty: nothing. Raises ``documents.Refusal`` when it cannot tell."""
    made = _call("blkid", "-p", "-o", "export", path)
    if made.returncode == _NOTHING and _can_be_read(path):
        return {}
    if made.returncode:
        raise documents.Refusal(
            f"It cannot be told what is on {path}: blkid exits with "
            f"{made.returncode}. {made.stderr.strip()[-200:]}"
        )
    lines = [line.partition("=") for line in made.stdout.splitlines()]
    found = {name: value for name, _, value in lines if name and name != "DEVNAME"}
    return {name: value.replace("\\ ", " ") for name, value in found.items()}


def _can_be_read(path: str) -> bool:
    """``blkid`` says nothing of what it cannot open either."""
    try:
        with open(path, "rb", buffering=0) as device:
            return bool(device.read(_SAMPLE))
    except OSError:
        return False


def _lead_to(path: str) -> None:
    """Let manifests find the mount point below their own root."""
    link = pathlib.Path(f"{documents.ROOT}{path}")
    if link.is_symlink() and os.readlink(link) == path:
        return
    user = pwd.getpwnam(documents.USER)
    for parent in reversed(link.parents):
        if not parent.exists():
            parent.mkdir()
            os.chown(parent, user.pw_uid, user.pw_gid)
    try:
        link.symlink_to(path)
    except FileExistsError as error:
        raise documents.Refusal(f"{link} is there already and is no link.") from error


def _call(*argv: str) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C.UTF-8"}
    return subprocess.run(
        argv,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=_COMMAND_SECONDS,
        check=False,
        env=environment,
    )


def _run(*argv: str) -> None:
    made = _call(*argv)
    if made.returncode:
        raise documents.Failure(f"{argv[0]}: {made.stderr.strip()[-300:]}")
