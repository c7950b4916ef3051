# SPDX-License-Identifier: Apache-2.0
"""Software of a node: what is on its image, and what it fetches from a mirror."""

import dataclasses
import hashlib
import http.server
import io
import json
import tarfile

import pytest

from sparkaas.node import documents
from sparkaas.node import fetching
from sparkaas.node import names
from sparkaas.node import packages
from tests.servers import answering


def tgz(*files):
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w:gz") as archive:
        for name, text in files:
            info = tarfile.TarInfo(name)
            info.size = len(text)
            archive.addfile(info, io.BytesIO(text.encode()))
    return made.getvalue()


SPARK = tgz(
    ("spark-4.1.4/bin/spark-class", "#!"),
    ("spark-4.1.4/jars/spark-core_2.13-4.1.4.jar", "x"),
)
JAVA = tgz(("jre/bin/java", "#!"), ("jre/release", 'JAVA_VERSION="17.0.9"\n'))


@dataclasses.dataclass
class Mirror:
    """Answers what was put in: content, or a list of what it does one after another."""

    url: str
    files: dict
    asked: list

    def package(self, name, version, content, **more):
        self.files[f"/{name}.tgz"] = content
        digest = hashlib.sha256(content if isinstance(content, bytes) else SPARK)
        return {
            "name": name,
            "version": version,
            "url": f"{self.url}/{name}.tgz",
            "sha256": digest.hexdigest(),
            **more,
        }


@pytest.fixture
def mirror():
    files, asked = {}, []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            found = files.get(self.path)
            if isinstance(found, list):
                found = found.pop(0)
            if found is None or isinstance(found, int):
                self.send_error(found or 404)
                return
            content, cut = found if isinstance(found, tuple) else (found, None)
            self.send_response(200)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content[:cut])

        def log_message(self, *words):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    with answering.answering(server):
        yield Mirror(f"http://127.0.0.1:{server.server_port}", files, asked)


@pytest.fixture(autouse=True)
def node(tmp_path, monkeypatch):
    """The places of a node, below a directory."""
    for module, name, place in (
        (documents, "STATE", "state"),
        (packages, "FETCHED", "fetched"),
        (packages, "ON_IMAGE", "image"),
    ):
        (tmp_path / place).mkdir()
        monkeypatch.setattr(module, name, tmp_path / place)
    monkeypatch.setattr(documents, "PATH", str(tmp_path / "bin"))
    monkeypatch.setattr(fetching, "_PAUSE", 0.01)
    return tmp_path


def on_image(node, name, *files):
    for path, text in files:
        place = node / "image" / name / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text)
    return str(node / "image" / name)


def test_what_a_plain_image_lacks_is_fetched_once(mirror, node):
    wanted = [
        mirror.package("java", "17", JAVA),
        mirror.package("spark", "4.1.4", SPARK),
    ]
    for _ in range(2):
        java, spark = (packages.directory(package) for package in wanted)
    assert mirror.asked == ["/java.tgz", "/spark.tgz"]
    assert (node / "fetched/java-17/bin/java").is_file()
    assert java == str(node / "fetched/java-17")
    assert spark == str(node / "fetched/spark-4.1.4")
    assert {each.name for each in (node / "fetched").iterdir()} == {
        "java-17",
        "spark-4.1.4",
    }


def test_what_is_fetched_can_be_read_by_services(mirror, node):
    # Without a top directory of its own.
    flat = tgz(("jars/spark-core_2.13-4.1.4.jar", "x"), ("bin/spark-class", ""))
    made = packages.directory(mirror.package("spark", "4.1.4", flat))
    assert (node / "fetched/spark-4.1.4").stat().st_mode & 0o777 == 0o755
    assert made == str(node / "fetched/spark-4.1.4")


def test_a_prepared_image_needs_no_mirror(mirror, node):
    place = on_image(node, "spark", ("jars/spark-core_2.13-4.1.4.jar", "x"))
    assert packages.directory(mirror.package("spark", "4.1.4", SPARK)) == place
    java = on_image(node, "java", ("release", 'JAVA_VERSION="21.0.1"\n'))
    assert packages.directory(mirror.package("java", "17", JAVA)) == java
    assert mirror.asked == []


@pytest.mark.parametrize(
    ("name", "version", "path", "text"),
    [
        ("spark", "4.1.4", "jars/spark-core_2.13-4.1.40.jar", "x"),
        ("spark", "4.1.4", "jars/spark-core_2.13-4.0.0.jar", "x"),
        ("java", "17", "release", 'JAVA_VERSION="11.0.2"\n'),
        ("java", "17", "release", 'JAVA_VERSION="1.8.0_402"\n'),
        ("java", "17", "bin/java", "no release file"),
    ],
)
def test_another_version_on_the_image_is_not_taken(
    mirror, node, name, version, path, text
):
    place = on_image(node, name, (path, text))
    content = JAVA if name == "java" else SPARK
    package = mirror.package(name, version, content)
    assert packages.directory(package).startswith(str(node / "fetched"))
    (node / "fetched" / f"{name}-{version}").rename(node / "gone")
    with pytest.raises(documents.Failure, match=f"What is in {place} is another"):
        packages.directory({**package, "url": "", "sha256": ""})


def test_a_java_on_the_path_counts(mirror, node):
    home = node / "jvm"
    (home / "bin").mkdir(parents=True)
    (home / "bin/java").write_text("#!/bin/sh\n")
    (home / "bin/java").chmod(0o755)
    (home / "release").write_text('IMPLEMENTOR="Debian"\nJAVA_VERSION="17.0.15"\n')
    (node / "bin").mkdir()
    (node / "bin/java").symlink_to(home / "bin/java")
    package = mirror.package("java", "17", JAVA)
    assert packages.directory(package) == str(home)


@pytest.mark.parametrize(
    "trouble", [503, 429, (SPARK, 10), (SPARK, 0)], ids=["503", "429", "cut", "empty"]
)
def test_a_mirror_that_is_away_for_a_while_is_waited_for(mirror, node, trouble):
    package = mirror.package("spark", "4.1.4", [trouble, trouble, SPARK])
    assert packages.directory(package) == str(node / "fetched/spark-4.1.4")
    assert len(mirror.asked) == 3


def test_what_the_mirror_refuses_is_a_failure_at_once(mirror, node):
    package = mirror.package("spark", "4.1.4", 404)
    with pytest.raises(documents.Failure, match="404"):
        packages.directory(package)
    assert len(mirror.asked) == 1


def test_patience_ends(mirror, node, monkeypatch):
    monkeypatch.setattr(fetching, "PATIENCE", 0.1)
    package = mirror.package("spark", "4.1.4", [503] * 1000)
    with pytest.raises(documents.Failure, match="within 0 s: HTTP Error 503"):
        packages.directory(package)


@pytest.mark.parametrize(
    ("content", "change", "why"),
    [
        (SPARK, {"sha256": "0" * 64}, "not the archive that was expected"),
        (b"no archive", {}, "cannot be unpacked"),
        (JAVA, {}, "is not spark 4.1.4"),
    ],
)
def test_another_archive_is_refused_and_leaves_nothing(
    mirror, node, content, change, why
):
    with pytest.raises(documents.Failure, match=why):
        packages.directory(mirror.package("spark", "4.1.4", content, **change))
    assert list((node / "fetched").iterdir()) == []


def test_a_node_tells_what_it_waits_for(mirror, node):
    package = mirror.package("spark", "4.1.4", [503, 404])
    with pytest.raises(documents.Failure):
        packages.directory(package)
    said = json.loads((node / "state/doing.json").read_text())["doing"]
    assert said == "spark 4.1.4 is fetched: HTTP Error 503: Service Unavailable"


def test_a_node_without_a_name_service_gets_its_name(node, monkeypatch):
    monkeypatch.setattr(names, "HOSTS", node / "hosts")
    (node / "hosts").write_text("127.0.0.1 localhost")
    facts = {"name": "no-such-host.invalid", "addresses": {}}
    names.ensure(documents.Node({}, facts, {}))
    assert (node / "hosts").read_text() == "127.0.0.1 localhost"
    facts["addresses"] = {"no-such-host.invalid": "10.0.0.7"}
    names.ensure(documents.Node({}, facts, {}))
    wanted = "127.0.0.1 localhost\n10.0.0.7 no-such-host.invalid\n"
    assert (node / "hosts").read_text() == wanted
    names.ensure(
        documents.Node(
            {}, {"name": "localhost", "addresses": {"localhost": "10.0.0.7"}}, {}
        )
    )
    assert (node / "hosts").read_text() == wanted
