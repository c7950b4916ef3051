# SPDX-License-Identifier: Apache-2.0
"""pip makes a tree of wheels, of an index that is a directory."""

import zipfile

import pytest

from sparkaas.image import running
from sparkaas.image import wheels

ANY = "py3-none-any"


def wheel(directory, name, version, requires="", python=">=3.8", tag=ANY):
    """A wheel with nothing in it."""
    info = f"{name}-{version}.dist-info"
    lines = [f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}"]
    lines.append(f"Requires-Python: {python}")
    lines += [f"Requires-Dist: {requires}"] if requires else []
    path = directory / f"{name}-{version}-{tag}.whl"
    with zipfile.ZipFile(path, "w") as made:
        made.writestr(f"{info}/METADATA", "\n".join(lines) + "\n")
        made.writestr(f"{info}/WHEEL", f"Wheel-Version: 1.0\nTag: {tag}\n")
        made.writestr(f"{info}/RECORD", "")


@pytest.fixture
def index(tmp_path, monkeypatch):
    made = tmp_path / "index"
    made.mkdir()
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(made))
    fixed = dict(
        line.split("==")
        for line in wheels.CONSTRAINTS.read_text().splitlines()
        if "==" in line
    )
    for name in wheels.ROOTS:
        wheel(made, name, fixed[name])
        wheel(made, name, "999")
    return made


def test_the_tree_is_for_the_images_python(index, tmp_path):
    """A wheel that only a later Python takes is not in it, nor a version beyond the
    fixed one."""
    wheel(index, "extra", "1.0", python=">=3.8")
    wheel(index, "extra", "2.0", python=">=3.11.4")
    wheel(index, "extra", "1.0", tag="cp312-cp312-linux_x86_64")
    said = []
    target = tmp_path / "tree"
    wheels.make(target, "3.11.2", ["extra"], said.append)
    names = {path.name for path in (target / "lib").iterdir()}
    assert f"extra-1.0-{ANY}.whl" in names
    assert len(names) == 4
    assert not [name for name in names if "999" in name]
    assert said == [f"{target}: 4 wheels for Python 3.11.2"]
    wheels.check(target)
    assert {path.name for path in tmp_path.iterdir()} == {"index", "tree"}

    wheels.make(target, "3.11.2", (), said.append)
    assert len(list((target / "lib").iterdir())) == 3


def test_what_is_not_there_leaves_no_tree(index, tmp_path):
    target = tmp_path / "tree"
    with pytest.raises(running.Failure, match="No matching distribution"):
        wheels.make(target, "3.11.2", ["absent"], print)
    assert not target.exists()
    wheels.make(target, "3.11.2", (), print)
    with pytest.raises(running.Failure, match="No matching distribution"):
        wheels.make(target, "3.11.2", ["absent"], print)
    wheels.check(target)
