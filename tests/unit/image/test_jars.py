# SPDX-License-Identifier: Apache-2.0
"""A tree of jars: what is held against its list, and where it is looked for."""

import hashlib
import shutil

import pytest

from sparkaas import exceptions
from sparkaas import manifest
from sparkaas.image import jars
from sparkaas.image import running
from sparkaas.infra.local import packages


@pytest.fixture
def source(tmp_path):
    """A kind of tree with two jars, and a tree of it in ``made``."""
    source, made = tmp_path / "kind", tmp_path / "made"
    (made / "lib").mkdir(parents=True)
    source.mkdir()
    lines = []
    for name in ("a.jar", "b.jar"):
        (made / "lib" / name).write_text(name)
        digest = hashlib.sha256(name.encode()).hexdigest()
        lines.append(f"{digest}  lib/{name}\n")
    (source / "SHA256SUMS").write_text("".join(lines))
    shutil.copy(source / "SHA256SUMS", made)
    return source


def test_a_whole_tree_is_left_alone(source, tmp_path):
    said = []
    jars.make(source, tmp_path / "made", said.append)
    assert said == [f"{tmp_path}/made is whole: 2 jars"]


@pytest.mark.parametrize(
    ("name", "text", "wrong"),
    [
        ("a.jar", None, "lib/a.jar missing"),
        ("a.jar", "x", "lib/a.jar of another checksum"),
        ("c.jar", "x", "lib/c.jar not listed"),
    ],
)
def test_what_differs_is_named(source, tmp_path, name, text, wrong):
    tree = tmp_path / "made"
    path = tree / "lib" / name
    path.unlink() if text is None else path.write_text(text)
    assert jars.differences(jars.read(source / "SHA256SUMS"), tree) == wrong


def test_another_directory_is_never_replaced(source, tmp_path):
    other = tmp_path / "other"
    other.mkdir()
    (other / "thesis.txt").write_text("")
    with pytest.raises(running.Failure, match="name another directory"):
        jars.make(source, other, print)
    assert [path.name for path in other.iterdir()] == ["thesis.txt"]


def test_the_driver_looks_where_the_command_puts_it(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    made = jars.default("hadoop")
    version = jars.version(jars.kind("hadoop"))
    package = manifest.Package("hadoop", version)
    with pytest.raises(exceptions.Permanent, match="There is no Hadoop") as missing:
        packages.hadoop_finder("")(package)
    assert missing.value.code == "PACKAGE_MISSING"
    assert missing.value.hint.endswith(f": sparkaas-image hadoop {made}")
    (made / "lib").mkdir(parents=True)
    (made / "lib" / f"hadoop-hdfs-{version}.jar").touch()
    assert packages.hadoop_finder("")(package) == made
    assert packages.hadoop_finder(str(made))(package) == made


def test_hadoops_list_has_a_jar_of_every_daemon():
    listed = jars.read(jars.kind("hadoop") / jars.SUMS)
    version = jars.version(jars.kind("hadoop"))
    for name in (
        "hdfs",
        "yarn-server-nodemanager",
        "yarn-server-resourcemanager",
        "mapreduce-client-hs",
        "mapreduce-client-shuffle",
    ):
        assert f"lib/hadoop-{name}-{version}.jar" in listed
