# SPDX-License-Identifier: Apache-2.0
"""``sparkaas-node``: what it makes of a manifest, apart from systemd and root."""

import ast
import io
import pathlib
import subprocess
import sys
import tarfile

import pytest

from sparkaas.infra.openstack import userdata
from sparkaas.node import documents
from sparkaas.node import guard
from sparkaas.node import systemd

SOURCES = sorted(pathlib.Path(documents.__file__).parent.glob("*.py"))


def node(**facts):
    return documents.Node({}, {"name": "n", **facts}, {"spark": "/opt/spark"})


def test_symbols_mean_what_the_facts_say():
    made = node(addresses={"n": "10.0.0.1"}, secrets={"s": "x"})
    text = "@{address:n} @{secret:s} @{package:spark} @{root:}/a @{at:}{root:}"
    assert made.text(text) == f"10.0.0.1 x /opt/spark {documents.ROOT}/a @{{root:}}"


def test_a_value_cannot_smuggle_a_symbol_in():
    made = node(secrets={"a": "@{secret:b}", "b": "x"})
    assert made.text("@{secret:a}") == "@{secret:b}"


def test_an_unknown_symbol_is_named():
    with pytest.raises(documents.Failure, match="unknown address m"):
        node().text("@{address:m}")


@pytest.mark.parametrize("path", ["@{root:}/../x", "/etc/passwd", "@{root:}/a/../../x"])
def test_a_path_stays_inside_the_nodes_tree(path):
    with pytest.raises(documents.Failure, match="leads out"):
        node().path(path)


def test_a_unit_shows_neither_command_nor_secret():
    service = {
        "name": "s",
        "argv": ["run", "$(id)"],
        "environment": {"TOKEN": "@{secret:t}"},
        "restart": "always",
        "stop_seconds": 10,
    }
    text = systemd.unit(service, "stamp")
    assert "ExecStart=/usr/local/sbin/sparkaas-node service s\n" in text
    assert "Restart=always\n" in text
    assert "id" not in text.replace("sparkaas-node", "").split("[Service]")[1]
    assert "TOKEN" not in text


def test_no_service_starts_where_the_metadata_service_is_open():
    service = {"name": "s", "restart": "always", "stop_seconds": 10}
    lines = systemd.unit(service, "").splitlines()
    assert f"Requires={guard.UNIT}" in lines
    assert f"After={guard.UNIT} network-online.target" in lines
    assert "Before=network-pre.target shutdown.target" in guard._TEXT.splitlines()


def archive(path, *members):
    with tarfile.open(path, "w:gz") as made:
        for name, kind, link in members:
            info = tarfile.TarInfo(name)
            info.type, info.linkname = kind, link
            data = b"x" if kind == tarfile.REGTYPE else b""
            info.size = len(data)
            made.addfile(info, io.BytesIO(data))


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.name)
def test_it_is_written_for_python_3_9(path):
    ast.parse(path.read_text(), feature_version=(3, 9))


def test_it_runs_as_one_file_without_anything_else_of_ours(tmp_path):
    program = tmp_path / "sparkaas-node"
    program.write_bytes(userdata.program())
    # Isolated: neither this tree nor what is installed can be seen.
    done = subprocess.run(
        [sys.executable, "-I", program, "nonsense"],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
    )
    assert done.returncode == 2
    assert "sparkaas-node apply" in done.stderr
