# SPDX-License-Identifier: Apache-2.0
"""Spark Connect: the printed program works, and only with the token."""

from __future__ import annotations

import contextlib
import importlib.util
import select
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator

import pytest

from sparkaas.client import entrances
from tests.scenario import harness

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(600),
    pytest.mark.skipif(
        importlib.util.find_spec("grpc") is None, reason="no grpcio here"
    ),
]

#: A client's own words for who has no token, and for who has another.
REFUSALS = ("No authentication token provided", "Invalid authentication token")
SUM = "499500"


def run(state, program, **environment):
    return subprocess.run(
        [sys.executable, "-"],
        input=program,
        env=harness.environment(state, **environment),
        capture_output=True,
        text=True,
        timeout=240,
    )


@contextlib.contextmanager
def forwarded(host: str, port: int) -> Iterator[int]:
    """A port of 127.0.0.1 that leads there, as OpenSSH's does."""

    def copy(near: socket.socket) -> None:
        with near, socket.create_connection((host, port)) as far:
            ends = {near: far, far: near}
            while True:
                for one in select.select(list(ends), [], [])[0]:
                    piece = one.recv(65536)
                    if not piece:
                        return
                    ends[one].sendall(piece)

    def accept() -> None:
        while True:
            try:
                near, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=copy, args=(near,), daemon=True).start()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=accept, daemon=True).start()
        yield listener.getsockname()[1]
        listener.shutdown(socket.SHUT_RDWR)


@pytest.fixture(scope="module")
def cluster(service):
    """A cluster with a Spark Connect server, by the command of the documentation."""
    made = service.cli(
        *("cluster", "create", "live", "--workers", "1", "--flavor", "small"),
        *("--with", "connect-server", "--wait", "--timeout", "240"),
    )
    assert made.returncode == 0, made.stderr
    (found,) = service.call("GET", "clusters").json()["clusters"]
    assert found["status"] == "Active"
    return found


@pytest.fixture(scope="module")
def entrance(service, cluster):
    answer = service.call("GET", f"clusters/{cluster['id']}/entrances")
    (found,) = answer.json()["entrances"]
    return entrances.Entrance.load(found)


def test_the_printed_program_works_as_it_stands(service, cluster, entrance):
    told = service.cli("cluster", "connect", "live")
    assert told.returncode == 0, told.stderr
    url, empty, *program = told.stdout.splitlines()
    assert (url, empty) == (entrances.connect_url(entrance), "")
    done = run(service.state, "\n".join(program))
    assert SUM in done.stdout, done.stderr


def test_a_program_is_run_with_the_way_in_its_environment(service, cluster, tmp_path):
    program = tmp_path / "program.py"
    program.write_text(
        "import sys\n"
        "from pyspark.sql import SparkSession\n"
        "spark = SparkSession.builder.getOrCreate()\n"
        "print(spark.range(1000).selectExpr('sum(id)').first()[0])\n"
        "sys.exit(3)\n"
    )
    words = ("cluster", "connect", "live", "--", sys.executable, str(program))
    done = service.cli(*words)
    assert (done.stdout.split(), done.returncode) == ([SUM], 3), done.stderr


def test_through_a_forwarded_port(service, entrance):
    host, port = entrance.url.removeprefix("sc://").split(":")
    with forwarded(host, int(port)) as local:
        url = entrances.forwarded_url(entrance, local)
        done = run(service.state, entrances.snippet(url))
    assert SUM in done.stdout, done.stderr


@pytest.mark.parametrize("token", [None, "0" * 64])
def test_nobody_else_is_let_in(service, entrance, token):
    bearer = f"/;authorization=Bearer%20{token}" if token else ""
    done = run(service.state, entrances.snippet(f"{entrance.url}{bearer}"))
    assert done.returncode != 0
    assert any(refusal in done.stderr for refusal in REFUSALS), done.stderr
    assert SUM not in done.stdout


def test_the_token_stands_where_its_owner_reads_it_only(service, cluster, entrance):
    shown = service.cli("cluster", "show", "live").stdout
    token = entrance.token
    assert token not in shown
    assert token not in service.call("GET", f"clusters/{cluster['id']}").text
    assert token not in service.output()
    for process in harness.processes_below(service.state):
        assert token not in " ".join(process.cmdline())
