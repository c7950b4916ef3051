# SPDX-License-Identifier: Apache-2.0
"""From a manifest to what stands on disk: symbols resolved, paths checked. Pure."""

from __future__ import annotations

import dataclasses
import hashlib
import ipaddress
import json
import os
import pathlib
import re
import sys
import urllib.parse
from collections.abc import Callable
from collections.abc import Mapping
from typing import Any

from sparkaas import exceptions
from sparkaas import manifest
from sparkaas.infra.local import layout

_SERVICE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")

#: The interpreter of the service itself comes first, so that ``python3`` on every
#: node is the one whose packages (pyspark) the nodes use.
PATH = os.pathsep.join(
    (str(pathlib.Path(sys.executable).parent), "/usr/local/bin", "/usr/bin", "/bin")
)


@dataclasses.dataclass(frozen=True)
class RenderedFile:
    """A file as it must be."""

    path: pathlib.Path
    content: bytes
    mode: int


@dataclasses.dataclass(frozen=True)
class Rendered:
    """A node as it must be; ``services`` are entries of ``services.json``."""

    digest: str
    files: tuple[RenderedFile, ...]
    directories: tuple[tuple[pathlib.Path, int], ...]
    services: tuple[Mapping[str, Any], ...]


def _defect(sentence: str) -> exceptions.Permanent:
    return exceptions.Permanent(
        sentence, code="MANIFEST_INVALID", hint="This is a defect of the plugin."
    )


class Renderer:
    """Renders manifests for one node."""

    def __init__(
        self,
        node: layout.Node,
        addresses: Mapping[str, str],
        packages: Mapping[str, str],
        secrets: Mapping[str, str],
    ) -> None:
        self._node = node
        self._address = addresses[node.name]
        self._known: dict[str, Mapping[str, str]] = {
            "address": addresses,
            "package": packages,
            "secret": secrets,
            "root": {"": str(node.root)},
        }

    def render(self, wanted: manifest.Manifest) -> Rendered:
        """Raises ``exceptions.Permanent`` for a manifest that cannot be realised."""
        files = tuple(self._file(file) for file in wanted.files)
        stamp = hashlib.sha256(
            repr([(str(f.path), f.content, f.mode) for f in files]).encode()
        ).hexdigest()
        names = [service.name for service in wanted.services]
        if len(set(names)) != len(names):
            raise _defect("Two services of a node have the same name.")
        return Rendered(
            digest=wanted.digest(),
            files=files,
            directories=tuple(
                (self._inside(directory.path), directory.mode)
                for directory in wanted.directories
            ),
            services=tuple(
                self._service(service, stamp, names) for service in wanted.services
            ),
        )

    def _text(self, text: str) -> str:
        def resolve(kind: str, name: str) -> str:
            return self._known[kind][name]

        try:
            return manifest.render(text, resolve)
        except LookupError as error:
            raise _defect(
                f"The manifest of {self._node.name} refers to an unknown {error}."
            ) from error

    def _inside(self, path: str) -> pathlib.Path:
        """The place of ``path`` below the node's root, where it must stay."""
        if not path.startswith(f"{manifest.ROOT}/"):
            raise _defect(f"The path {path} does not begin with the node's root.")
        rest = self._text(path.removeprefix(manifest.ROOT))
        joined = os.path.normpath(f"{self._node.root}/{rest}")
        if "\0" in joined or not joined.startswith(f"{self._node.root}{os.sep}"):
            raise _defect(f"The path {path} leads out of the node's directory.")
        return pathlib.Path(joined)

    def _file(self, file: manifest.File) -> RenderedFile:
        mode = file.mode & 0o777
        if _has_secret(file.content):
            mode &= 0o600
        content = self._text(file.content).encode()
        return RenderedFile(self._inside(file.path), content, mode)

    def _service(
        self, service: manifest.Service, stamp: str, names: list[str]
    ) -> Mapping[str, Any]:
        if not _SERVICE.fullmatch(service.name) or service.name == "supervisor":
            raise _defect(f"{service.name!r} is no name for a service.")
        if not service.argv:
            raise _defect(f"The service {service.name} has no command.")
        if service.restart not in ("always", "never"):
            raise _defect(f"The service {service.name} has an unknown restart rule.")
        missing = [name for name in service.after if name not in names]
        if missing:
            raise _defect(f"The service {service.name} comes after {missing[0]}.")
        if any(_has_secret(word) for word in service.argv):
            # Every user of the machine can read a command line.
            raise _defect(f"The command of {service.name} shows a secret.")
        given = {k: self._text(v) for k, v in service.environment.items()}
        return {
            "name": service.name,
            "argv": [self._text(word) for word in service.argv],
            "environment": {
                "PATH": PATH,
                "LANG": "C.UTF-8",
                **given,
                "HOME": str(self._node.home),
            },
            "directory": self._text(service.directory),
            "temporary": self._text(manifest.temporary(service.name)),
            "restart": service.restart,
            "probe": self._probe(service.probe, service.name),
            "after": list(service.after),
            "awaits": [self._text(each) for each in service.awaits],
            "ports": list(service.ports),
            "stop_seconds": service.stop_seconds,
            "stamp": stamp,
        }

    def _probe(
        self, probe: manifest.Probe | None, name: str
    ) -> Mapping[str, Any] | None:
        if probe is None:
            return None
        given = [bool(probe.port), bool(probe.url), bool(probe.command)]
        if sum(given) != 1:
            raise _defect(f"The probe of {name} is not of exactly one kind.")
        if probe.command:
            return {"command": [self._text(word) for word in probe.command]}
        if probe.port:
            return {"port": probe.port, "address": self._address}
        url = self._text(probe.url)
        if not _is_plain(url):
            raise _defect(f"The probe of {name} needs http:// and a numeric address.")
        return {"url": url}


def _is_plain(url: str) -> bool:
    """The supervisor never waits for a name server."""
    parts = urllib.parse.urlsplit(url)
    return parts.scheme == "http" and _is(ipaddress.ip_address, parts.hostname or "")


def _is(parse: Callable[[str], object], text: str) -> bool:
    try:
        parse(text)
    except ValueError:
        return False
    return True


def _has_secret(text: str) -> bool:
    return any(kind == "secret" for kind, _ in manifest.symbols(text))


def document(rendered: Rendered, log_file_bytes: int) -> dict[str, Any]:
    """The content of ``services.json``; its ``revision`` is that of all the rest, and
    covers secrets and addresses, which the manifest's digest does not."""
    value = {
        "digest": rendered.digest,
        "log_file_bytes": log_file_bytes,
        "services": [dict(service) for service in rendered.services],
    }
    text = json.dumps(value, sort_keys=True)
    return {**value, "revision": hashlib.sha256(text.encode()).hexdigest()}
