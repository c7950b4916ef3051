# SPDX-License-Identifier: Apache-2.0
"""What a node is told once the cluster's stack is whole: ``site.json``.

``hosts`` are the cluster's names, ``volumes`` what was attached to this node,
``shares`` what it is to mount of others. It is followed when it comes, and at each
boot.
"""

from __future__ import annotations

import json
import pathlib
import subprocess
import sys
from typing import Any

from sparkaas.node import disks
from sparkaas.node import documents
from sparkaas.node import systemd
from sparkaas.node import volumes

HOSTS = pathlib.Path("/etc/hosts")
_BEGIN = "# sparkaas: begin"
_END = "# sparkaas: end"
#: A node that was done without having been told what it needs.
_WAITING = "waiting.json"
_MOUNT_SECONDS = 90


def take() -> None:
    """Keep the document on stdin and follow it. A node that waited for it goes on."""
    found = json.load(sys.stdin)
    with documents.alone("site"):
        documents.keep("site.json", found)
        _follow(found)
        waited = documents.STATE / _WAITING
        if waited.exists():
            waited.unlink()
            systemd.again("sparkaas-node.service")


def follow() -> bool:
    """Follow the document that is kept. False: it must come first."""
    with documents.alone("site"):
        found = documents.load("site.json")
        if not found and documents.load("facts.json").get("volumes"):
            documents.keep(_WAITING, {})
            return False
        _follow(found)
    return True


def _follow(found: dict[str, Any]) -> None:
    text = HOSTS.read_text() if HOSTS.is_file() else ""
    documents.write(HOSTS, hosts(text, found.get("hosts", [])).encode(), 0o644)
    volumes.bring_up([disks.Volume(**each) for each in found.get("volumes", [])])
    _shares(found.get("shares", []))


def hosts(text: str, rows: list[list[str]]) -> str:
    """``/etc/hosts`` with the rows (address, names) in it and all else kept. Pure."""
    kept, inside = [], False
    for line in text.splitlines():
        if line == _BEGIN:
            inside = True
        if not inside:
            kept.append(line)
        if line == _END:
            inside = False
    if rows:
        kept += [_BEGIN, *(" ".join(row) for row in rows), _END]
    return "\n".join(kept) + "\n"


def _shares(wanted: list[dict[str, Any]]) -> None:
    """Mount what is not mounted, unmount what was and is not wanted any more."""
    mounts = disks.Machine().mounts()
    paths = [share["path"] for share in wanted]
    had = documents.load("shares.json").get("paths", [])
    documents.keep("shares.json", {"paths": sorted({*had, *paths})})
    for path in had:
        if path not in paths and path in mounts:
            _mount_command("umount", path)
    for share in wanted:
        if share["path"] not in mounts:
            pathlib.Path(share["path"]).mkdir(parents=True, exist_ok=True)
            options = "ro,nosuid,nodev" if share["readonly"] else "rw,nosuid,nodev"
            _mount_command(
                *("mount", "-t", share["kind"], "-o", options),
                *(share["source"], share["path"]),
            )
    documents.keep("shares.json", {"paths": sorted(paths)})


def _mount_command(*argv: str) -> None:
    made = subprocess.run(
        argv,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=_MOUNT_SECONDS,
        check=False,
        env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C.UTF-8"},
    )
    if made.returncode:
        raise documents.Failure(f"{' '.join(argv)}: {made.stderr.strip()[-300:]}")
