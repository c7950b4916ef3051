# SPDX-License-Identifier: Apache-2.0
"""Software: found on the image, or fetched by URL and checksum."""

from __future__ import annotations

import os
import pathlib
import re
import shutil
import tarfile
import tempfile
from typing import Any

from sparkaas.node import documents
from sparkaas.node import fetching
from sparkaas.node import unpacking

FETCHED = pathlib.Path("/opt/sparkaas/packages")
#: Where an image has its software.
ON_IMAGE = pathlib.Path("/opt")
#: The jars for Swift and S3.
EXTRAS = ("objectstore",)
#: Bytes and members that one package may unpack to.
_UNPACKED_MOST = 16 << 30
_MEMBERS_MOST = 500_000

_JAVA_VERSION = re.compile(r'^JAVA_VERSION="(?:1\.)?(\d+)', re.MULTILINE)


def extras() -> dict[str, str]:
    """What an image may have that no manifest asks for: where it is, by name."""
    places = {name: ON_IMAGE / name for name in EXTRAS}
    return {name: str(place) for name, place in places.items() if place.is_dir()}


def directory(package: dict[str, Any]) -> str:
    """Where a package is; fetched unless it is there."""
    fetched = _place(package)
    if fetched.is_dir():
        return str(fetched)
    there = _on_image(package)
    for place in there:
        if _is(package, place):
            return str(place)
    if not package["url"]:
        others = (
            f" What is in {', '.join(map(str, there))} is another." if there else ""
        )
        raise documents.Failure(
            f"The image lacks {package['name']} {package['version']}, and no URL says "
            f"where to fetch it from.{others}"
        )
    return _fetch(package)


def _on_image(package: dict[str, Any]) -> list[pathlib.Path]:
    """Where the image may have it."""
    name, version = package["name"], package["version"]
    places = [ON_IMAGE / f"{name}-{version}", ON_IMAGE / name]
    java = shutil.which("java", path=documents.PATH) if name == "java" else None
    if java:
        places.append(pathlib.Path(java).resolve().parents[1])
    return [place for place in places if place.is_dir()]


def _is(package: dict[str, Any], place: pathlib.Path) -> bool:
    """Whether it is the version asked for: of Java the least, of Spark just that.
    Others go by the name of their directory."""
    name, version = package["name"], package["version"]
    if name == "java":
        return _java_version(place) >= int(version)
    if name == "spark":
        return any((place / "jars").glob(f"spark-core_*-{version}.jar"))
    return True


def _java_version(home: pathlib.Path) -> int:
    """The feature release of a JRE, from the file that each has; 0 without it."""
    try:
        found = _JAVA_VERSION.search((home / "release").read_text(errors="replace"))
    except OSError:
        return 0
    return int(found.group(1)) if found else 0


def _place(package: dict[str, Any]) -> pathlib.Path:
    return FETCHED / f"{package['name']}-{package['version']}"


def _fetch(package: dict[str, Any]) -> str:
    url = package["url"]
    FETCHED.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=FETCHED, prefix=".new-") as scratch:
        archive = pathlib.Path(scratch) / "archive"
        label = f"{package['name']} {package['version']}"
        if fetching.download(url, archive, label) != package["sha256"]:
            raise documents.Failure(f"{url} is not the archive that was expected.")
        tree = pathlib.Path(scratch) / "tree"
        documents.keep("doing.json", {"doing": f"{label} is unpacked"})
        try:
            unpacking.unpack(archive, tree, _UNPACKED_MOST, _MEMBERS_MOST)
        except (unpacking.Unsafe, tarfile.TarError, EOFError) as error:
            raise documents.Failure(f"{url} cannot be unpacked: {error}") from error
        tops = list(tree.iterdir())
        made = tops[0] if len(tops) == 1 else tree
        if not _is(package, made):
            raise documents.Failure(f"{url} is not {label}.")
        # Services are not root.
        made.chmod(0o755)
        os.replace(made, _place(package))
    return str(_place(package))
