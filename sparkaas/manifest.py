# SPDX-License-Identifier: Apache-2.0
"""What one node must be: the language between plugins and infrastructure drivers.

A plugin's ``describe`` answers one ``Manifest`` per instance; a driver realises
it. A manifest is data, a pure function of the cluster record, and holds no
secret: what is unknown until a node exists, or must not be seen, is written as
a *symbol* that the driver resolves while it renders.

Symbols have the form ``@{kind:name}`` and may stand in a file's path and
content and in a service's argv, environment, directory and probe:

=====================  =====================================================
``@{address:NODE}``    the internal address of the instance of that name
``@{root:}``           where the node's file tree begins (``""`` on a server)
``@{package:NAME}``    the directory in which a ``Package`` was found or unpacked
``@{secret:NAME}``     one of the cluster's generated secrets
``@{at:}``             a literal ``@``, see ``literal``
=====================  =====================================================
"""

from __future__ import annotations

import dataclasses
import functools
import hashlib
import json
import re
from collections.abc import Callable
from collections.abc import Mapping

_SYMBOL = re.compile(r"@\{([a-z]+):([A-Za-z0-9_.-]*)\}")


def address(instance_name: str) -> str:
    """The symbol for the internal address of an instance."""
    return f"@{{address:{instance_name}}}"


def package(name: str) -> str:
    """The symbol for a package's directory."""
    return f"@{{package:{name}}}"


def secret(name: str) -> str:
    """The symbol for one of the cluster's secrets."""
    return f"@{{secret:{name}}}"


ROOT = "@{root:}"


def temporary(service: str) -> str:
    """The temporary directory of the service of that name. Drivers make it anew
    whenever the service starts, and tell the service of it as TMPDIR."""
    return f"{ROOT}/temporary/{service}"


def literal(text: str) -> str:
    """``text`` with every ``@{`` escaped: for values that a user typed."""
    return text.replace("@{", "@{at:}{")


def render(text: str, resolve: Callable[[str, str], str]) -> str:
    """``text`` with each symbol replaced by ``resolve(kind, name)``.

    The result is not looked at again, so a value cannot smuggle a symbol in.
    ``resolve`` raises ``LookupError`` for a symbol that it does not know.
    """

    def one(match: re.Match[str]) -> str:
        kind, name = match.groups()
        return "@" if kind == "at" else resolve(kind, name)

    return _SYMBOL.sub(one, text)


def symbols(text: str) -> set[tuple[str, str]]:
    """The (kind, name) of every symbol in ``text``, escapes left out."""
    found = {(m[1], m[2]) for m in _SYMBOL.finditer(text)}
    return {(kind, name) for kind, name in found if kind != "at"}


@dataclasses.dataclass(frozen=True)
class File:
    """A file to write. ``path`` begins with ``ROOT``; ``mode`` is octal."""

    path: str
    content: str
    mode: int = 0o644


@dataclasses.dataclass(frozen=True)
class Directory:
    """A directory to make. ``path`` begins with ``ROOT``."""

    path: str
    mode: int = 0o755


@dataclasses.dataclass(frozen=True)
class Package:
    """Software that the node needs, fetched only when it is not there yet.

    ``url`` is a .tgz whose single top directory becomes ``@{package:name}``;
    ``sha256`` is checked before anything is unpacked. Both may be empty when the
    node image (or the machine, for the local driver) must have it.
    """

    name: str
    version: str
    url: str = ""
    sha256: str = ""


@dataclasses.dataclass(frozen=True)
class Probe:
    """How to see that a service is ready: exactly one of the three is set.

    ``port`` accepts TCP on the node's own address; ``url`` answers 2xx to a GET;
    ``command`` (argv) exits 0.
    """

    port: int = 0
    url: str = ""
    command: tuple[str, ...] = ()


@dataclasses.dataclass(frozen=True)
class Service:
    """A process that must run on the node.

    ``environment`` is the whole environment apart from PATH, HOME, LANG and TMPDIR
    (see ``temporary``).
    ``restart`` is ``always`` or ``never``; ``after`` names services of the same node
    that must be ready first; ``awaits`` are ``ADDRESS:PORT`` of other nodes, given a
    minute to accept TCP before it starts all the same; ``ports`` are those it listens
    on, for a check that they are free.
    """

    name: str
    argv: tuple[str, ...]
    environment: Mapping[str, str] = dataclasses.field(default_factory=dict)
    directory: str = ROOT
    restart: str = "always"
    probe: Probe | None = None
    after: tuple[str, ...] = ()
    awaits: tuple[str, ...] = ()
    ports: tuple[int, ...] = ()
    stop_seconds: int = 10


@dataclasses.dataclass(frozen=True)
class Manifest:
    """Everything that one node must be."""

    files: tuple[File, ...] = ()
    directories: tuple[Directory, ...] = ()
    packages: tuple[Package, ...] = ()
    services: tuple[Service, ...] = ()

    def digest(self) -> str:
        """A hash that is equal for equal manifests (hex SHA-256)."""
        return self._digest

    @functools.cached_property
    def _digest(self) -> str:
        text = json.dumps(dataclasses.asdict(self), sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()


@dataclasses.dataclass(frozen=True)
class Change:
    """What must happen on a living node to get from one manifest to another."""

    write: tuple[File, ...]
    remove: tuple[str, ...]
    stop: tuple[str, ...]
    start: tuple[str, ...]


def difference(old: Manifest, new: Manifest) -> Change:
    """The change that turns ``old`` into ``new``; empty when they are equal.

    A service restarts (is in ``stop`` and ``start``) when its own definition or
    any file of the node changed: a manifest does not say who reads which file.
    """
    before = {file.path: file for file in old.files}
    after = {file.path: file for file in new.files}
    write = tuple(f for p, f in after.items() if before.get(p) != f)
    remove = tuple(p for p in before if p not in after)
    were = {service.name: service for service in old.services}
    are = {service.name: service for service in new.services}
    files_moved = bool(write or remove)
    stop = tuple(n for n, s in were.items() if files_moved or are.get(n) != s)
    start = tuple(n for n, s in are.items() if files_moved or were.get(n) != s)
    return Change(write, remove, stop, start)
