# SPDX-License-Identifier: Apache-2.0
"""The launcher with real processes: once, found again, and no word lost."""

import json
import os
import pathlib
import signal
import subprocess
import sys
import time

import psutil
import pytest

from sparkaas.edp import launcher

PROGRAM = pathlib.Path(launcher.__file__)
ODD = ["a b", "'\"", ";", "$(id)", "n\nl", "c\rr", "ünï✓", "", "--x", "*", "\\"]


class Job:
    """A job's directory, and the launcher called as an engine calls it."""

    def __init__(self, directory):
        self.directory = directory
        self.own = directory / ".launch"
        self.own.mkdir()

    def plan(self, *argv, key="argv", **environment):
        plan = {key: argv, "environment": {"PATH": os.defpath, **environment}}
        (self.own / "plan.json").write_text(json.dumps(plan))

    def call(self, verb, **environment):
        done = subprocess.run(
            [sys.executable, "-I", PROGRAM, verb, self.directory],
            capture_output=True,
            timeout=30,
            check=True,
            env={**os.environ, **environment},
        )
        assert done.stderr == b""
        return json.loads(done.stdout) if done.stdout else None

    def until_ended(self):
        end = time.monotonic() + 30
        while (state := self.call("look"))["running"]:
            assert time.monotonic() < end, "not within 30 s"
        return state

    def until(self, condition):
        end = time.monotonic() + 30
        while not condition():
            assert time.monotonic() < end, "not within 30 s"
            time.sleep(0.01)

    def read(self, stream):
        return (self.directory / stream).read_text()


@pytest.fixture
def job(tmp_path):
    found = Job(tmp_path)
    yield found
    found.call("kill")
    found.until_ended()


def python(text, *args):
    return (sys.executable, "-c", text, *args)


def test_words_and_environment_arrive_as_they_are(job):
    job.plan(
        *python(
            "import sys, json, os; print(json.dumps([sys.argv[1:], dict(os.environ)]))"
        ),
        *ODD,
        WORD="$(id) ü",
        LANG="C.UTF-8",
    )
    (job.directory / "x.py").write_text("raise SystemExit(99)")
    job.call("start", SPARKAAS_NODE="here", LEAK="x")
    assert job.until_ended()["exit"] == 0
    words, environment = json.loads(job.read("stdout"))
    assert words == ODD
    assert environment.pop("LC_CTYPE", "C.UTF-8") == "C.UTF-8"
    # The mark by which what tests started is found, if they run under it.
    environment.pop("SPARKAAS_TESTS", None)
    assert environment.pop("TMPDIR")
    assert environment == {
        "PATH": os.defpath,
        "WORD": "$(id) ü",
        "LANG": "C.UTF-8",
        "SPARKAAS_NODE": "here",
    }


def test_an_argv_may_be_printed_by_a_program(job):
    words = [sys.executable, "-c", "import sys; print(sys.argv[1:])", *ODD]
    text = "import sys; sys.stdout.write('note\\n' + '\\0\\n' + '\\0'.join(%r) + '\\0')"
    job.plan(*python(text % words), key="command", LANG="C.UTF-8")
    job.call("start")
    assert job.until_ended()["exit"] == 0
    assert job.read("stdout") == f"{ODD}\n"
    assert job.read("stderr") == "note\n"


def test_a_program_that_prints_none_ends_the_job(job):
    job.plan(*python("import sys; sys.exit('no such class')"), key="command")
    job.call("start")
    state = job.until_ended()
    assert state["exit"] == 1
    assert state["stderr"] == "no such class\n"


def test_a_missing_program(job):
    job.plan("/no/such/program")
    job.call("start")
    state = job.until_ended()
    assert state["exit"] == 127
    assert "could not be started" in state["stderr"]


@pytest.mark.parametrize("deep", [False, True])
def test_temporary_files_are_the_jobs_and_have_room_for_a_socket(job, deep):
    if deep:
        job.directory = job.directory / ("x" * 90)
        job.directory.mkdir()
        job.own = job.directory / ".launch"
        job.own.mkdir()
    text = (
        "import os, socket, tempfile; place = tempfile.gettempdir(); print(place);"
        "open(os.path.join(place, 'left'), 'w');"
        "socket.socket(socket.AF_UNIX).bind(os.path.join(place, 's' * 32))"
    )
    job.plan(*python(text))
    job.call("start")
    assert job.until_ended()["exit"] == 0, job.read("stderr")
    place = job.directory / ".tmp"
    assert sorted(path.name for path in place.iterdir()) == ["left", "s" * 32]
    assert place.stat().st_mode & 0o777 == 0o700


def test_a_job_may_choose_another_place_for_temporary_files(job, tmp_path):
    job.plan(*python("import tempfile; print(tempfile.gettempdir())"), TMPDIR="/")
    job.call("start")
    job.until_ended()
    assert job.read("stdout") == "/\n"


def test_the_files_are_private_and_the_driver_works_there(job):
    job.plan(*python("import os; print(os.getcwd()); open('made', 'w')"))
    job.call("start")
    job.until_ended()
    assert job.read("stdout") == f"{job.directory}\n"
    for name in ("stdout", "stderr", "made", ".launch/pid", ".launch/exit"):
        assert (job.directory / name).stat().st_mode & 0o077 == 0


def test_two_starts_at_once_start_one_driver(job):
    job.plan("/bin/sh", "-c", "echo started; sleep 300")
    starts = [
        subprocess.Popen(
            [sys.executable, "-I", PROGRAM, "start", job.directory],
            stdout=subprocess.PIPE,
        )
        for _ in range(4)
    ]
    answers = {start.communicate(timeout=30)[0] for start in starts}
    assert len(answers) == 1
    job.until(lambda: job.read("stdout") == "started\n")
    assert job.call("start")["pid"] == json.loads(answers.pop())["pid"]
    assert job.read("stdout") == "started\n"


def test_what_a_driver_leaves_behind_is_ended_before_the_exit_is_told(job):
    job.plan("/bin/sh", "-c", "(sleep 0.2; echo late) & sleep 300 & exit 3")
    pid = job.call("start")["pid"]
    assert job.until_ended()["exit"] == 3
    assert job.read("stdout") == "late\n"
    assert launcher.session(pid) == []


def test_a_signal_reaches_the_whole_session(job):
    job.plan("/bin/sh", "-c", "sleep 300 & sleep 300")
    pid = job.call("start")["pid"]
    job.until(lambda: len(launcher.session(pid)) == 3)
    job.call("kill")
    assert job.until_ended()["exit"] == -9
    assert launcher.session(pid) == []


def test_a_driver_without_its_supervisor_is_seen_to_its_end_and_then_lost(job):
    job.plan("/bin/sh", "-c", "sleep 300")
    pid = job.call("start")["pid"]
    psutil.Process(pid).parent().kill()
    assert job.call("look")["running"]
    os.kill(pid, signal.SIGKILL)
    state = job.until_ended()
    assert (state["started"], state["exit"]) == (True, None)
    assert job.call("start")["pid"] == pid
    assert not job.call("look")["running"]


def test_a_pid_of_another_process_is_nobody_of_ours(job):
    job.plan("/bin/sh", "-c", "sleep 300")
    job.call("start")
    stranger = subprocess.Popen(["/bin/sleep", "300"], start_new_session=True)
    try:
        pid_file = job.own / "pid"
        driver = pid_file.read_text()
        told = {**json.loads(driver), "pid": stranger.pid}
        pid_file.write_text(json.dumps(told))
        job.call("kill")
        assert stranger.poll() is None
        pid_file.write_text(driver)
    finally:
        stranger.kill()
        stranger.wait()


def test_nothing_was_started(job):
    assert job.call("look") == {
        "started": False,
        "running": False,
        "exit": None,
        "stdout": "",
        "stderr": "",
    }
    job.call("stop")


def test_every_line_is_there_when_the_exit_is(job):
    job.plan(*python("for n in range(200_000): print('line', n)"))
    job.call("start")
    assert job.until_ended()["exit"] == 0
    lines = job.read("stdout").splitlines()
    assert lines == [f"line {n}" for n in range(200_000)]


def test_settings_stand_behind_the_jars_of_a_class_path():
    def moved(path, settings="/etc/spark"):
        argv = [b"java", b"-cp", path, b"-Xmx1g", b"Main", b"-cp"]
        return launcher.jars_first(argv, {"SPARK_CONF_DIR": settings})[2]

    assert moved(b"/etc/spark/:/opt/a.jar:/opt/*") == b"/opt/a.jar:/opt/*:/etc/spark/"
    assert moved(b"/etc/spark:/opt/*", "/etc/spark/") == b"/opt/*:/etc/spark"
    # What a user puts in front stays in front.
    assert moved(b"/home/x.jar:/etc/spark:/opt/*") == b"/home/x.jar:/etc/spark:/opt/*"
    assert moved(b"/etc/spark") == b"/etc/spark"
    assert moved(b"/etc/spark:/opt/*", "") == b"/etc/spark:/opt/*"


def test_a_program_without_a_class_path_stays_as_it_is():
    argv = [b"python3", b"x.py"]
    assert launcher.jars_first(argv, {"SPARK_CONF_DIR": "/etc/spark"}) == argv
