# SPDX-License-Identifier: Apache-2.0
"""A tree of jars from Maven Central: resolved by Maven, held to a list of checksums.

A kind of tree is a directory beside this module with a ``pom.xml`` and ``SHA256SUMS``,
the list of exactly the files that the tree has (the form of ``sha256sum``).
"""

from __future__ import annotations

import contextlib
import os
import pathlib
import re
import shutil
import tempfile
from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Mapping

from sparkaas.image import fetching
from sparkaas.image import running

#: A tree's list of its own files.
SUMS = "SHA256SUMS"
LIB = "lib"
_SECONDS = 1800.0
_COPY = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies"
_VERSION = re.compile(r"<version>([0-9][0-9A-Za-z.-]*)</version>")


def kind(name: str) -> pathlib.Path:
    """The directory that says what a tree of that kind is made of."""
    return pathlib.Path(__file__).with_name(name)


def version(source: pathlib.Path) -> str:
    """The version of that kind of tree: the project's own in its pom."""
    found = _VERSION.search((source / "pom.xml").read_text())
    if found is None:
        raise running.Failure(f"{source / 'pom.xml'} has no version.")
    return found[1]


def default(name: str) -> pathlib.Path:
    """Where such a tree is looked for by those whom nobody told another place."""
    return place(f"{name}-{version(kind(name))}")


def place(name: str) -> pathlib.Path:
    """That of the tree whose name has its version in it."""
    home = os.environ.get("XDG_CACHE_HOME") or str(pathlib.Path.home() / ".cache")
    return pathlib.Path(home, "sparkaas", name)


def make(
    source: pathlib.Path, target: pathlib.Path, say: Callable[[str], None]
) -> None:
    """Make ``target`` a tree of the kind ``source``: wholly or not at all. One that is
    whole stays as it is; another tree gives way; any other directory is refused.
    Raises ``running.Failure``."""
    wanted = read(source / SUMS)
    _check_place(target)
    if is_tree(target):
        if not (wrong := differences(wanted, target)):
            say(f"{target} is whole: {len(wanted)} jars")
            return
        say(f"{target} is made anew: {wrong}")
    for program in ("mvn", "java"):
        if shutil.which(program) is None:
            raise running.Failure(
                f"Not installed: {program}. On Debian and Ubuntu: apt install maven "
                "openjdk-17-jre-headless"
            )
    with anew(target) as new:
        log = running.Log(target.with_name(f"{target.name}.log"))
        _resolve(source, new / LIB, new.parent, log)
        log.path.unlink()
        if wrong := differences(wanted, new):
            raise running.Failure(
                f"What Maven found is not what {source / SUMS} lists: {wrong}"
            )
        shutil.copyfile(source / SUMS, new / SUMS)
    say(f"{target}: {len(wanted)} jars")


@contextlib.contextmanager
def anew(target: pathlib.Path) -> Iterator[pathlib.Path]:
    """An empty directory, alone in its own, that becomes ``target`` when all that is
    done with it went well. A tree that is there gives way then. Raises
    ``running.Failure`` for any other thing that is there."""
    _check_place(target)
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(
        dir=target.parent, prefix=f".{target.name}-"
    ) as scratch:
        new = pathlib.Path(scratch, "new")
        new.mkdir()
        yield new
        if target.exists():
            os.rename(target, pathlib.Path(scratch, "old"))
        os.rename(new, target)


def check(source: pathlib.Path, tree: pathlib.Path) -> None:
    """Raise ``running.Failure`` unless ``tree`` is a whole one of the kind
    ``source``."""
    if wrong := differences(read(source / SUMS), tree):
        raise running.Failure(f"{tree} is no tree as it should be: {wrong}")


def is_tree(place: pathlib.Path) -> bool:
    """Whether ``make`` made that directory."""
    return (place / SUMS).is_file() and (place / LIB).is_dir()


def _check_place(target: pathlib.Path) -> None:
    empty = target.is_dir() and not any(target.iterdir())
    if target.exists() and not empty and not is_tree(target):
        raise running.Failure(
            f"{target} is there and is no such tree: name another directory."
        )


def read(path: pathlib.Path) -> Mapping[str, str]:
    """The checksums of a list, by file name."""
    lines = (line.split(maxsplit=1) for line in path.read_text().splitlines())
    return {name.strip(): digest for digest, name in lines}


def differences(wanted: Mapping[str, str], tree: pathlib.Path) -> str:
    """A sentence on what in a tree is not as listed; empty when all is."""
    found = {
        f"{LIB}/{path.name}": fetching.digest(path)
        for path in sorted((tree / LIB).glob("*"))
        if path.is_file()
    }
    parts = {
        "missing": [name for name in wanted if name not in found],
        "not listed": [name for name in found if name not in wanted],
        "of another checksum": [
            name for name in found if wanted.get(name, found[name]) != found[name]
        ],
    }
    return "; ".join(
        f"{', '.join(names[:5])}{' …' if len(names) > 5 else ''} {word}"
        for word, names in parts.items()
        if names
    )


def _resolve(
    source: pathlib.Path, lib: pathlib.Path, scratch: pathlib.Path, log: running.Log
) -> None:
    """All jars into ``lib``. Maven holds each to the checksum that its repository
    has."""
    pom = scratch / "pom.xml"
    shutil.copyfile(source / "pom.xml", pom)
    options = ["-B", "-ntp", "--strict-checksums", "-f", str(pom)]
    where = [f"-DoutputDirectory={lib}", "-DincludeScope=runtime"]
    log.run(
        ["mvn", *options, _COPY, *where],
        seconds=_SECONDS,
        # Where the repositories are, and how they are reached, is the user's.
        environment=dict(os.environ),
    )
