# SPDX-License-Identifier: Apache-2.0
"""The archives of an operator's mirror, from which nodes of plain images fetch what
their image lacks."""

from __future__ import annotations

import os
import pathlib
import re
from collections.abc import Callable

import yaml

from sparkaas.image import building
from sparkaas.image import fetching
from sparkaas.image import root
from sparkaas.image import running

_SECONDS = 900
_JAVA = re.compile(r'^JAVA_VERSION="(\d+)', re.MULTILINE)


def make(
    order: building.Order, url: str, log: running.Log, say: Callable[[str], None]
) -> None:
    """Write Spark's and Java's archives and ``versions.yaml``, an entry for ``[spark]
    version_files``, into the directory ``order.output``, from which ``url`` serves
    them. Raises ``running.Failure``."""
    order.output.mkdir(exist_ok=True)
    spark = order.variables["SPARKAAS_SPARK_VERSION"]
    with building.root_of(order, order.output / "new", log, say) as tree:
        home, release = _java(tree)
        # Links would lead to directories that the other image does not have.
        made = {
            "package": _pack(tree, f"spark-{spark}", "opt/spark", [], log),
            "java_package": _pack(tree, f"java-{release}", home, ["-h"], log),
        }
        entry: dict[str, object] = {"version": spark, "min_java": release}
        for key, path in made.items():
            target = order.output / path.name
            entry[key] = {"url": f"{url}/{path.name}", "sha256": fetching.digest(path)}
            os.replace(path, target)
            say(f"{target}, {target.stat().st_size >> 20} MB")
        new = tree / "versions.yaml"
        new.write_text(yaml.safe_dump({"versions": [entry]}, sort_keys=False))
        os.replace(new, order.output / "versions.yaml")
    say(f"{order.output / 'versions.yaml'}")


def _java(tree: pathlib.Path) -> tuple[str, int]:
    """Where the JRE is in the root, and its feature release."""
    for place in sorted((tree / "usr/lib/jvm").glob("*/release")):
        found = _JAVA.search(place.read_text())
        if found and not place.parent.is_symlink():
            return str(place.parent.relative_to(tree)), int(found.group(1))
    raise running.Failure("There is no Java among the packages.")


def _pack(
    tree: pathlib.Path, name: str, place: str, options: list[str], log: running.Log
) -> pathlib.Path:
    """A directory of the root as an archive, made inside so that its links lead where
    they lead there."""
    path = pathlib.PurePath(place)
    # Jars do not become smaller; speed counts.
    words = ["tar", "--numeric-owner", "--owner=0", "--group=0", "-I", "gzip -1"]
    files = ["-C", f"/{path.parent}", path.name]
    root.within(
        tree,
        [*words, *options, "-cf", f"/{name}.tgz", *files],
        log,
        seconds=_SECONDS,
    )
    return tree / f"{name}.tgz"
