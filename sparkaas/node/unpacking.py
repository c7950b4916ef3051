# SPDX-License-Identifier: Apache-2.0
"""Archives that somebody else made, unpacked where nothing can lead outside.

``tarfile``'s filter ``data`` (PEP 706) does it where Python has it: since 3.11.4, and
Debian 12 has 3.11.2. Elsewhere the same rules are held here.
"""

from __future__ import annotations

import os
import pathlib
import tarfile

#: Whether this Python has the filter.
HAS_FILTER = hasattr(tarfile, "data_filter")

_OWNER = 0o700
#: No setuid, setgid or sticky; nobody but the owner writes.
_MODE = 0o755


class Unsafe(Exception):
    """The archive leads outside, holds what is no file, or unpacks to too much."""


def unpack(
    archive: pathlib.Path,
    into: pathlib.Path,
    most: int,
    members_most: int,
    by_filter: bool = HAS_FILTER,
) -> None:
    """Unpack a tar file, compressed or not, into a new directory: at most ``most``
    bytes in ``members_most`` members. Raises ``Unsafe``, ``OSError`` or
    ``tarfile.TarError``."""
    into.mkdir(mode=_OWNER)
    size = 0
    with tarfile.open(archive, "r:*") as opened:
        for number, member in enumerate(opened):
            size += member.size
            if size > most or number >= members_most:
                raise Unsafe("The archive unpacks to too much.")
            if by_filter:
                opened.extract(member, into, filter="data")
            else:
                opened.extract(checked(member, into), into)


def checked(member: tarfile.TarInfo, into: pathlib.Path) -> tarfile.TarInfo:
    """The member as it may be unpacked into a directory, what has been unpacked there
    so far considered; raises ``Unsafe``."""
    root = os.path.realpath(into)
    if os.path.isabs(member.name) or not _inside(root, member.name):
        raise Unsafe(f"{member.name!r} would be outside the destination.")
    if member.issym() or member.islnk():
        # A symbolic link starts where it is, a hard link at the archive's top.
        start = os.path.dirname(member.name) if member.issym() else ""
        link = member.linkname
        if os.path.isabs(link) or not _inside(root, os.path.join(start, link)):
            raise Unsafe(f"{member.name!r} would link outside the destination.")
    elif not member.isreg() and not member.isdir():
        raise Unsafe(f"{member.name!r} is no file, directory or link.")
    member.mode = (member.mode & _MODE) | (_OWNER if member.isdir() else 0o600)
    member.uid, member.gid = os.geteuid(), os.getegid()
    member.uname = member.gname = ""
    return member


def _inside(root: str, name: str) -> bool:
    """Whether the place, links that are there already followed, is below the root."""
    place = os.path.realpath(os.path.join(root, name))
    return os.path.commonpath((root, place)) == root
