# SPDX-License-Identifier: Apache-2.0
"""``sparkaas-image``: what it refuses before it does anything."""

import os
import pathlib

import pytest

from sparkaas import model
from sparkaas.image import building
from sparkaas.image import cloud
from sparkaas.image import command
from sparkaas.image import packing
from sparkaas.image import root
from sparkaas.image import running
from sparkaas.infra.openstack import catalog


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["build", "OUT/a.raw"], "Say which Spark"),
        (["build", "OUT/a.raw", "--plain", "--register"], "by its tags"),
        (["upload", "OUT/a.raw", "--register"], "by its tags"),
        (["register", "id"], "by its tags"),
        (["build", "OUT/none/a.raw", "--plain"], "is not a directory"),
        (["build", "/dev/null", "--plain"], "is not a plain file"),
        (["build", "OUT/a.raw", "--plain", "--suite=--x"], "no release"),
        (["build", "OUT/a.raw", "--plain", "--suite", "../x"], "no release"),
        (["build", "OUT/a.raw", "--plain", "--mirror", "file:///"], "no URL"),
        (["build", "OUT/a.raw", "--spark", "../4"], "no version"),
        (["build", "OUT/a.raw", "--spark", "4.1.4", "--spark-sha256", "x"], "64"),
        (
            ["build", "OUT/a.raw", "--spark", "4.1.4", "--spark-archive", "http://x/y"],
            "needs --spark-sha256",
        ),
        (
            ["build", "OUT/a.raw", "--spark", "4.1.4", "--spark-archive", "/none"],
            "no file",
        ),
        (["build", "OUT/a.raw", "--plain", "--element", "none"], "no element none"),
        (["archives", "OUT/m", "--spark", "4.1.4", "--url", "ftp://x"], "no URL"),
        (["archives", "OUT/m", "--url", "http://x"], "Say which Spark"),
    ],
    ids=lambda value: "" if isinstance(value, str) else " ".join(value[:2]),
)
def test_it_says_what_cannot_be(words, told, tmp_path, capsys):
    given = [word.replace("OUT", str(tmp_path)) for word in words]
    if words[0] in ("build", "archives"):
        given += ["--cache", str(tmp_path / "cache")]
    assert command.main(given) == 1
    assert told in capsys.readouterr().err
    assert {each.name for each in tmp_path.iterdir()} <= {"cache", "a.raw.log", "m.log"}


@pytest.mark.parametrize(
    "words", [["--suite", "x", "bu"], ["upload", "f", "--property", "x"]]
)
def test_words_that_make_no_sense(words, capsys):
    with pytest.raises(SystemExit) as ended:
        command.main(words)
    assert ended.value.code == 2
    assert "usage: sparkaas-image" in capsys.readouterr().err


def test_no_device_and_no_link_is_written_to(tmp_path):
    packing.check(tmp_path / "new.raw")
    (tmp_path / "old.raw").write_bytes(b"")
    packing.check(tmp_path / "old.raw")
    (tmp_path / "link.raw").symlink_to("/dev/null")
    (tmp_path / "directory.raw").mkdir()
    for name in ("link.raw", "directory.raw"):
        with pytest.raises(running.Failure, match="not a plain file"):
            packing.check(tmp_path / name)


def test_a_cache_is_nobody_elses(tmp_path):
    made = building.cache(tmp_path / "a" / "b")
    assert made.stat().st_mode & 0o777 == 0o700
    made.chmod(0o775)
    with pytest.raises(running.Failure, match="only you can write"):
        building.cache(made)
    (tmp_path / "link").symlink_to(tmp_path)
    with pytest.raises(running.Failure, match="only you can write"):
        building.cache(tmp_path / "link")


def test_what_is_at_hand_depends_on_the_packages_only():
    def plan(*names, **more):
        given = {"suite": "bookworm", "mirror": "http://m", "security": "", **more}
        return root.Plan(elements=tuple(names), **given)

    shipped = pathlib.Path(__file__).parents[3] / "elements"
    base, full = shipped / "sparkaas-base", shipped / "sparkaas"
    assert plan(base).system == plan(base, full).system
    assert plan(base).whole != plan(base, full).whole
    assert plan(base).system != plan(base, suite="trixie").system
    assert plan(base).system != plan(base, security="http://s").system


def test_the_registry_is_written_as_the_service_reads_it():
    class Found:
        properties = cloud.properties("debian", ["spark", "4.1.4"])
        id = name = status = created_at = updated_at = ""
        min_disk = min_ram = size = 0

    made = catalog._image(Found)
    assert (made.username, made.tags) == ("debian", ("4.1.4", "spark"))
    assert isinstance(made, model.Image)


def test_making_a_root_needs_root(tmp_path):
    if os.geteuid() == 0:
        pytest.skip("this is root")
    words = [
        "build",
        str(tmp_path / "a.raw"),
        "--plain",
        "--cache",
        str(tmp_path / "c"),
    ]
    assert command.main(words) == 1


def test_an_image_has_the_tags_of_all_that_is_in_it():
    def tags(*words):
        return command._tags(command._parser().parse_args(list(words)))

    spark = ("build", "a.raw", "--spark", "4.1.4")
    assert tags(*spark) == ["spark", "4.1.4"]
    assert tags(*spark, "--hadoop", "d") == ["spark", "4.1.4", "hadoop", "3.5.0"]
    assert tags(*spark, "--hadoop", "d", "--tag", "own") == ["own"]
    assert tags("upload", "a.raw", "--spark", "4.1.4") == ["spark", "4.1.4"]
