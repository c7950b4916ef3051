# SPDX-License-Identifier: Apache-2.0
"""Software: found on the image, or fetched by URL and checksum."""

from __future__ import annotations

import hashlib
import http.client
import os
import pathlib
import shutil
import tarfile
import tempfile
import time
import urllib.request
from typing import Any

from sparkaas.node import documents
from sparkaas.node import unpacking

FETCHED = pathlib.Path("/opt/sparkaas/packages")
#: Seconds that a download may take.
_PATIENCE = 900
_CHUNK = 1 << 20
#: Bytes and members that one package may unpack to.
_UNPACKED_MOST = 16 << 30
_MEMBERS_MOST = 500_000


def directory(package: dict[str, Any]) -> str:
    """Where a package is; fetched unless it is there."""
    return _find(package) or _fetch(package)


def _find(package: dict[str, Any]) -> str:
    fetched = _place(package)
    if fetched.is_dir():
        return str(fetched)
    name, version = package["name"], package["version"]
    for place in (f"/opt/{name}-{version}", f"/opt/{name}"):
        if os.path.isdir(place):
            return place
    java = shutil.which("java", path=documents.PATH) if name == "java" else None
    return str(pathlib.Path(java).resolve().parents[1]) if java else ""


def _place(package: dict[str, Any]) -> pathlib.Path:
    return FETCHED / f"{package['name']}-{package['version']}"


def _fetch(package: dict[str, Any]) -> str:
    url = package["url"]
    if not url:
        raise documents.Failure(
            f"The image lacks {package['name']} {package['version']}, and no URL says "
            "where to fetch it from."
        )
    FETCHED.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=FETCHED, prefix=".new-") as scratch:
        archive = pathlib.Path(scratch) / "archive"
        if _download(url, archive) != package["sha256"]:
            raise documents.Failure(f"{url} is not the archive that was expected.")
        tree = pathlib.Path(scratch) / "tree"
        try:
            unpacking.unpack(archive, tree, _UNPACKED_MOST, _MEMBERS_MOST)
        except (unpacking.Unsafe, tarfile.TarError, EOFError) as error:
            raise documents.Failure(f"{url} cannot be unpacked: {error}") from error
        tops = list(tree.iterdir())
        os.replace(tops[0] if len(tops) == 1 else tree, _place(package))
    return str(_place(package))


def _open(url: str) -> http.client.HTTPResponse:
    if not url.startswith(("http://", "https://")):
        raise documents.Failure(f"{url} is not an http URL.")
    request = urllib.request.Request(url)
    answer: http.client.HTTPResponse = urllib.request.urlopen(request, timeout=60)
    return answer


def _download(url: str, target: pathlib.Path) -> str:
    """Fetch a file; its SHA-256 in hex."""
    digest = hashlib.sha256()
    end = time.monotonic() + _PATIENCE
    try:
        with _open(url) as answer, target.open("wb") as out:
            while chunk := answer.read(_CHUNK):
                digest.update(chunk)
                out.write(chunk)
                if time.monotonic() > end:
                    raise documents.Failure(f"{url} takes longer than {_PATIENCE} s.")
    except OSError as error:
        raise documents.Failure(f"{url} cannot be fetched: {error}.") from error
    return digest.hexdigest()
