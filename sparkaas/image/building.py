# SPDX-License-Identifier: Apache-2.0
"""From a plan to an image in its place: whole, or not there at all."""

from __future__ import annotations

import contextlib
import dataclasses
import os
import pathlib
import shutil
import stat
import tempfile
import time
from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Mapping

from sparkaas.image import booting
from sparkaas.image import packing
from sparkaas.image import root
from sparkaas.image import running

_OURS = ("debootstrap", "unshare", "chroot", "tar", "curl", "mkfs.ext4")


@dataclasses.dataclass(frozen=True)
class Order:
    """What is to be built, and where."""

    plan: root.Plan
    output: pathlib.Path
    qcow2: bool
    #: A file system alone instead of a disk that boots.
    container: bool
    #: The variables of the elements.
    variables: Mapping[str, str]
    cache: root.Cache


def by_stages(order: Order, log: running.Log, say: Callable[[str], None]) -> None:
    """Build with our own stages. Raises ``running.Failure``."""
    if order.qcow2:
        running.need("qemu-img")
    if not order.container:
        booting.check()
    with root_of(order, order.output, log, say) as tree:
        made = tree.parent / "image.raw"
        if order.container:
            packing.file_system(tree, made, log)
        else:
            booting.disk(tree, made, log)
        if order.qcow2:
            packing.convert(made, tree.parent / "image.qcow2", log)
            made = tree.parent / "image.qcow2"
        os.replace(made, order.output)
    say(f"{order.output}, {order.output.stat().st_size >> 20} MB")


@contextlib.contextmanager
def root_of(
    order: Order,
    beside: pathlib.Path,
    log: running.Log,
    say: Callable[[str], None],
) -> Iterator[pathlib.Path]:
    """The root directory of an image, as long as it is needed; its parent is a scratch
    directory beside a path. Raises ``running.Failure``."""
    if os.geteuid() != 0:
        raise running.Failure("Making a root directory needs root.")
    running.need(*_OURS)
    with scratch(beside) as place:
        tree = place / "root"
        kept = root.packages(order.plan, tree, order.cache, log)
        say("the packages, from the cache" if kept else "the packages")
        root.customise(order.plan, tree, order.variables, log)
        say("the elements' scripts")
        yield tree


@contextlib.contextmanager
def scratch(output: pathlib.Path) -> Iterator[pathlib.Path]:
    """A directory beside the output, so that the end of the work is one renaming."""
    made = tempfile.mkdtemp(dir=output.parent, prefix=".sparkaas-image-")
    try:
        yield pathlib.Path(made)
    finally:
        shutil.rmtree(made)


def cache(path: pathlib.Path) -> pathlib.Path:
    """The cache directory, made if need be. Raises ``running.Failure`` for one that
    somebody else could write to: images are made of what is in it."""
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    found = path.lstat()
    own = found.st_uid == os.geteuid() and not found.st_mode & 0o022
    if not stat.S_ISDIR(found.st_mode) or not own:
        raise running.Failure(f"{path} must be a directory that only you can write to.")
    return path


class Progress:
    """Says what is done, with the seconds since the beginning."""

    def __init__(self) -> None:
        self._start = time.monotonic()

    def __call__(self, what: str) -> None:
        """Say it."""
        print(f"[{time.monotonic() - self._start:4.0f} s] {what}", flush=True)
