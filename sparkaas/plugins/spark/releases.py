# SPDX-License-Identifier: Apache-2.0
"""The Spark versions on offer: data, read once from files."""

from __future__ import annotations

import dataclasses
import importlib.metadata
import pathlib
import re
from collections.abc import Iterable
from collections.abc import Mapping
from typing import Any

import yaml

from sparkaas import exceptions
from sparkaas import manifest
from sparkaas.plugins import base

OWN_FILE = pathlib.Path(__file__).with_name("versions.yaml")

_VERSION = re.compile(r"[0-9][A-Za-z0-9.+-]{0,30}")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_KEYS = {"version", "package", "java_package", "image_tags", "min_java", "labels"}

#: Label -> (default, can be changed, description).
_LABELS: Mapping[str, tuple[bool, bool, str]] = {
    "enabled": (True, True, "Clusters of it can be created and scaled."),
    "hidden": (False, True, "Clients should not show it by default."),
    "stable": (True, False, "Known to work."),
    "deprecated": (False, False, "Will be removed; use a newer version."),
}


@dataclasses.dataclass(frozen=True)
class SparkVersion:
    """One version and what its nodes need."""

    offer: base.Version
    spark: manifest.Package
    java: manifest.Package


def load(files: Iterable[str]) -> Mapping[str, SparkVersion]:
    """The versions by name, best first. Raises ``exceptions.SparkaasError`` naming the
    file and the entry for one that is not of the form in ``versions.yaml``."""
    found: dict[str, SparkVersion] = {}
    if installed := installed_version():
        found[installed] = parse({"version": installed})
    for path in (OWN_FILE, *map(pathlib.Path, files)):
        for number, entry in enumerate(_entries(path), start=1):
            try:
                version = parse(entry)
            except ValueError as error:
                raise exceptions.SparkaasError(
                    f"{path}, version {number}: {error}"
                ) from None
            found[version.offer.name] = version
    return dict(sorted(found.items(), key=lambda item: _rank(item[1]), reverse=True))


def installed_version() -> str:
    """The version of the pyspark package beside the service; empty without one."""
    try:
        return importlib.metadata.version("pyspark")
    except importlib.metadata.PackageNotFoundError:
        return ""


def parse(entry: object) -> SparkVersion:
    """One entry of a file; raises ``ValueError`` saying what is wrong."""
    if not isinstance(entry, dict):
        raise ValueError("an entry must be a mapping")
    if unknown := set(entry) - _KEYS:
        raise ValueError(f"unknown: {', '.join(sorted(map(str, unknown)))}")
    name = entry.get("version")
    if not isinstance(name, str) or not _VERSION.fullmatch(name):
        raise ValueError("version must be a text such as '4.1.0'")
    tags = entry.get("image_tags", ["spark", name])
    if not isinstance(tags, list) or not all(isinstance(tag, str) for tag in tags):
        raise ValueError("image_tags must be a list of texts")
    java = entry.get("min_java", 17)
    if not isinstance(java, int) or isinstance(java, bool) or java < 8:
        raise ValueError("min_java must be a number such as 17")
    return SparkVersion(
        offer=base.Version(
            name=name,
            labels=labels(entry.get("labels") or {}),
            required_image_tags=tuple(tags),
        ),
        spark=_package("spark", name, entry, "package"),
        java=_package("java", str(java), entry, "java_package"),
    )


def labels(given: Mapping[str, Any]) -> Mapping[str, base.Label]:
    """All labels, with the values of ``given`` over the defaults."""
    if not isinstance(given, dict) or set(given) - set(_LABELS):
        raise ValueError(f"labels are {', '.join(_LABELS)}")
    if not all(isinstance(value, bool) for value in given.values()):
        raise ValueError("a label is true or false")
    return {
        name: base.Label(
            status=given.get(name, default), mutable=mutable, description=text
        )
        for name, (default, mutable, text) in _LABELS.items()
    }


def _package(
    name: str, version: str, entry: Mapping[str, Any], key: str
) -> manifest.Package:
    given = entry.get(key) or {}
    if not isinstance(given, dict) or set(given) - {"url", "sha256"}:
        raise ValueError(f"{key} has url and sha256")
    url, sha256 = given.get("url", ""), given.get("sha256", "")
    if bool(url) != bool(sha256):
        raise ValueError(f"{key} needs both url and sha256")
    if url and not str(url).startswith(("https://", "http://")):
        raise ValueError(f"{key}.url must begin with https:// or http://")
    if sha256 and not _SHA256.fullmatch(str(sha256)):
        raise ValueError(f"{key}.sha256 must be 64 hexadecimal digits")
    return manifest.Package(name, version, str(url), str(sha256))


def _entries(path: pathlib.Path) -> list[object]:
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, yaml.YAMLError) as error:
        raise exceptions.SparkaasError(
            f"The version file {path} cannot be read: {error}"
        ) from None
    versions = content.get("versions") if isinstance(content, dict) else None
    if not isinstance(versions, list) or set(content) != {"versions"}:
        raise exceptions.SparkaasError(f"{path} must hold one list, versions")
    return versions


def _rank(version: SparkVersion) -> tuple[bool, list[tuple[int, int, str]]]:
    """Deprecated ones last, else by number: 4.10 above 4.9."""
    words = re.findall(r"\d+|[A-Za-z]+", version.offer.name)
    number = [(1, int(word), "") if word.isdigit() else (0, 0, word) for word in words]
    return not version.offer.labels["deprecated"].status, number
