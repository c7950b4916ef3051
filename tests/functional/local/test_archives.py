# SPDX-License-Identifier: Apache-2.0
"""Packages come from a server, checked, while the service goes on."""

from __future__ import annotations

import hashlib
import http.server
import io
import tarfile

import pytest

from sparkaas import exceptions
from sparkaas import manifest
from sparkaas.infra.local import archives
from tests.functional.local import cloud as local_cloud
from tests.servers import answering


def _archive() -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        info = tarfile.TarInfo("spark-1/RELEASE")
        info.size = 4
        archive.addfile(info, io.BytesIO(b"text"))
    return buffer.getvalue()


ARCHIVE = _archive()


@pytest.fixture
def server():
    """Serves the archive at every path but /missing, and counts."""

    class Handler(http.server.BaseHTTPRequestHandler):
        asked = 0

        def do_GET(self):
            type(self).asked += 1
            self.send_response(404 if self.path == "/missing" else 200)
            self.send_header("Content-Length", str(len(ARCHIVE)))
            self.end_headers()
            self.wfile.write(ARCHIVE)

        def log_message(self, *_):
            """Quiet."""

    one = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    with answering.answering(one):
        yield f"http://127.0.0.1:{one.server_port}", Handler


def found(kept: archives.Archives, package: manifest.Package):
    def look():
        place = kept.find(package)
        return None if isinstance(place, str) else place

    return local_cloud.until(look)


def package(url: str, path: str = "/x.tgz", sha256: str = "") -> manifest.Package:
    sha256 = sha256 or hashlib.sha256(ARCHIVE).hexdigest()
    return manifest.Package("spark", "1", url + path, sha256)


def test_a_package_is_fetched_once(tmp_path, server):
    url, handler = server
    kept = archives.Archives(tmp_path / "packages")
    assert "spark 1 is fetched" in kept.find(package(url))
    place = found(kept, package(url))
    assert (place / "RELEASE").read_text() == "text"
    assert found(archives.Archives(tmp_path / "packages"), package(url)) == place
    assert handler.asked == 1
    # The tree is in its place a moment before what it came from is gone.
    local_cloud.until(lambda: not list((tmp_path / "packages").glob(".new-*")))


def test_a_wrong_checksum_is_for_ever(tmp_path, server):
    kept = archives.Archives(tmp_path)
    with pytest.raises(exceptions.Permanent, match="checksum") as caught:
        found(kept, package(server[0], sha256="0" * 64))
    assert caught.value.code == "PACKAGE_BROKEN"
    assert [p.name for p in tmp_path.iterdir()] == [".fetch.lock"]


def test_a_server_in_trouble_may_recover(tmp_path, server):
    kept = archives.Archives(tmp_path)
    with pytest.raises(exceptions.Transient, match="404"):
        found(kept, package(server[0], "/missing"))
    assert found(kept, package(server[0])).is_dir()


def test_what_a_killed_fetch_left_is_swept(tmp_path, server):
    (tmp_path / ".new-old").mkdir()
    found(archives.Archives(tmp_path), package(server[0]))
    assert not (tmp_path / ".new-old").exists()
