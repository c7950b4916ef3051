# SPDX-License-Identifier: Apache-2.0
"""Makes a disk that a virtual machine boots, by BIOS or UEFI, without a mount or a loop
device: every partition is written as a file, or into its place in one.

The loader's parts are put where ``grub-install`` would put them: its first sector and
its core with where to find it, the core alone in a partition of its own (BIOS), and one
file on a FAT partition (UEFI).
"""

from __future__ import annotations

import os
import pathlib
import platform
import struct

from sparkaas.image import packing
from sparkaas.image import root
from sparkaas.image import running

#: What a machine needs beyond a container. Tools of the build are among it.
PACKAGES = (
    "linux-image-cloud-amd64",
    "initramfs-tools",
    "udev",
    "kmod",
    "grub-common",
    "grub-pc-bin",
    "grub-efi-amd64-bin",
    "dosfstools",
    "mtools",
    # The root becomes as large as the disk at the first boot.
    "cloud-guest-utils",
    "fdisk",
)

_SECTOR = 512
_MB = 1 << 20
#: Bytes at which partitions begin: the loader's core, UEFI's files, the root.
_CORE, _EFI, _ROOT = 1 * _MB, 2 * _MB, 34 * _MB
_SECONDS = 600
#: In the loader's first sector: of the sector where its core begins (8 bytes).
_AT_CORE = 0x5C
#: In the core's first sector: of the sector where its rest begins (8 bytes).
_AT_REST = 0x1F4
#: Of the first sector, what is not the partition table's.
_CODE = 440

_FIND = f"""\
search --no-floppy --label {packing.LABEL} --set root
set prefix=($root)/boot/grub
configfile $prefix/grub.cfg
"""
_MENU = f"""\
set timeout=0
linux /vmlinuz root=LABEL={packing.LABEL} ro console=tty0 console=ttyS0,115200
initrd /initrd.img
boot
"""
_MODULES = ("part_gpt", "ext2", "search", "search_label", "configfile", "linux", "boot")
_HERE = "boot/sparkaas"


def check() -> None:
    """Raise ``running.Failure`` where no such disk can be made."""
    if platform.machine() != "x86_64":
        raise running.Failure(
            f"Our own stages make no disk for {platform.machine()}: use --builder dib, "
            "or --container."
        )


def disk(tree: pathlib.Path, target: pathlib.Path, log: running.Log) -> None:
    """The root directory as a disk. Raises ``running.Failure``."""
    first, core, efi = _loader(tree, log)
    size = packing.size_of(tree)
    _table(tree, target, size, log)
    with target.open("r+b") as made:
        made.write(first)
        made.seek(_CORE)
        made.write(core)
        made.seek(_EFI)
        made.write(efi)
    packing.file_system(tree, target, log, offset=_ROOT, size=size)


def _table(
    tree: pathlib.Path, target: pathlib.Path, size: int, log: running.Log
) -> None:
    """An empty disk with its partitions, by the tree's own sfdisk."""
    made = tree / "disk.img"
    with made.open("xb") as file:
        # A copy of the partition table is at the end.
        file.truncate(_ROOT + size + _MB)
    table = (
        "label: gpt\nunit: sectors\n"
        f"start={_CORE // _SECTOR}, size={(_EFI - _CORE) // _SECTOR}, "
        "type=21686148-6449-6E6F-744E-656564454649\n"
        f"start={_EFI // _SECTOR}, size={(_ROOT - _EFI) // _SECTOR}, type=U\n"
        f"start={_ROOT // _SECTOR}, size={size // _SECTOR}, type=L\n"
    )
    sfdisk = ("/usr/sbin/sfdisk", "--quiet", "--no-reread", "--no-tell-kernel")
    root.within(
        tree, [*sfdisk, "/disk.img"], log, seconds=_SECONDS, told=table.encode()
    )
    os.replace(made, target)


def _loader(tree: pathlib.Path, log: running.Log) -> tuple[bytes, bytes, bytes]:
    """The disk's first sector, the core, and UEFI's partition; and in the tree what
    the loader reads there."""
    (tree / "boot/grub").mkdir(exist_ok=True)
    (tree / "boot/grub/grub.cfg").write_text(_MENU)
    (tree / "etc/fstab").write_text(
        f"LABEL={packing.LABEL} / ext4 defaults,errors=remount-ro 0 1\n"
    )
    here = tree / _HERE
    here.mkdir()
    (here / "find.cfg").write_text(_FIND)
    _core(tree, "i386-pc", "core.img", ("biosdisk",), log)
    _core(tree, "x86_64-efi", "boot.efi", ("fat",), log)
    size = (_ROOT - _EFI) // 1024
    for words in (
        ("mkfs.vfat", "-n", "EFI", "-C", f"/{_HERE}/efi.img", str(size)),
        ("mmd", "-i", f"/{_HERE}/efi.img", "::/EFI", "::/EFI/BOOT"),
        (
            *("mcopy", "-i", f"/{_HERE}/efi.img", f"/{_HERE}/boot.efi"),
            "::/EFI/BOOT/BOOTX64.EFI",
        ),
    ):
        root.within(tree, words, log, seconds=_SECONDS)
    first = (tree / "usr/lib/grub/i386-pc/boot.img").read_bytes()
    parts = placed(first, (here / "core.img").read_bytes(), _CORE // _SECTOR)
    efi = (here / "efi.img").read_bytes()
    for file in here.iterdir():
        file.unlink()
    here.rmdir()
    return (*parts, efi)


def _core(
    tree: pathlib.Path,
    kind: str,
    name: str,
    modules: tuple[str, ...],
    log: running.Log,
) -> None:
    made = ("grub-mkimage", "-O", kind, "-o", f"/{_HERE}/{name}", "-p", "/boot/grub")
    words = (*made, "-c", f"/{_HERE}/find.cfg", *_MODULES, "normal", *modules)
    root.within(tree, words, log, seconds=_SECONDS)


def placed(first: bytes, core: bytes, sector: int) -> tuple[bytes, bytes]:
    """The loader's first sector, as far as it is code, and its core, both told that
    the core begins at ``sector``. Raises ``running.Failure`` for one too large."""
    if len(core) > _EFI - _CORE:
        raise running.Failure("The boot loader is larger than its partition.")
    code, rest = bytearray(first[:_CODE]), bytearray(core)
    struct.pack_into("<Q", code, _AT_CORE, sector)
    struct.pack_into("<Q", rest, _AT_REST, sector + 1)
    return bytes(code), bytes(rest)
