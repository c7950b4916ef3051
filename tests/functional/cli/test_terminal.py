# SPDX-License-Identifier: Apache-2.0
"""The program in a process of its own: at a terminal, in a pipe, interrupted."""

import os
import pty
import re
import select
import signal
import subprocess
import sys
import time

import pytest

from sparkaas.testing import node

#: Seconds that anything here may take.
DEADLINE = 60.0

#: Hours of real time, and two bytes in each second of the service's.
ENDLESS = node.Script(seconds=400_000, stdout=b"x\n" * 400_000)


class Terminal:
    """A process at a terminal, or with all its streams in pipes."""

    def __init__(self, words, environ, *, terminal=True):
        self._master, slave = pty.openpty()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "sparkaas.client.shell", *words],
            stdin=slave if terminal else subprocess.DEVNULL,
            stdout=slave if terminal else subprocess.DEVNULL,
            stderr=slave,
            env={**os.environ, **environ, "TERM": "xterm", "COLUMNS": "100"},
            start_new_session=True,
        )
        os.close(slave)
        self.seen = ""

    def until(self, pattern):
        """Read until the pattern was written."""
        deadline = time.monotonic() + DEADLINE
        while not re.search(pattern, self.seen):
            ready, _, _ = select.select([self._master], [], [], 0.2)
            if ready:
                self.seen += self._read()
            elif self.process.poll() is not None:
                pytest.fail(f"it ended without {pattern!r}: {self.seen[-500:]!r}")
            if time.monotonic() > deadline:
                pytest.fail(f"no {pattern!r} in {self.seen[-500:]!r}")
        return self.seen

    def _read(self):
        try:
            return os.read(self._master, 65536).decode("utf-8", "replace")
        except OSError:  # the other end is closed
            return ""

    def type(self, text):
        os.write(self._master, text.encode())

    def interrupt(self):
        self.process.send_signal(signal.SIGINT)

    def end(self):
        """Read the rest; return the exit code."""
        deadline = time.monotonic() + DEADLINE
        while self.process.poll() is None:
            ready, _, _ = select.select([self._master], [], [], 0.05)
            if ready:
                self.seen += self._read()
            if time.monotonic() > deadline:
                pytest.fail(f"it does not end: {self.seen[-500:]!r}")
        while select.select([self._master], [], [], 0)[0]:
            more = self._read()
            if not more:
                break
            self.seen += more
        return self.process.returncode

    def close(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait(timeout=DEADLINE)
        os.close(self._master)


@pytest.fixture
def terminal(served):
    opened = []

    def start(*words, **options):
        opened.append(Terminal(words, served.environ, **options))
        return opened[-1]

    yield start
    for one in opened:
        one.close()


@pytest.fixture
def active(program, served):
    if not program.json("cluster", "list"):
        program("cluster", "create", "here", "--wait", "--timeout", "60")
    served.engine.script = ENDLESS
    yield
    served.engine.script = node.Script()
    for row in program.json("job", "list"):
        program("job", "delete", row["ID"], "--wait", "--timeout", "60")


def running(program):
    (row,) = program.json("job", "list")
    return row


def test_a_terminal_shows_output_and_progress(terminal, active, served, app):
    served.engine.script = node.Script(seconds=40, stdout=b"row\n" * 50)
    one = terminal("run", app())
    one.until(r"task \d+/8")
    assert one.end() == 0
    assert one.seen.count("row\r\n") == 50


def test_the_bar_is_drawn_beside_a_pipe(terminal, active, served, app):
    served.engine.script = node.Script(seconds=40, stdout=b"only in the pipe\n")
    one = terminal("run", app(), terminal=False)
    one.until(r"task \d+/8")
    assert one.end() == 0
    assert "only in the pipe" not in one.seen


def test_ctrl_c_then_cancel(terminal, active, program, app):
    one = terminal("run", app())
    one.until("x\r\n")
    one.interrupt()
    one.until(r"\[d\]etach or \[c\]ancel")
    one.type("what?\n")
    one.until(r"(?s)ancel\?.*ancel\?")
    one.type("c\n")
    assert one.end() == 128 + signal.SIGTERM
    assert "Cancelling" in one.seen
    assert running(program)["Status"] == "KILLED"


def test_ctrl_c_then_detach(terminal, active, program, app):
    one = terminal("run", app())
    one.until("x\r\n")
    one.interrupt()
    one.until(r"\[d\]etach or \[c\]ancel")
    one.type("d\n")
    assert one.end() == 0
    row = running(program)
    assert row["Status"] == "RUNNING"
    assert f"sparkaas job logs -f {row['ID']}" in one.seen
    assert f"sparkaas job cancel {row['ID']}" in one.seen


def test_a_second_ctrl_c_detaches(terminal, active, program, app):
    one = terminal("run", app())
    one.until("x\r\n")
    one.interrupt()
    one.until(r"\[d\]etach or \[c\]ancel")
    one.interrupt()
    assert one.end() == 130
    assert running(program)["Status"] == "RUNNING"
    assert "goes on without you" in one.seen


def test_ctrl_c_without_a_terminal_detaches(terminal, active, program, app):
    one = terminal("run", app(), terminal=False)
    one.until(r"task \d+/8|running")
    one.interrupt()
    assert one.end() == 130
    assert running(program)["Status"] == "RUNNING"
    assert "sparkaas job logs -f" in one.seen


def test_a_job_can_be_followed_later_and_cancelled(terminal, active, program, app):
    one = terminal("run", app(), terminal=False)
    one.until(r"task \d+/8|running")
    one.interrupt()
    one.end()
    id = running(program)["ID"]
    why = program.json("why", id)
    assert (why["state"], why["why"]) == ("RUNNING", "Its driver runs.")
    assert why["next"].startswith("step watch: The driver runs; next look")
    later = terminal("job", "logs", "-f", id)
    later.until("x\r\n")
    shown = program.json("job", "cancel", id, "--wait", "--timeout", "60")
    assert shown["status"] == "KILLED"
    assert later.end() == 0


def test_waiting_for_a_cluster_shows_its_state(terminal, program):
    one = terminal("cluster", "create", "watched", "--wait")
    one.until("cluster watched: ")
    assert one.end() == 0
    assert "Active" in one.seen
    program("cluster", "delete", "watched", "--wait", "--timeout", "60")


def test_a_reader_that_goes_away_is_no_error(served):
    with subprocess.Popen(
        [sys.executable, "-m", "sparkaas.client.shell", "plugin", "list"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, **served.environ},
    ) as process:
        process.stdout.close()
        error = process.stderr.read()
        assert process.wait(timeout=DEADLINE) == 141
    assert error == b""
