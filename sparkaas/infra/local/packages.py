# SPDX-License-Identifier: Apache-2.0
"""Where a node's software comes from: the machine itself, or an archive."""

from __future__ import annotations

import dataclasses
import importlib.metadata
import importlib.util
import os
import pathlib
from collections.abc import Callable
from collections.abc import Mapping
from collections.abc import Sequence

from sparkaas import exceptions
from sparkaas import manifest
from sparkaas.infra.local import archives
from sparkaas.infra.local import java

#: Answers where the machine has a package, or None.
Finder = Callable[[manifest.Package], pathlib.Path | None]


@dataclasses.dataclass(frozen=True)
class Located:
    """``directories`` by package name; ``missing`` says what is still fetched."""

    directories: Mapping[str, str]
    missing: tuple[str, ...] = ()


def installed_spark() -> tuple[str, pathlib.Path] | None:
    """Version and directory of the Spark distribution in the ``pyspark`` package,
    which is not imported; None when there is none, or only its thin client."""
    try:
        version = importlib.metadata.version("pyspark")
    except importlib.metadata.PackageNotFoundError:
        return None
    spec = importlib.util.find_spec("pyspark")
    for place in (spec.submodule_search_locations or ()) if spec else ():
        if (pathlib.Path(place) / "bin" / "spark-class").is_file():
            return version, pathlib.Path(place)
    return None


def find_spark(package: manifest.Package) -> pathlib.Path | None:
    """The installed distribution, if it is of just the version asked for."""
    found = installed_spark()
    if found is None or found[0] != package.version:
        return None
    return found[1]


def hadoop_finder(home: str, environ: Mapping[str, str] = os.environ) -> Finder:
    """Finds the tree that ``sparkaas-image hadoop`` made, in ``home``, or where that
    command puts it unless told another place."""

    def find(package: manifest.Package) -> pathlib.Path | None:
        place = pathlib.Path(home).expanduser()
        if not home:
            cache = environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache"
            place = pathlib.Path(cache, "sparkaas", f"hadoop-{package.version}")
        if (place / "lib" / f"hadoop-hdfs-{package.version}.jar").is_file():
            return place
        if package.url:
            return None
        raise exceptions.Permanent(
            f"There is no Hadoop {package.version} in {place}.",
            code="PACKAGE_MISSING",
            hint=f"Make it once, by: sparkaas-image hadoop {place}",
        )

    return find


def find_notebook(package: manifest.Package) -> pathlib.Path | None:
    """The Python environment that JupyterLab was installed into: that which the
    service runs in, or one that it sees the packages of."""
    spec = importlib.util.find_spec("jupyterlab")
    kernel = importlib.util.find_spec("ipykernel")
    if spec is not None and spec.origin is not None and kernel is not None:
        for place in pathlib.Path(spec.origin).parents:
            if (place / "bin" / "python3").exists():
                return place
    if package.url:
        return None
    raise exceptions.Permanent(
        "There is no JupyterLab in the Python environment of the service.",
        code="PACKAGE_MISSING",
        hint="Install it there, by: pip install 'sparkaas[notebook]'",
    )


def find_objectstore(
    home: str, environ: Mapping[str, str] = os.environ
) -> pathlib.Path | None:
    """The tree that ``sparkaas-image objectstore`` made, likewise; None without one."""
    place = pathlib.Path(home).expanduser()
    if not home:
        cache = environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache"
        found = sorted(pathlib.Path(cache, "sparkaas").glob("objectstore-*/lib"))
        place = found[-1].parent if found else pathlib.Path(cache)
    return place if any((place / "lib").glob("hadoop-aws-*.jar")) else None


class Packages:
    """Locates packages: first by the finder of that name, then by URL.

    ``extras`` are trees that no manifest asks for: nodes have them as they are here.
    """

    def __init__(
        self,
        finders: Mapping[str, Finder],
        fetched: archives.Archives,
        machine_java: java.Java,
        extras: Mapping[str, Callable[[], pathlib.Path | None]] | None = None,
    ) -> None:
        self._extras = extras or {}
        self._java = machine_java
        self._archives = fetched
        self._finders = {"java": self._find_java, **finders}

    def check(self) -> None:
        """Raise ``exceptions.InvalidRequest`` when what every node needs is missing."""
        self._java.find()

    def extras(self) -> dict[str, str]:
        """The directory of each extra that is here now, by name."""
        found = {name: find() for name, find in self._extras.items()}
        return {name: str(place) for name, place in found.items() if place is not None}

    def locate(self, packages: Sequence[manifest.Package]) -> Located:
        """Find each; begin to fetch, or go on fetching, what is not here. Raises
        ``exceptions.Permanent`` or ``Transient``."""
        directories: dict[str, str] = {}
        missing: list[str] = []
        for package in packages:
            place = self._find(package)
            if isinstance(place, pathlib.Path):
                directories[package.name] = str(place)
            else:
                missing.append(place)
        return Located(directories, tuple(missing))

    def _find(self, package: manifest.Package) -> pathlib.Path | str:
        finder = self._finders.get(package.name)
        place = finder(package) if finder is not None else None
        if place is not None:
            return place
        if package.url:
            return self._archives.find(package)
        raise exceptions.Permanent(
            f"{package.name} {package.version} is not on this machine.",
            code="PACKAGE_MISSING",
            hint="Choose an installed version, or give this one a URL and a sha256 in "
            "a file of [spark] version_files.",
        )

    def _find_java(self, package: manifest.Package) -> pathlib.Path:
        try:
            return self._java.find(package.version)
        except exceptions.InvalidRequest as error:
            raise exceptions.Permanent(
                error.message, code=error.code, hint=error.hint
            ) from error
