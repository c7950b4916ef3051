# SPDX-License-Identifier: Apache-2.0
"""Bad input and faults, as a user meets them: the real service, real Spark, the CLI.

Each has a message that says what is wrong and what to do, nothing hangs, and no
traceback of the service or of the client is shown.
"""

from __future__ import annotations

import contextlib
import json
import os
import pty
import re
import select
import signal
import subprocess
import zipfile
from collections.abc import Iterator

import psutil
import pytest

from tests.scenario import harness
from tests.scenario import saying

pytestmark = pytest.mark.slow

CLUSTER = "faults"
ODD = [
    "a b",
    " ",
    "",
    "'\"",
    "it's",
    ";",
    "; touch pwned",
    "$(touch pwned)",
    "`touch pwned`",
    "${HOME}",
    "two\nlines",
    "a\r\n\tb",
    "ünï ✓ 日本",
    "--name",
    "-x",
    "--",
    "*",
    "\\",
    "%s {0}",
    "",
]

ARGUMENTS = "import sys; print(repr(sys.argv[1:])); import os; print(os.listdir('.'))"

THROWS = """\
import sys
print("before the fault", flush=True)
def pay(amount):
    raise ValueError(f"no money for {amount}")
pay(7)
"""

EXITS = "import sys; print('giving up', file=sys.stderr); sys.exit(42)"

#: Says which processes its driver is, then stays.
STAYS = """\
import json, os, time
print(json.dumps([os.getppid(), os.getpid()]), flush=True)
time.sleep(600)
"""

LINES = 20_000
TALKS = f"""\
import sys, time
for number in range({LINES}):
    print("line", number)
sys.stdout.flush()
print("said", file=sys.stderr)
time.sleep(float(sys.argv[1]))
"""
#: Spark joins a Python driver's streams.
TALKED = "".join(f"line {number}\n" for number in range(LINES)) + "said\n"

RUNNING = {"PENDING", "RUNNING", "TOBEKILLED"}


def _run(service: harness.Service, *words: str, **options) -> subprocess.Popen:
    """``sparkaas run`` on the shared cluster, not waited for."""
    return subprocess.Popen(
        [harness.BIN / "sparkaas", "run", "--cluster", CLUSTER, *words],
        env=harness.environment(service.state),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        **options,
    )


def _jobs(service: harness.Service) -> list[dict]:
    return service.call("GET", "jobs?sort_by=created_at").json()["jobs"]


def _job(service: harness.Service, id: str) -> dict:
    return service.call("GET", f"jobs/{id}").json()["job"]


def _launched(text: str) -> str:
    """The id of the job that a ``run`` told of."""
    found = re.search(r"Job ([0-9a-f-]{36}) ", text)
    assert found, text
    return found[1]


def _started(service: harness.Service, name: str) -> tuple[str, list[int]]:
    """The id of the running job of that name, and the processes it says it is."""

    def look():
        for job in _jobs(service):
            if job["name"] != name or job["info"]["status"] not in RUNNING:
                continue
            said = service.call("GET", f"jobs/{job['id']}/logs/stdout").text
            if said.endswith("\n"):
                return job["id"], json.loads(said)
        return None

    return harness.wait_for(look, 60, f"{name} says that it runs")


def _end(service: harness.Service, id: str) -> dict:
    def look():
        job = _job(service, id)
        return None if job["info"]["status"] in RUNNING else job

    return harness.wait_for(look, 60, f"job {id} is over")


def _gone(pids: list[int]) -> None:
    harness.wait_for(
        lambda: not any(psutil.pid_exists(pid) for pid in pids), 20, f"{pids} are gone"
    )


def _workers(service: harness.Service) -> list[psutil.Process]:
    name = "org.apache.spark.deploy.worker.Worker"
    found = []
    for process in harness.processes_below(service.state):
        with contextlib.suppress(psutil.NoSuchProcess):
            if name in process.cmdline():
                found.append(process)
    return found


@pytest.fixture(scope="module")
def cluster(service) -> str:
    """One master, one worker."""
    done = service.cli("cluster", "create", CLUSTER, "--workers", "1", "--wait")
    assert done.returncode == 0, done.stderr + service.output()
    return CLUSTER


# Asked for wrongly


def test_a_wrong_field(service):
    body = {"name": "x", "plugin_name": "spark", "plugin_version": "4", "bogus": 1}
    answer = service.call("POST", "clusters", body)
    said = answer.json()
    assert answer.status_code == 400
    assert said["error_name"] == "VALIDATION_ERROR"
    assert "bogus" in said["error_message"]
    assert said["hint"]


def test_an_unknown_plugin(service):
    done = service.cli("cluster", "create", "x", "--plugin", "nope")
    saying.refused(done, "no plugin", "nope", hint="list")
    body = {"name": "x", "plugin_name": "nope", "plugin_version": "1"}
    answer = service.call("POST", "clusters", body)
    assert answer.status_code == 400
    assert answer.json()["error_name"] == "INVALID_REFERENCE"
    assert "spark" in answer.json()["hint"]


def test_an_unknown_version(service):
    done = service.cli("cluster", "create", "x", "--plugin-version", "0.1")
    plugin = service.call("GET", "plugins/spark").json()["plugin"]
    saying.refused(done, "spark", "0.1", hint=plugin["versions"][0])
    body = {"name": "x", "plugin_name": "spark", "plugin_version": "0.1"}
    answer = service.call("POST", "clusters", body)
    assert answer.status_code == 400
    assert answer.json()["error_name"] == "INVALID_REFERENCE"
    assert plugin["versions"][0] in answer.json()["hint"]
    assert service.call("GET", "clusters").json()["clusters"] == []


def test_a_missing_file(service, tmp_path):
    saying.refused(service.cli("run", str(tmp_path / "gone.py")), "There is no file")
    app = saying.write(tmp_path, "app.py", saying.COUNTS)
    done = service.cli("run", app, "--file", str(tmp_path / "gone.zip"))
    saying.refused(done, "There is no file", "gone.zip")


def test_a_jar_that_does_not_name_its_class(service, tmp_path):
    with zipfile.ZipFile(tmp_path / "app.jar", "w") as jar:
        jar.writestr("META-INF/MANIFEST.MF", "Manifest-Version: 1.0\r\n")
    done = service.cli("run", str(tmp_path / "app.jar"))
    saying.refused(done, "main class", hint="--class")
    (tmp_path / "half.jar").write_bytes(b"PK\x03\x04")
    saying.refused(service.cli("run", str(tmp_path / "half.jar")), "is not a jar")


def test_an_unknown_cluster_or_job(service, tmp_path):
    app = saying.write(tmp_path, "app.py", saying.COUNTS)
    saying.refused(service.cli("run", "--cluster", "nope", app), "no cluster", "nope")
    saying.refused(service.cli("why", "nope"), "nope", hint="list")


# Programs that fail


def test_a_program_that_throws(service, cluster, tmp_path):
    app = saying.write(tmp_path, "throws.py", THROWS)
    done = service.cli("run", "--cluster", cluster, app)
    assert done.returncode == 1
    assert "error: ValueError: no money for 7\n" in done.stderr
    assert "hint: " in done.stderr
    # The program's own trace is its output (Spark joins a Python driver's streams),
    # and is all that looks like one.
    assert done.stdout.startswith("before the fault\n")
    assert (done.stdout + done.stderr).count("Traceback") == 1

    id = _launched(done.stderr)
    why = service.cli("why", id, "-f", "json")
    told = json.loads(why.stdout)
    assert told["state"] == "DONEWITHERROR"
    assert told["why"] == "ValueError: no money for 7"
    assert told["code"] == "APPLICATION_FAILED"
    assert told["hint"]
    shown = service.cli("job", "show", id, "-f", "json").stdout
    assert "no money for 7" in shown


def test_its_exit_code_is_passed_through(service, cluster, tmp_path):
    app = saying.write(tmp_path, "exits.py", EXITS)
    done = service.cli("run", "--cluster", cluster, app)
    assert done.returncode == 42
    assert "exit code 42" in done.stderr.partition("error: ")[2]
    assert "Traceback" not in done.stderr
    job = _job(service, _launched(done.stderr))
    assert job["return_code"] == "42"
    assert job["reason"]["code"] == "DRIVER_FAILED"


@pytest.mark.parametrize("victim", ["jvm", "python"])
def test_a_driver_that_the_system_kills(service, cluster, tmp_path, victim):
    name = f"killed-{victim}"
    run = _run(service, saying.write(tmp_path, f"{name}.py", STAYS))
    id, [jvm, python] = _started(service, name)
    os.kill({"jvm": jvm, "python": python}[victim], signal.SIGKILL)
    _, err = run.communicate(timeout=60)
    assert run.returncode == 128 + signal.SIGKILL
    assert "signal 9" in err
    assert "memory" in err
    assert "hint: " in err
    assert "Traceback" not in err
    assert _job(service, id)["reason"]["code"] == "DRIVER_KILLED"
    _gone([jvm, python])


def test_arguments_arrive_as_typed(service, cluster, tmp_path):
    app = saying.write(tmp_path, "arguments.py", ARGUMENTS)
    done = service.cli("run", "--cluster", cluster, app, "--", *ODD)
    assert done.returncode == 0, done.stderr
    said, files = done.stdout.splitlines()
    assert said == repr(ODD)
    assert "pwned" not in files


def test_a_killed_worker_comes_back(service, cluster, tmp_path):
    [worker] = _workers(service)
    worker.kill()

    def back():
        found = _workers(service)
        return found and found[0] != worker

    harness.wait_for(back, 30, "the worker is back")
    app = saying.write(tmp_path, "counts.py", saying.COUNTS)
    done = service.cli("run", "--cluster", cluster, app)
    assert done.returncode == 0, done.stderr
    assert done.stdout == "sum 4950\n"
    [left] = service.call("GET", "clusters").json()["clusters"]
    assert left["status"] == "Active"


# Cancelled


class Terminal:
    """A command at a terminal."""

    def __init__(self, service: harness.Service, *words: str) -> None:
        self._master, slave = pty.openpty()
        self.process = subprocess.Popen(
            [harness.BIN / "sparkaas", *words],
            env=harness.environment(service.state, TERM="xterm", COLUMNS="100"),
            stdin=slave,
            stdout=slave,
            stderr=slave,
            start_new_session=True,
        )
        os.close(slave)
        self.seen = ""

    def until(self, pattern: str) -> None:
        """Read until the pattern was written."""
        harness.wait_for(lambda: self._read(pattern), 60, f"{pattern} is shown")

    def _read(self, pattern: str) -> bool:
        while select.select([self._master], [], [], 0)[0]:
            try:
                self.seen += os.read(self._master, 65536).decode(errors="replace")
            except OSError:  # the other end is closed
                break
        return re.search(pattern, self.seen) is not None

    def type(self, text: str) -> None:
        os.write(self._master, text.encode())

    def end(self) -> int:
        """Its exit code, with the rest of what it writes read."""
        harness.wait_for(
            lambda: self._read("$^") or self.process.poll() is not None, 60, "the end"
        )
        self._read("$^")
        return self.process.wait()

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait(30)
        os.close(self._master)


@pytest.fixture
def terminal(service) -> Iterator:
    opened = []

    def open_(*words: str) -> Terminal:
        opened.append(Terminal(service, *words))
        return opened[-1]

    yield open_
    for one in opened:
        one.close()


def test_ctrl_c_and_cancel_at_a_terminal(service, cluster, tmp_path, terminal):
    app = saying.write(tmp_path, "ctrl-c.py", STAYS)
    run = terminal("run", "--cluster", cluster, app)
    id, pids = _started(service, "ctrl-c")
    run.until(re.escape(json.dumps(pids)))
    run.process.send_signal(signal.SIGINT)
    run.until(r"\[d\]etach or \[c\]ancel\?")
    assert _job(service, id)["info"]["status"] == "RUNNING"
    run.type("c\n")
    assert run.end() in (128 + signal.SIGINT, 128 + signal.SIGTERM), run.seen
    assert "Traceback" not in run.seen
    assert "cancelled" in run.seen
    job = _end(service, id)
    assert job["info"]["status"] == "KILLED"
    assert job["reason"]["code"] == "CANCELLED"
    _gone(pids)


def test_an_interrupted_script_leaves_a_job_that_can_be_cancelled(
    service, cluster, tmp_path
):
    run = _run(service, saying.write(tmp_path, "left.py", STAYS))
    id, pids = _started(service, "left")
    run.send_signal(signal.SIGINT)
    _, err = run.communicate(timeout=30)
    assert run.returncode == 128 + signal.SIGINT
    assert f"job cancel {id}" in err
    assert "Traceback" not in err
    assert all(psutil.pid_exists(pid) for pid in pids)

    done = service.cli("job", "cancel", "--wait", "-f", "json", id)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["status"] == "KILLED"
    _gone(pids)


# The last one: it deletes the cluster.


def test_logs_are_complete_after_the_cluster_is_gone(service, cluster, tmp_path):
    app = saying.write(tmp_path, "talks.py", TALKS)
    done = service.cli("run", "--cluster", cluster, "--name", "ended", app, "--", "0")
    ended = _launched(done.stderr)
    assert done.stdout == TALKED

    run = _run(service, "--name", "cut", app, "--", "600")
    harness.wait_for(
        lambda: any(
            job["name"] == "cut" and job["info"]["status"] == "RUNNING"
            for job in _jobs(service)
        ),
        60,
        "the job runs",
    )
    [cut] = [job["id"] for job in _jobs(service) if job["name"] == "cut"]
    last = {"offset": len(TALKED) - 1}  # until then it lies past the end: 400
    harness.wait_for(
        lambda: service.call("GET", f"jobs/{cut}/logs/stdout", params=last).ok,
        60,
        "the job has said all",
    )

    deleted = service.cli("cluster", "delete", cluster, "--wait")
    assert deleted.returncode == 0, deleted.stderr
    out, err = run.communicate(timeout=60)
    assert out == TALKED
    assert "Traceback" not in err
    assert _end(service, cut)["info"]["status"] == "KILLED"
    for id in (ended, cut):
        logs = service.cli("job", "logs", id)
        assert logs.returncode == 0, logs.stderr
        assert logs.stdout == TALKED
    assert "gone" in service.cli("why", cut).stdout
