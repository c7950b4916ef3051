# SPDX-License-Identifier: Apache-2.0
"""Brings a node's file tree to what was rendered, touching only what differs."""

from __future__ import annotations

import os
import pathlib
import shutil
import stat
from collections.abc import Callable
from collections.abc import Mapping
from typing import Any

from sparkaas import exceptions
from sparkaas.infra.local import layout
from sparkaas.infra.local import rendering
from sparkaas.infra.local.supervisor import files

#: Called before and after each effect with its name; tests end the world there.
Point = Callable[[str], None]


def realise(
    node: layout.Node,
    wanted: rendering.Rendered,
    document: Mapping[str, Any],
    point: Point,
) -> None:
    """Make directories and files, remove files of an earlier manifest, and last
    write ``document`` as ``services.json``. Raises ``OSError``."""
    top = node.path.parent
    for directory in (top.parent, top, node.path, *_own(node)):
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    point("after node.mkdir")
    for path, mode in wanted.directories:
        _refuse_links(node, path)
        path.mkdir(parents=True, exist_ok=True)
        path.chmod(mode)
    for service in wanted.services:
        directory = pathlib.Path(service["directory"])
        if directory.is_relative_to(node.root):
            directory.mkdir(parents=True, exist_ok=True)
    _write_files(node, wanted, point)
    if files.read_json(node.services) != document:
        files.write_json(node.services, document)
        point("after node.services")


def _own(node: layout.Node) -> tuple[pathlib.Path, ...]:
    return (node.root, node.home, node.jobs, node.logs)


def _write_files(node: layout.Node, wanted: rendering.Rendered, point: Point) -> None:
    paths = sorted(str(f.path.relative_to(node.root)) for f in wanted.files)
    had: list[str] = files.read_json(node.written) or []
    # Both lists first: a crash below then forgets no file of either manifest.
    both = sorted({*had, *paths})
    if both != had:
        files.write_json(node.written, both)
    for file in wanted.files:
        if not _is_there(file):
            _refuse_links(node, file.path)
            _write(file)
            point("after node.file")
    for path in both:
        if path not in paths:
            (node.root / path).unlink(missing_ok=True)
            point("after node.unlink")
    if paths != both:
        files.write_json(node.written, paths)


def _is_there(file: rendering.RenderedFile) -> bool:
    try:
        status = file.path.lstat()
        return (
            stat.S_ISREG(status.st_mode)
            and stat.S_IMODE(status.st_mode) == file.mode
            and file.path.read_bytes() == file.content
        )
    except (FileNotFoundError, NotADirectoryError):
        return False


def _write(file: rendering.RenderedFile) -> None:
    file.path.parent.mkdir(parents=True, exist_ok=True)
    new = file.path.with_name(f".{file.path.name}.new")
    new.unlink(missing_ok=True)
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with open(descriptor, "wb") as stream:
        stream.write(file.content)
        os.fchmod(descriptor, file.mode)
    new.replace(file.path)


def _refuse_links(node: layout.Node, path: pathlib.Path) -> None:
    """A link on the way could lead a write out of the node's directory."""
    if not path.parent.resolve().is_relative_to(node.root.resolve()):
        raise exceptions.Permanent(
            f"{path} leads out of the node's directory through a link.",
            code="MANIFEST_INVALID",
            hint="Delete the cluster: a program changed the node's files.",
        )


def remove(node: layout.Node, point: Point) -> None:
    """Remove the whole directory, the mark that it is leaving last; already gone is
    fine. Raises ``OSError`` when something still writes there."""
    try:
        for entry in node.path.iterdir():
            if entry == node.leaving:
                continue
            if entry.is_dir() and not entry.is_symlink():
                shutil.rmtree(entry, onerror=_force)
            else:
                entry.unlink(missing_ok=True)
            point("after node.remove part")
        shutil.rmtree(node.path)
    except FileNotFoundError:
        return
    point("after node.remove")


def _force(function: Callable[..., object], path: str, error: Any) -> None:
    """A job may have taken rights away from its own directories: give them back."""
    if isinstance(error[1], FileNotFoundError):
        return
    if not isinstance(error[1], PermissionError):
        raise error[1]
    pathlib.Path(path).parent.chmod(0o700)
    if not os.path.islink(path):
        os.chmod(path, 0o700)
    if function in (os.open, os.scandir):
        shutil.rmtree(path)
    else:
        function(path)
