# SPDX-License-Identifier: Apache-2.0
"""A tree of wheels: what is refused, and what is held against its list."""

import hashlib
import pathlib

import pytest

from sparkaas.image import command
from sparkaas.image import running
from sparkaas.image import wheels
from sparkaas.plugins.spark import notebook


@pytest.fixture
def tree(tmp_path):
    made = tmp_path / "made"
    (made / "lib").mkdir(parents=True)
    (made / "lib" / "a.whl").write_text("a")
    digest = hashlib.sha256(b"a").hexdigest()
    (made / "SHA256SUMS").write_text(f"{digest}  lib/a.whl\n")
    return made


def test_a_whole_tree_is_taken(tree):
    wheels.check(tree)


def test_one_that_changed_is_not(tree):
    (tree / "lib" / "a.whl").write_text("b")
    with pytest.raises(running.Failure, match="a.whl of another checksum"):
        wheels.check(tree)


def test_another_directory_is_none(tmp_path):
    with pytest.raises(running.Failure, match="sparkaas-image notebook"):
        wheels.check(tmp_path)


@pytest.mark.parametrize("python", ["3.11", "2.7.1", "3.11.2 --x", ""])
def test_the_python_must_be_said_in_full(tmp_path, python):
    """Some packages want a later patch release than the image's."""
    with pytest.raises(running.Failure, match="no version of Python"):
        wheels.make(tmp_path / "t", python, (), print)


@pytest.mark.parametrize("package", ["--index-url=http://x", "a b", "../a", ""])
def test_a_package_is_no_option_of_pip(tmp_path, package):
    with pytest.raises(running.Failure, match="no package of Python"):
        wheels.make(tmp_path / "t", wheels.PYTHON, [package], print)


def test_another_directory_is_never_replaced(tmp_path):
    (tmp_path / "thesis.txt").write_text("")
    with pytest.raises(running.Failure, match="name another directory"):
        wheels.make(tmp_path, wheels.PYTHON, (), print)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_each_version_is_fixed():
    lines = wheels.CONSTRAINTS.read_text().splitlines()
    fixed = [line.partition("==")[0] for line in lines if "==" in line]
    assert set(wheels.ROOTS) <= set(fixed)
    assert len(fixed) >= len(lines) - 1


def test_the_environment_is_where_nodes_look_for_it():
    assert (notebook.PACKAGE.name, notebook.PACKAGE.version) == (
        "notebook",
        wheels.VERSION,
    )
    script = (
        pathlib.Path(__file__)
        .parents[3]
        .joinpath("elements/sparkaas-notebook/install.d/60-sparkaas-notebook")
    )
    assert f"home=/opt/notebook-{wheels.VERSION}\n" in script.read_text()


def test_an_image_without_spark_takes_no_notebook(tree, tmp_path, capsys):
    words = ["build", str(tmp_path / "a.raw"), "--plain", "--notebook", str(tree)]
    assert command.main([*words, "--cache", str(tmp_path / "cache")]) == 1
    assert "not with --plain" in capsys.readouterr().err
