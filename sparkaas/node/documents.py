# SPDX-License-Identifier: Apache-2.0
"""What lies in the node's state directory, and the symbols that it is written in.

``manifest.json`` is the manifest with its symbols in place, ``facts.json`` what they
mean on this node, ``packages.json`` where packages were found; ``site.json`` is what
can only be told once the cluster's stack is whole: names and volumes. ``applied.json``,
``files.json`` and ``failure.json`` tell what became of it.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import pathlib
import pwd
import re
import tempfile
from collections.abc import Iterator
from typing import Any

STATE = pathlib.Path("/var/lib/sparkaas")
#: Where the paths of manifests begin.
ROOT = "/opt/sparkaas/node"
#: The user that services and jobs run as.
USER = "spark"
PATH = "/usr/local/bin:/usr/bin:/bin"

_SYMBOL = re.compile(r"@\{([a-z]+):([A-Za-z0-9_./-]*)\}")


class Failure(Exception):
    """The node cannot become what it must be; the text says why."""


class Refusal(Failure):
    """What was asked would touch what is not the node's to touch."""


@contextlib.contextmanager
def alone(what: str) -> Iterator[None]:
    """One process of the node at a time does that; another waits for it to end."""
    STATE.mkdir(parents=True, exist_ok=True)
    with open(STATE / f"{what}.lock", "w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def load(name: str) -> dict[str, Any]:
    """A document of the state directory; empty when there is none."""
    try:
        found: dict[str, Any] = json.loads((STATE / name).read_text())
    except FileNotFoundError:
        return {}
    return found


def keep(name: str, value: dict[str, Any], mode: int = 0o600) -> None:
    """Write a document of the state directory."""
    write(STATE / name, json.dumps(value, sort_keys=True).encode(), mode)


def write(path: pathlib.Path, data: bytes, mode: int, owner: str = "root") -> bool:
    """Write a whole file atomically unless it is so already; whether it changed."""
    user = pwd.getpwnam(owner)
    if path.is_file() and not path.is_symlink() and path.read_bytes() == data:
        os.chmod(path, mode)
        os.chown(path, user.pw_uid, user.pw_gid)
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=".sparkaas-")
    try:
        with open(descriptor, "wb") as stream:
            stream.write(data)
            os.fchmod(descriptor, mode)
            os.fchown(descriptor, user.pw_uid, user.pw_gid)
        os.replace(name, path)
    except BaseException:
        os.unlink(name)
        raise
    return True


class Node:
    """The manifest, and what its symbols mean here."""

    def __init__(
        self,
        manifest: dict[str, Any],
        facts: dict[str, Any],
        packages: dict[str, str],
    ) -> None:
        self.manifest = manifest
        self.name: str = facts.get("name", "")
        #: Of the manifest, as the conductor knows it.
        self.digest: str = facts.get("digest", "")
        #: Where its volumes are mounted.
        self.volumes: list[str] = facts.get("volumes", [])
        self.known: dict[str, dict[str, str]] = {
            "address": facts.get("addresses", {}),
            "secret": facts.get("secrets", {}),
            "root": {"": ROOT},
            "package": packages,
            "at": {"": "@"},
        }

    @classmethod
    def here(cls) -> Node:
        """As the state directory has it."""
        return cls(load("manifest.json"), load("facts.json"), load("packages.json"))

    @property
    def services(self) -> dict[str, dict[str, Any]]:
        """Services by name."""
        return {each["name"]: each for each in self.manifest.get("services", [])}

    def text(self, text: str) -> str:
        """``text`` with its symbols resolved."""

        def one(match: re.Match[str]) -> str:
            kind, name = match.groups()
            try:
                return self.known[kind][name]
            except KeyError:
                raise Failure(f"The manifest names an unknown {kind} {name}.") from None

        return _SYMBOL.sub(one, text)

    def path(self, text: str) -> pathlib.Path:
        """A manifest's path, which must stay inside the node's tree."""
        made = os.path.normpath(self.text(text))
        if made != ROOT and not made.startswith(f"{ROOT}/"):
            raise Failure(f"The path {text} leads out of the node's tree.")
        return pathlib.Path(made)
