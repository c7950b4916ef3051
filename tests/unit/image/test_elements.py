# SPDX-License-Identifier: Apache-2.0
"""Elements: those that we ship, and how they are read."""

import configparser
import json
import os
import pathlib
import subprocess

import pytest

from sparkaas.image import elements
from sparkaas.image import running

SHIPPED = elements.directory()
DEBIAN = elements.Distribution("debian", "debian", "bookworm")
SCRIPTS = sorted(path for path in SHIPPED.glob("*/*.d/*"))


def element(root, name, **files):
    for file, text in files.items():
        path = root / name / file.replace("_", "-").replace("DOT", ".")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def test_what_an_element_needs_comes_first():
    names = [each.name for each in elements.closure(SHIPPED, ["sparkaas-lxc"])]
    assert names == ["sparkaas-base", "sparkaas-lxc"]
    names = [
        each.name for each in elements.closure(SHIPPED, ["sparkaas", "sparkaas-lxc"])
    ]
    assert names == ["sparkaas-base", "sparkaas", "sparkaas-lxc"]


@pytest.mark.parametrize("name", ["nothing", "../elements/sparkaas", "/etc", ""])
def test_no_other_directory_is_an_element(name):
    with pytest.raises(running.Failure, match="no element"):
        elements.closure(SHIPPED, [name])


def test_packages_have_the_names_of_the_distribution():
    found = elements.closure(SHIPPED, ["sparkaas"])
    assert "openjdk-17-jre-headless" in elements.packages(found, DEBIAN)
    trixie = elements.Distribution("debian", "debian", "trixie")
    assert "openjdk-21-jre-headless" in elements.packages(found, trixie)
    rocky = elements.Distribution("redhat", "rocky", "9")
    wanted = elements.packages(found, rocky)
    assert {"java-17-openjdk-headless", "iproute", "procps-ng"} <= set(wanted)
    assert not {"java", "myhostname"} & set(elements.packages(found, DEBIAN))


def test_a_plain_image_has_neither_java_nor_what_a_prepared_one_has():
    found = elements.packages(elements.closure(SHIPPED, ["sparkaas-base"]), DEBIAN)
    assert not [name for name in found if "jre" in name or "myhostname" in name]
    assert {"cloud-init", "python3", "openssh-server", "iproute2"} <= set(found)


def test_the_more_special_name_counts(tmp_path):
    maps = {
        "default": {"a": "d", "b": "d", "c": "d", "e": "d"},
        "family": {"debian": {"b": "f", "c": "f", "e": "f"}},
        "distro": {"debian": {"c": "x", "e": "x"}},
        "release": {"debian": {"bookworm": {"e": "r r2"}}},
    }
    element(tmp_path, "one", pkg_map=json.dumps(maps))
    element(tmp_path, "one", package_installsDOTyaml="a:\nb:\nc:\ne:\nz:\n")
    found = elements.packages([tmp_path / "one"], DEBIAN)
    assert found == ("d", "f", "x", "r", "r2", "z")


def test_what_only_diskimage_builder_knows_is_not_left_out_silently(tmp_path):
    element(tmp_path, "one", static="")
    with pytest.raises(running.Failure, match="for it has static"):
        elements.check([tmp_path / "one"])
    element(tmp_path, "two", package_installsDOTyaml="a:\n  arch: amd64\n")
    with pytest.raises(running.Failure, match="package a has conditions"):
        elements.packages([tmp_path / "two"], DEBIAN)


def test_ours_can_be_built_without_it():
    elements.check(elements.closure(SHIPPED, ["sparkaas", "sparkaas-lxc"]))


def test_scripts_of_all_elements_run_in_the_order_of_their_names():
    found = elements.closure(SHIPPED, ["sparkaas", "sparkaas-lxc"])
    names = [script.name for script in elements.scripts(found, "install.d")]
    assert names == sorted(names)
    assert len(names) >= 3


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_a_script_is_one_that_diskimage_builder_runs(script):
    assert os.access(script, os.X_OK)
    lines = script.read_text().splitlines()
    assert lines[0] == "#!/bin/bash"
    assert "set -euo pipefail" in lines
    subprocess.run(["/bin/bash", "-n", script], check=True)


SHIPPED_NAMES = (
    "sparkaas",
    "sparkaas-base",
    "sparkaas-hadoop",
    "sparkaas-notebook",
    "sparkaas-objectstore",
)


def test_all_of_them_are_installed_with_the_package():
    root = SHIPPED.parent
    config = configparser.ConfigParser(delimiters=["="])
    config.read(root / "setup.cfg")
    installed = {}
    for target, text in config["options.data_files"].items():
        files = [file for line in text.split() for file in root.glob(line)]
        for file in files:
            name = str(pathlib.PurePath(target, file.name))
            installed[name.removeprefix("share/sparkaas/elements/")] = file
    wanted = {
        str(file.relative_to(SHIPPED)): file
        for name in SHIPPED_NAMES
        for file in (SHIPPED / name).rglob("*")
        if file.is_file() and file.suffix != ".rst"
    }
    assert installed == wanted
