# SPDX-License-Identifier: Apache-2.0
"""Starts a daemon of HDFS on its node; standard library only.

``start.py namenode NAMES EXCLUDE -- ARGV`` formats the file system when there is none
yet, and only then. ``start.py datanode ADDRESS NAMENODE -- ARGV`` chooses the
port of the blocks. Both become the daemon then.
"""

from __future__ import annotations

import ipaddress
import os
import pathlib
import shutil
import socket
import subprocess
import sys

#: Ports that are neither a service's nor given out by the kernel, a power of two.
_FIRST, _COUNT = 16384, 16384


def namenode(names: pathlib.Path, exclude: pathlib.Path, argv: list[str]) -> list[str]:
    """The argv of the namenode. A file system is formatted beside its place and moved
    there whole, so that one half formatted is never taken for one with data."""
    if not exclude.exists():
        exclude.write_text("")
    if not names.exists():
        new = names.with_name(f"{names.name}.new")
        shutil.rmtree(new, ignore_errors=True)
        place = f"-Ddfs.namenode.name.dir=file://{new}"
        subprocess.run([*argv, place, "-format", "-nonInteractive"], check=True)
        os.rename(new, names)
    return argv


def datanode(address: str, head: str, argv: list[str]) -> list[str]:
    """The argv of the datanode. The namenode knows datanodes by the address from which
    they call and their port. Where nodes are loopback addresses of one machine, all
    call from the same; there each needs a port of its own."""
    if caller(head) == address:
        return argv
    own = _FIRST + int(ipaddress.ip_address(address)) % _COUNT
    return [*argv, f"-Ddfs.datanode.address={address}:{own}"]


def caller(other: str) -> str:
    """The address from which this node calls another. Nothing is sent."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.connect((other, 9))
        name: str = probe.getsockname()[0]
        return name


def main(words: list[str]) -> None:
    cut = words.index("--")
    (role, *told), argv = words[:cut], words[cut + 1 :]
    if role == "namenode":
        argv = namenode(pathlib.Path(told[0]), pathlib.Path(told[1]), argv)
    else:
        argv = datanode(told[0], told[1], argv)
    os.execv(argv[0], argv)  # noqa: S606


if __name__ == "__main__":
    main(sys.argv[1:])
