# SPDX-License-Identifier: Apache-2.0
"""Where nodes' software comes from: Java, the installed Spark, archives."""

from __future__ import annotations

import importlib.metadata
import io
import os
import tarfile

import pytest

from sparkaas import exceptions
from sparkaas import manifest
from sparkaas.infra.local import archives
from sparkaas.infra.local import java
from sparkaas.infra.local import packages


def fake_java(directory, text, code=0):
    program = directory / "bin" / "java"
    program.parent.mkdir(parents=True)
    program.write_text(f"#!/bin/sh\necho '{text}' >&2\nexit {code}\n")
    program.chmod(0o755)
    return directory


def test_java_is_configured_or_in_the_environment_or_on_the_path(tmp_path):
    one, two, three = (
        fake_java(tmp_path / name, 'openjdk version "17.0.9" 2025')
        for name in ("one", "two", "three")
    )
    environ = {"JAVA_HOME": str(two), "PATH": f"/nowhere:{three / 'bin'}"}
    assert java.Java(str(one), environ).find() == one
    assert java.Java("", environ).find() == two
    assert java.Java("", {"PATH": environ["PATH"]}).find() == three


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('openjdk version "21" 2023-09-19', 21),
        ('java version "17.0.1" LTS', 17),
        ('openjdk version "11.0.2"', None),
        ('java version "1.8.0_392"', None),
        ("something else", None),
    ],
)
def test_versions(tmp_path, text, found):
    home = fake_java(tmp_path / "java", text)
    if found:
        assert java.Java(str(home), {}).find() == home
        return
    with pytest.raises(exceptions.InvalidRequest) as caught:
        java.Java(str(home), {}).find()
    assert caught.value.code == "JAVA_MISSING"


def test_a_newer_java_can_be_needed(tmp_path):
    home = fake_java(tmp_path / "java", 'openjdk version "17.0.9"')
    assert java.Java(str(home), {}).find("8") == home
    with pytest.raises(exceptions.InvalidRequest, match="Java 21 is needed"):
        java.Java(str(home), {}).find("21")


def test_a_choice_that_cannot_be_used_is_named(tmp_path):
    old = fake_java(tmp_path / "old", 'openjdk version "11.0.2"')
    for one, sentence in (
        (
            java.Java(str(old), {}),
            f"Java 17 is needed; [local] java_home is {old}, Java",
        ),
        (
            java.Java("", {"JAVA_HOME": str(old)}),
            f"needed; JAVA_HOME is {old}, Java 11",
        ),
        (
            java.Java("", {"JAVA_HOME": "/nowhere"}),
            "JAVA_HOME is /nowhere, and there is",
        ),
    ):
        with pytest.raises(exceptions.InvalidRequest) as caught:
            one.check_choice()
        assert sentence in caught.value.message
        assert caught.value.hint.startswith("Correct ")


def test_without_a_choice_nothing_is_looked_for(tmp_path):
    java.Java("", {"PATH": str(tmp_path)}).check_choice()


def test_no_java_at_all(tmp_path):
    for one in (
        java.Java(str(tmp_path), {}),
        java.Java("", {"PATH": str(tmp_path)}),
        java.Java(str(fake_java(tmp_path / "j", 'version "17"', code=1)), {}),
    ):
        with pytest.raises(exceptions.InvalidRequest) as caught:
            one.find()
        assert caught.value.code == "JAVA_MISSING"
        assert "openjdk-17-jre-headless" in caught.value.hint


def test_the_installed_spark_serves_only_its_own_version():
    version = importlib.metadata.version("pyspark")
    place = packages.find_spark(manifest.Package("spark", version))
    assert place.name == "pyspark"
    assert (place / "bin" / "spark-class").is_file()
    assert packages.find_spark(manifest.Package("spark", "0.1")) is None


def test_software_that_is_nowhere(tmp_path):
    software = packages.Packages(
        {"spark": lambda package: None}, archives.Archives(tmp_path), java.Java("", {})
    )
    for name in ("spark", "other"):
        with pytest.raises(exceptions.Permanent, match=f"{name} 1") as caught:
            software.locate([manifest.Package(name, "1")])
        assert caught.value.code == "PACKAGE_MISSING"


def test_a_finder_comes_before_an_archive(tmp_path):
    software = packages.Packages(
        {"spark": lambda package: tmp_path}, archives.Archives(tmp_path), java.Java("")
    )
    wanted = manifest.Package("spark", "1", "http://127.0.0.1:9/x", "0" * 64)
    located = software.locate([wanted])
    assert located == packages.Located({"spark": str(tmp_path)})


def tar(path, *members):
    with tarfile.open(path, "w:gz") as archive:
        for name, kind, value in members:
            info = tarfile.TarInfo(name)
            if kind == "file":
                info.size = len(value)
                archive.addfile(info, io.BytesIO(value))
            else:
                info.type = {"dir": tarfile.DIRTYPE, "link": tarfile.SYMTYPE}[kind]
                info.linkname = value
                archive.addfile(info)
    return path


def test_an_archive_is_unpacked(tmp_path):
    archive = tar(
        tmp_path / "x.tgz",
        ("spark-1", "dir", ""),
        ("spark-1/bin/run", "file", b"text"),
        ("spark-1/link", "link", "bin/run"),
    )
    top = archives.unpack(archive, tmp_path / "tree")
    assert top == tmp_path / "tree" / "spark-1"
    assert (top / "link").read_bytes() == b"text"


@pytest.mark.parametrize(
    "member",
    [
        ("../evil", "file", b""),
        ("/tmp/evil-of-sparkaas", "file", b""),
        ("top/link", "link", "../../evil"),
        ("top/link", "link", "/etc/passwd"),
    ],
)
def test_an_archive_cannot_lead_outside(tmp_path, member):
    archive = tar(tmp_path / "x.tgz", ("top/file", "file", b""), member)
    with pytest.raises((tarfile.TarError, exceptions.Permanent)):
        archives.unpack(archive, tmp_path / "tree")
    assert not (tmp_path / "evil").exists()
    assert not os.path.exists("/tmp/evil-of-sparkaas")


def test_an_archive_has_one_top_directory(tmp_path):
    archive = tar(tmp_path / "x.tgz", ("a/x", "file", b""), ("b/x", "file", b""))
    with pytest.raises(exceptions.Permanent, match="top directory"):
        archives.unpack(archive, tmp_path / "tree")


def test_an_archive_that_grows_too_big(tmp_path):
    archive = tar(
        tmp_path / "x.tgz", ("a/x", "file", b"0" * 600), ("a/y", "file", b"0" * 600)
    )
    with pytest.raises(exceptions.Permanent, match="too much"):
        archives.unpack(archive, tmp_path / "tree", most=1000)


@pytest.mark.parametrize("sha256", ["", "../../x", "ab/cd"])
def test_a_package_is_named_by_its_checksum(tmp_path, sha256):
    wanted = manifest.Package("spark", "1", "http://127.0.0.1:9/x", sha256)
    with pytest.raises(exceptions.Permanent):
        archives.Archives(tmp_path).find(wanted)
