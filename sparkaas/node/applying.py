# SPDX-License-Identifier: Apache-2.0
"""Makes the node what its manifest says; doing it twice changes nothing."""

from __future__ import annotations

import hashlib
import json
import os
import pathlib
import pwd
from typing import Any

from sparkaas.node import documents
from sparkaas.node import guard
from sparkaas.node import names
from sparkaas.node import packages
from sparkaas.node import site
from sparkaas.node import systemd


def apply() -> None:
    """The guard, packages, volumes, directories, files, services, in this order. What
    goes wrong is kept for ``status`` to tell."""
    with documents.alone("apply"):
        try:
            _apply()
        except Exception as error:
            text = f"{type(error).__name__}: {error}"
            documents.keep("failure.json", {"error": text})
            raise
        finally:
            (documents.STATE / "doing.json").unlink(missing_ok=True)
        (documents.STATE / "failure.json").unlink(missing_ok=True)


def _apply() -> None:
    guard.install()
    wanted = documents.Node.here().manifest["packages"]
    found = {package["name"]: packages.directory(package) for package in wanted}
    documents.keep("packages.json", {**packages.extras(), **found}, 0o644)
    if not site.follow():
        return
    node = documents.Node.here()
    names.ensure(node)
    _directories(node)
    changed = _files(node)
    changed |= _remove(node)
    _services(node, changed)
    documents.keep("applied.json", {"digest": node.digest})


def _directories(node: documents.Node) -> None:
    user = pwd.getpwnam(documents.USER)
    wanted = [(pathlib.Path(documents.ROOT), 0o755)]
    wanted += [(node.path(d["path"]), d["mode"]) for d in node.manifest["directories"]]
    for path, mode in wanted:
        for parent in (*reversed(path.parents), path):
            if not parent.exists():
                parent.mkdir()
                os.chown(parent, user.pw_uid, user.pw_gid)
        os.chmod(path, mode)
        # It may have been made for a file in it, which nobody has to write to.
        os.chown(path, user.pw_uid, user.pw_gid)


def _files(node: documents.Node) -> bool:
    """Write the files; whether any changed."""
    changed = False
    for file in node.manifest["files"]:
        mode = file["mode"] & (0o600 if "@{secret:" in file["content"] else 0o777)
        data = node.text(file["content"]).encode()
        changed |= documents.write(node.path(file["path"]), data, mode, documents.USER)
    return changed


def _remove(node: documents.Node) -> bool:
    """Remove what an older manifest wrote; whether there was any."""
    wanted = {str(node.path(file["path"])) for file in node.manifest["files"]}
    gone = set(documents.load("files.json").get("files", ())) - wanted
    for path in gone:
        pathlib.Path(path).unlink(missing_ok=True)
    documents.keep("files.json", {"files": sorted(wanted)})
    return bool(gone)


def _services(node: documents.Node, changed: bool) -> None:
    """Start, restart and remove: all restart when a file changed, for nobody says who
    reads which."""
    wanted = {systemd.name(name): each for name, each in node.services.items()}
    systemd.remove(systemd.present() - set(wanted))
    restart = set()
    for name, service in wanted.items():
        text = systemd.unit(service, _stamp(node, service))
        path = systemd.UNITS / name
        if documents.write(path, text.encode(), 0o644) or changed:
            restart.add(name)
    systemd.start(set(wanted) - restart, restart)


def _stamp(node: documents.Node, service: dict[str, Any]) -> str:
    """A hash of all that the service's command is made of."""
    known = [node.known[kind] for kind in ("address", "package", "secret")]
    text = json.dumps([service, known], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()
