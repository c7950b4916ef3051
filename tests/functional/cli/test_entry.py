# SPDX-License-Identifier: Apache-2.0
"""The ways into a cluster that a program of OpenSSH's name opens."""

import json
import os
import re
import sys

import pytest

SSH = """\
#!{python}
import json, pathlib, socket, sys
argv = sys.argv[1:]
if {fails}:
    sys.exit(255)
ways = [argv[n + 1] for n, word in enumerate(argv) if word == "-L"]
held = [socket.create_server(("127.0.0.1", int(way.split(":")[1]))) for way in ways]
pathlib.Path({told!r}).write_text(json.dumps({{"ways": ways, "to": argv[-1]}}))
while True:
    held[0].accept()[0].close()
    if {once}:
        break
"""
#: Writes down what it finds in its environment.
PROGRAM = "import os, sys; open(sys.argv[1], 'w').write(os.environ['SPARK_REMOTE'])"


@pytest.fixture
def ssh(tmp_path, monkeypatch):
    """Puts an ``ssh`` before all others; answers what it was told, when it was."""
    directory = tmp_path / "bin"
    directory.mkdir()
    told = tmp_path / "told.json"

    def put(fails=False, once=False):
        text = SSH.format(python=sys.executable, fails=fails, once=once, told=str(told))
        (directory / "ssh").write_text(text)
        (directory / "ssh").chmod(0o755)
        monkeypatch.setenv("PATH", f"{directory}{os.pathsep}{os.environ['PATH']}")
        return lambda: json.loads(told.read_text())

    return put


@pytest.fixture(scope="module")
def name():
    """Names of a module that shares one service."""
    count = iter(range(1000))
    return lambda: f"entry-{next(count)}"


@pytest.fixture
def create(program, name):
    """Makes a cluster that ends with its test."""
    made = []

    def make(*words):
        made.append(name())
        program("cluster", "create", made[-1], *words, "--keypair", "key", "--wait")
        return made[-1]

    yield make
    for each in made:
        program("cluster", "delete", each, "--wait", "--timeout", "60")


def test_a_program_finds_the_tunnel_and_ends_it(program, create, ssh, tmp_path):
    told = ssh()
    cluster = create("--with", "connect-server")
    seen = tmp_path / "seen"
    program(
        *("cluster", "connect", cluster, "--"),
        *(sys.executable, "-c", PROGRAM, str(seen)),
    )
    (way,) = told()["ways"]
    assert told()["to"] == f"{cluster}-master-0"
    assert re.fullmatch(r"127\.0\.0\.1:\d+:[\d.]+:15002", way)
    port = way.split(":")[1]
    assert re.fullmatch(
        rf"sc://localhost:{port}/;token=[0-9a-f]{{64}}", seen.read_text()
    )


def test_the_programs_own_code_is_the_commands(program, create, ssh):
    ssh()
    cluster = create("--with", "connect-server")
    words = ("--", sys.executable, "-c", "raise SystemExit(7)")
    program("cluster", "connect", cluster, *words, code=7)


def test_a_way_that_does_not_open(program, create, ssh):
    ssh(fails=True)
    cluster = create("--with", "connect-server")
    result = program("cluster", "connect", cluster, "--", "true", code=1)
    assert "ssh ended with code 255" in result.err


def test_a_cluster_without_a_connect_server_says_how_to_get_one(program, create):
    cluster = create()
    result = program("cluster", "connect", cluster, code=1)
    assert f"Cluster {cluster} has no connect-server" in result.err
    assert "--with connect-server" in result.err


def test_a_template_has_its_own_processes(program, name):
    words = ("--template", "none", "--with", "connect-server")
    result = program("cluster", "create", name(), *words, code=2)
    assert "--with does not go with --template" in result.err


def test_a_notebook_through_the_tunnel(program, create, ssh):
    told = ssh(once=True)
    cluster = create("--with", "notebook")
    result = program("cluster", "notebook", cluster, "--no-browser")
    (way,) = told()["ways"]
    assert way.endswith(":8888")
    first, *_ = result.out.decode().splitlines()
    port = way.split(":")[1]
    assert re.fullmatch(rf"http://127\.0\.0\.1:{port}/lab\?token=[0-9a-f]{{64}}", first)
