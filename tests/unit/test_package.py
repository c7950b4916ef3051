# SPDX-License-Identifier: Apache-2.0
"""What pip installs is whole: files that are no modules, too."""

import configparser
import fnmatch
import pathlib
import subprocess

import pytest

ROOT = pathlib.Path(__file__).parents[2]


def _patterns():
    """Each package's, as setup.cfg has them."""
    parser = configparser.ConfigParser()
    parser.read(ROOT / "setup.cfg")
    section = parser["options.package_data"]
    return {key: section[key].replace(",", " ").split() for key in section}


def _is_installed(file, patterns):
    for directory in file.parents:
        if not (ROOT / directory / "__init__.py").exists():
            continue
        package = ".".join(directory.parts)
        below = file.relative_to(directory)
        for pattern in (*patterns.get("*", ()), *patterns.get(package, ())):
            same_depth = len(below.parts) == pattern.count("/") + 1
            if same_depth and fnmatch.fnmatch(str(below), pattern):
                return True
    return False


def test_every_file_of_the_package_is_installed():
    listed = subprocess.run(
        ["git", "ls-files", "sparkaas"],  # noqa: S607
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    if listed.returncode:
        pytest.skip("not a clone: git ls-files does not know")
    files = [pathlib.Path(name) for name in listed.stdout.splitlines()]
    others = [file for file in files if file.suffix != ".py"]
    assert len(others) > 3
    patterns = _patterns()
    assert [file for file in others if not _is_installed(file, patterns)] == []
