# SPDX-License-Identifier: Apache-2.0
"""What is special about the way to a node of this machine."""

from __future__ import annotations

import contextlib
import os
import socket
import stat
import threading
import time

import pytest

from sparkaas import exceptions
from sparkaas import model
from sparkaas.remote import commands
from sparkaas.remote import http
from sparkaas.remote import local
from tests.functional.local import cloud as local_cloud


@pytest.fixture
def remote(tmp_path):
    node = tmp_path / "node"
    for name in ("root", "home"):
        (node / name).mkdir(parents=True)
    facts = {name: str(node / name) for name in ("root", "home", "jobs")}
    facts["node"] = str(node)
    return local.LocalRemote(facts, addresses={}, packages={})


def test_the_environment_is_the_nodes_own(remote, monkeypatch):
    monkeypatch.setenv("STRANGER", "1")
    done = remote.run(["/usr/bin/env"], deadline=30, environment={"A": "b c"})
    values = dict(line.split("=", 1) for line in done.stdout.decode().splitlines())
    assert values["A"] == "b c"
    assert values[local.MARK] == str(remote._node)
    assert values.keys() == {"A", "PATH", "HOME", "LANG", local.MARK}


def test_output_is_cut_and_the_rest_dropped(remote):
    script = "head -c 3000000 /dev/zero; head -c 2000000 /dev/zero >&2; echo end >&2"
    done = remote.run(["sh", "-c", script], deadline=30)
    assert done.exit_code == 0
    assert len(done.stdout) == len(done.stderr) == commands.OUTPUT_MOST


def test_a_child_that_keeps_the_pipes_open_holds_nobody_up(remote):
    done = remote.run(["sh", "-c", "sleep 1000 & echo $!"], deadline=30)
    child = int(done.stdout)
    assert local_cloud.lives(child)
    os.kill(child, 9)


def test_the_deadline_ends_the_whole_group(remote):
    script = "sleep 1000 & echo $! > child; wait"
    with pytest.raises(exceptions.DeadlineExceeded):
        remote.run(["sh", "-c", script], deadline=1, directory=str(remote._node))
    child = int((remote._node / "child").read_text())
    local_cloud.until(lambda: not local_cloud.lives(child))


def test_a_command_that_reads_nothing_of_a_long_input(remote):
    done = remote.run(["true"], deadline=30, input=b"x" * 10_000_000)
    assert done.exit_code == 0


def test_a_signal_is_a_negative_code(remote):
    assert remote.run(["sh", "-c", "kill -9 $$"], deadline=30).exit_code == -9


def test_written_files_and_their_parents_are_private(remote):
    path = f"{remote.work_directory}/a/b"
    remote.write_file(path, [b"x"], deadline=30)
    modes = [
        stat.S_IMODE(os.stat(p).st_mode)
        for p in (remote.work_directory, os.path.dirname(path), path)
    ]
    assert modes == [0o700, 0o700, 0o600]
    remote.write_file(path, [b"x"], mode=0o755, deadline=30)
    assert stat.S_IMODE(os.stat(path).st_mode) == 0o755
    assert os.listdir(os.path.dirname(path)) == ["b"]


@pytest.mark.parametrize("path", ["/etc/x", "../x", "jobs/../../x", "link/x"])
def test_nothing_is_written_outside_the_node(remote, tmp_path, path):
    (remote._node / "link").symlink_to(tmp_path)
    target = os.path.join(str(remote._node), path)
    with pytest.raises(exceptions.Permanent, match="inside"):
        remote.write_file(target, [b"x"], deadline=30)
    assert not (tmp_path / "x").exists()


def test_a_slow_source_does_not_outlast_the_deadline(remote):
    def drip():
        while True:
            time.sleep(0.05)
            yield b"x"

    path = f"{remote.work_directory}/x"
    with pytest.raises(exceptions.DeadlineExceeded):
        remote.write_file(path, drip(), deadline=0.2)
    assert os.listdir(remote.work_directory) == []


def test_only_plain_files_are_read(remote):
    os.mkfifo(remote._node / "fifo")
    for name in ("fifo", "home"):
        with pytest.raises(exceptions.NotFound):
            remote.read_file(str(remote._node / name), limit=1, deadline=30)


def test_an_instance_that_is_not_made_yet():
    instance = model.Instance(id="i", name="n", node_group_id="g", instance_id="s")
    with pytest.raises(exceptions.Transient, match="not made"):
        local.LocalReach().to(local_cloud.cluster("n"), instance)


@contextlib.contextmanager
def answering(*parts: bytes, pause: float = 0.0):
    """A server that answers every request with ``parts``, pausing between them."""
    over = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            while not over.is_set():
                connection, _ = server.accept()
                with connection, contextlib.suppress(OSError):
                    connection.recv(65536)
                    for part in parts:
                        connection.sendall(part)
                        if pause and over.wait(pause):
                            break

        thread = threading.Thread(target=serve)
        thread.start()
        port = server.getsockname()[1]
        try:
            yield f"http://127.0.0.1:{port}/"
        finally:
            over.set()
            with contextlib.suppress(OSError):
                socket.create_connection(("127.0.0.1", port)).close()
            thread.join()


OK = b"HTTP/1.1 200 OK\r\n"


@pytest.mark.parametrize(
    "parts",
    [
        (b"",),
        (OK, *[b"X-Slow: 1\r\n"] * 1000),
        (OK + b"Content-Length: 1000\r\n\r\n", *[b"x"] * 1000),
        (OK + b"\r\n", *[b"x"] * 1000),
    ],
    ids=["silent", "slow headers", "slow body", "endless body"],
)
def test_a_slow_server_does_not_outlast_the_deadline(parts):
    with answering(*parts, pause=0.1) as url, pytest.raises(exceptions.Transient):
        http.fetch(url, limit=10**6, deadline=0.5)


def test_a_body_that_ends_early_is_not_taken_for_the_whole():
    short = OK + b"Content-Length: 10\r\n\r\nshort"
    with answering(short) as url, pytest.raises(exceptions.Transient):
        http.fetch(url, limit=100, deadline=30)


def test_a_redirection_stays_on_the_server():
    again = b"HTTP/1.1 302 Found\r\nLocation: /again\r\n\r\n"
    with (
        answering(again) as url,
        pytest.raises(exceptions.Transient, match="too often"),
    ):
        http.fetch(url, limit=100, deadline=30)


def test_a_redirection_elsewhere_is_not_followed():
    with answering(OK + b"Content-Length: 2\r\n\r\nhi") as other:
        away = f"HTTP/1.1 302 Found\r\nLocation: {other}\r\n\r\n".encode()
        with (
            answering(away) as url,
            pytest.raises(exceptions.Transient, match="elsewhere"),
        ):
            http.fetch(url, limit=100, deadline=30)
        assert http.fetch(other, limit=100, deadline=30) == b"hi"


def test_no_proxy_is_asked(monkeypatch):
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    with answering(OK + b"Content-Length: 2\r\n\r\nhi") as url:
        assert http.fetch(url, limit=100, deadline=30) == b"hi"


@pytest.mark.parametrize("url", ["https://127.0.0.1/", "file:///etc/passwd", "x", ""])
def test_only_http(url):
    with pytest.raises(exceptions.Transient):
        http.fetch(url, limit=100, deadline=30)
