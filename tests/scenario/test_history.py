# SPDX-License-Identifier: Apache-2.0
"""What is left of a job when its cluster is gone: its output, and its history."""

from __future__ import annotations

import contextlib
import signal
import socket
import subprocess

import pytest
import requests

from tests.scenario import harness

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

LINES = 2000
PROGRAM = f"""\
from pyspark.sql import SparkSession
spark = SparkSession.builder.appName("twelve tasks").getOrCreate()
print(spark.sparkContext.parallelize(range(12), 12).sum())
for number in range({LINES}):
    print("line", number)
spark.stop()
"""


@contextlib.contextmanager
def history(service, *arguments):
    """``sparkaas history``, as long as it is needed; the URL that it prints."""
    with socket.create_server(("127.0.0.1", 0)) as one:
        port = one.getsockname()[1]
    with subprocess.Popen(
        [
            *(harness.BIN / "sparkaas", "history", *arguments),
            *("--no-browser", "--port", str(port)),
        ],
        env=harness.environment(service.state),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            said = process.stdout.readline()
            yield said.rpartition(" ")[2].strip(), process
        finally:
            process.send_signal(signal.SIGTERM)
            process.communicate(timeout=60)
    assert process.returncode == 0
    with socket.create_server(("127.0.0.1", port)):
        pass  # the history server went with the command


@pytest.fixture(scope="module")
def gone(service, tmp_path_factory):
    """A job that is over, whose cluster is gone; with what ``run`` printed."""
    program = tmp_path_factory.mktemp("program") / "twelve.py"
    program.write_text(PROGRAM)
    made = service.cli(
        *("cluster", "create", "short", "--workers", "1", "--flavor", "small"),
        *("--with", "history-server", "--wait", "--timeout", "240"),
    )
    assert made.returncode == 0, made.stderr
    done = service.cli("run", str(program), "--cluster", "short")
    assert done.returncode == 0, done.stderr
    (job,) = service.call("GET", "jobs").json()["jobs"]
    _on_the_cluster_itself(service)
    service.cli("cluster", "delete", "short", "--wait")
    assert service.call("GET", "clusters").json() == {"clusters": []}
    return job, done.stdout


def _on_the_cluster_itself(service):
    """While it lives its own history server shows the job's application."""
    (cluster,) = service.call("GET", "clusters").json()["clusters"]
    url = f"{cluster['info']['Spark']['History UI']}/api/v1/applications"

    def names():
        return [one["name"] for one in requests.get(url, timeout=30).json()]

    shown = harness.wait_for(names, 60, "the cluster's history server shows the job")
    assert shown == ["twelve tasks"]


def test_the_output_is_complete(service, gone):
    job, printed = gone
    text = service.cli("job", "logs", job["id"], "--stream", "stdout").stdout
    assert text == printed
    assert text.splitlines()[0] == "66"
    assert text.splitlines()[-1] == f"line {LINES - 1}"
    answer = service.call("GET", f"jobs/{job['id']}/logs/stdout")
    assert answer.headers["X-Log-Complete"] == "true"


def test_a_history_server_shows_the_application(service, gone):
    job, _ = gone
    with history(service, job["id"]) as (url, process):
        assert url.startswith("http://127.0.0.1:"), process.stderr.read()
        (found,) = requests.get(f"{url}/api/v1/applications", timeout=30).json()
        assert found["name"] == "twelve tasks"
        assert found["attempts"][0]["completed"] is True
        stages = f"{url}/api/v1/applications/{found['id']}/stages"
        (stage,) = requests.get(stages, timeout=60).json()
        assert (stage["status"], stage["numCompleteTasks"]) == ("COMPLETE", 12)


def test_a_taken_port_is_told(service, gone):
    job, _ = gone
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        done = service.cli("history", job["id"], "--no-browser", "--port", port)
    assert done.returncode == 1
    assert "history server ended with code" in done.stderr
    assert "--port" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_log_is_a_file_for_any_history_server(service, gone, tmp_path):
    job, _ = gone
    done = service.cli("job", "events", job["id"], "--directory", str(tmp_path))
    assert done.returncode == 0, done.stderr
    (path,) = tmp_path.iterdir()
    assert done.stdout.strip() == str(path)
    assert path.name == f"{job['id']}.zstd"
    zstd = b"\x28\xb5\x2f\xfd"
    assert path.read_bytes().startswith(zstd)


def test_a_job_that_is_gone_has_none(service, gone):
    job, _ = gone
    service.cli("job", "delete", job["id"], "--wait")
    done = service.cli("history", "--no-browser")
    assert done.returncode == 1
    assert "no job with an event log" in done.stderr
