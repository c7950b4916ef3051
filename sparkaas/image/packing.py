# SPDX-License-Identifier: Apache-2.0
"""Packs a root directory into one file, without a mount or a loop device."""

from __future__ import annotations

import os
import pathlib
import stat
from collections.abc import Iterator

from sparkaas.image import running

_MB = 1 << 20
_SECONDS = 900
#: What cloud images call their root.
LABEL = "cloudimg-rootfs"


def check(output: pathlib.Path) -> None:
    """Raise ``running.Failure`` unless a file can be made there. A block device, or a
    link to one, is never written to."""
    try:
        found = os.lstat(output)
    except FileNotFoundError:
        found = None
    if found is not None and not stat.S_ISREG(found.st_mode):
        raise running.Failure(f"{output} is there and is not a plain file.")
    if not output.parent.is_dir():
        raise running.Failure(f"{output.parent} is not a directory.")


def size_of(root: pathlib.Path) -> int:
    """Bytes of a file system that is just large enough for the root."""
    return (sum(_sizes(root)) * 107 // 100 // _MB + 48) * _MB


def file_system(
    root: pathlib.Path,
    target: pathlib.Path,
    log: running.Log,
    offset: int = 0,
    size: int = 0,
) -> None:
    """The root as an ext4 file system: a new file that is just large enough, or
    ``size`` bytes at ``offset`` of one that is there. Nova, or cloud-init's growpart,
    makes it as large as the flavor's disk."""
    if not size:
        size = size_of(root)
        with target.open("xb") as made:
            made.truncate(size)
    extended = f"lazy_itable_init=0,offset={offset}"
    features = ("-m", "0", "-J", "size=8", "-E", extended)
    words = ("mkfs.ext4", "-q", "-F", *features, "-L", LABEL, "-d")
    command = [*words, str(root), str(target), f"{size >> 10}k"]
    log.run(command, seconds=_SECONDS)


def _sizes(root: pathlib.Path) -> Iterator[int]:
    """Bytes that each thing takes, in whole blocks, with its inode."""
    for directory, names, files in os.walk(root):
        for name in (*names, *files):
            size = os.lstat(os.path.join(directory, name)).st_size
            yield (size + 4095) // 4096 * 4096 + 256


def convert(raw: pathlib.Path, target: pathlib.Path, log: running.Log) -> None:
    """A raw image as a compressed qcow2."""
    words = ("convert", "-c", "-f", "raw", "-O", "qcow2", "--")
    log.run(["qemu-img", *words, str(raw), str(target)], seconds=_SECONDS)
