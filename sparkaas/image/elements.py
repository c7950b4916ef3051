# SPDX-License-Identifier: Apache-2.0
"""Reads elements of diskimage-builder, as far as ours use it."""

from __future__ import annotations

import dataclasses
import json
import pathlib
import sys
from collections.abc import Iterable
from collections.abc import Iterator

import yaml

from sparkaas.image import running

#: Elements of diskimage-builder whose work our own stages do.
_BUILT_IN = frozenset({"package-installs", "pkg-map"})
#: Phases that our own stages run, in this order.
PHASES = ("extra-data.d", "pre-install.d", "install.d", "post-install.d")
_KNOWN = {*PHASES, "package-installs.yaml", "pkg-map", "element-deps", "README.rst"}


@dataclasses.dataclass(frozen=True)
class Distribution:
    """For which packages have their names."""

    family: str
    name: str
    release: str


def directory() -> pathlib.Path:
    """Where the elements are: in a clone beside the package, else as installed."""
    clone = pathlib.Path(__file__).parents[2] / "elements"
    installed = pathlib.Path(sys.prefix, "share", "sparkaas", "elements")
    for found in (clone, installed):
        if (found / "sparkaas" / "element-deps").is_file():
            return found
    raise running.Failure(f"There are no elements in {clone} or {installed}.")


def closure(root: pathlib.Path, names: Iterable[str]) -> list[pathlib.Path]:
    """The elements of these names and all that they need, what is needed first."""
    found: dict[str, pathlib.Path] = {}

    def visit(name: str) -> None:
        if name in found or name in _BUILT_IN:
            return
        here = root / name
        if not name or pathlib.PurePath(name).name != name or not here.is_dir():
            raise running.Failure(f"There is no element {name} in {root}.")
        dependencies = here / "element-deps"
        for each in dependencies.read_text().split() if dependencies.is_file() else ():
            visit(each)
        found[name] = here

    for name in names:
        visit(name)
    return list(found.values())


def check(elements: Iterable[pathlib.Path]) -> None:
    """Raise ``running.Failure`` for one with something that only diskimage-builder
    knows: it must not be left out silently."""
    for element in elements:
        unknown = {each.name for each in element.iterdir()} - _KNOWN
        if unknown:
            raise running.Failure(
                f"Only diskimage-builder can build with {element.name}, for it has "
                f"{', '.join(sorted(unknown))}."
            )


def packages(
    elements: Iterable[pathlib.Path], distribution: Distribution
) -> tuple[str, ...]:
    """The names of the packages that elements want, as the distribution has them."""
    return tuple(dict.fromkeys(_packages(elements, distribution)))


def _packages(
    elements: Iterable[pathlib.Path], distribution: Distribution
) -> Iterator[str]:
    for element in elements:
        path = element / "package-installs.yaml"
        if not path.is_file():
            continue
        names = _names(element, distribution)
        for name, conditions in (yaml.safe_load(path.read_text()) or {}).items():
            if conditions:
                raise running.Failure(
                    f"Only diskimage-builder can build with {element.name}, for its "
                    f"package {name} has conditions."
                )
            yield from names.get(name, name).split()


def _names(element: pathlib.Path, distribution: Distribution) -> dict[str, str]:
    """An element's ``pkg-map``: what is more special counts."""
    path = element / "pkg-map"
    if not path.is_file():
        return {}
    content = json.loads(path.read_text())
    releases = content.get("release", {}).get(distribution.name, {})
    return {
        **content.get("default", {}),
        **content.get("family", {}).get(distribution.family, {}),
        **content.get("distro", {}).get(distribution.name, {}),
        **releases.get(distribution.release, {}),
    }


def scripts(elements: Iterable[pathlib.Path], phase: str) -> list[pathlib.Path]:
    """The scripts of a phase, of all elements together, in the order of their names."""
    found = [
        script
        for element in elements
        if (element / phase).is_dir()
        for script in (element / phase).iterdir()
    ]
    return sorted(found, key=lambda script: script.name)
