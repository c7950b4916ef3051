# SPDX-License-Identifier: Apache-2.0
"""``run`` from a file to an exit code."""

import threading
import time

import pytest

from sparkaas import exceptions
from sparkaas import model
from sparkaas.client import logs
from sparkaas.client import transport
from sparkaas.testing import node


@pytest.fixture
def behave(served):
    """``behave(exit_code=3, ...)`` says what the drivers of this test do."""

    def set_script(**fields):
        served.engine.script = node.Script(**fields)

    yield set_script
    served.engine.script = node.Script()


@pytest.fixture(scope="module")
def cluster():
    return "here"


@pytest.fixture
def active(program, cluster):
    """The only cluster there is."""
    if not program.json("cluster", "list"):
        program("cluster", "create", cluster, "--wait", "--timeout", "60")
    return cluster


def submission(served):
    return list(served.engine.submissions.values())[-1]


def test_output_goes_where_it_belongs(program, active, app):
    result = program("run", app())
    assert result.out == b"one\ntwo\nthree\n"
    assert "INFO done\n" in result.err
    assert f"Using cluster {active} (Active)." in result.err


def test_quiet_tells_only_the_programs_own(program, active, app):
    result = program("-q", "run", app())
    assert (result.out, result.err) == (b"one\ntwo\nthree\n", "INFO done\n")


@pytest.mark.parametrize(
    ("exit_code", "expected"), [(0, 0), (3, 3), (255, 255), (-9, 137), (-15, 143)]
)
def test_the_exit_code_is_the_drivers(
    program, active, app, behave, exit_code, expected
):
    behave(exit_code=exit_code)
    result = program("run", app(), code=expected)
    assert result.out == b"one\ntwo\nthree\n"
    assert ("error: " in result.err) == bool(expected)


def test_a_job_that_stands_still_says_why_once(program, served, active, app, behave):
    behave(seconds=400)
    served.engine.waits = model.Reason(
        code="WAITS_FOR_CORES", sentence="It waits for cores.", hint="Wait."
    )
    try:
        result = program("run", app())
    finally:
        served.engine.waits = None
    said = "It waits for cores.\nhint: Wait.\ncode: WAITS_FOR_CORES\n"
    assert result.err.count(said) == 1
    assert result.err.count("It waits") == 1
    assert result.out == b"one\ntwo\nthree\n"


def test_arguments_arrive_as_typed(program, served, active, app):
    args = ["a b", "'", '"', "; rm -rf /", "$(id)", "--", "-v", "--debug", "", "ü\n\t*"]
    program("run", app(), "--", *args)
    assert list(submission(served).args) == args


def test_settings_files_and_names(program, served, active, app, tmp_path):
    program(
        *("run", app("etl.py"), "--name", "nightly"),
        *("--conf", "spark.executor.memory=512m", "--conf", "spark.x=a=b"),
        *("--file", app("my helpers.py", "x = 1\n"), "--file", app("data.csv", "1,2")),
    )
    sent = submission(served)
    assert sent.configs["spark.executor.memory"] == "512m"
    assert sent.configs["spark.x"] == "a=b"
    assert [path.rpartition("/")[2] for path in sent.mains] == ["etl.py"]
    # Imported and opened by their own names.
    assert {path.rpartition("/")[2] for path in sent.libs} == {
        "my helpers.py",
        "data.csv",
    }
    assert "nightly" in [row["Name"] for row in program.json("job", "list")]


@pytest.mark.parametrize(
    ("name", "kind"), [("a.py", "PySpark"), ("a.sql", "SparkSQL"), ("a.sh", "Shell")]
)
def test_kinds_of_program(program, active, app, name, kind):
    program("run", app(name, "x"), "--name", f"kind-{kind}")
    shown = program.json("job", "template", "show", f"kind-{kind}")
    assert shown["type"] == kind


def test_the_same_program_uploads_nothing_twice(program, active, app):
    program("run", app("again.py", "print('again')"))
    binaries = len(program.json("job", "binary", "list"))
    templates = len(program.json("job", "template", "list"))
    program("run", app("again.py", "print('again')"))
    assert len(program.json("job", "binary", "list")) == binaries
    assert len(program.json("job", "template", "list")) == templates


def test_big_output_arrives_whole(program, active, app, behave):
    lines = b"".join(b"line %d\n" % number for number in range(200_000))
    behave(stdout=lines, seconds=30)
    assert program("run", app()).out == lines


def test_output_that_is_not_text_arrives_byte_for_byte(program, active, app, behave):
    data = bytes(range(256)) * 100 + b"no newline at the end"
    behave(stdout=data)
    assert program("run", app()).out == data


def test_no_such_cluster(program, active, app):
    result = program("run", app(), "--cluster", "nowhere", code=1)
    assert result.err.startswith("error: There is no cluster with the id or name")
    assert "\nhint: " in result.err


def test_a_job_that_cannot_be_started_is_told_with_its_reason(
    program, served, active, app, monkeypatch
):
    def submit(*args, **kwargs):
        raise exceptions.Permanent("There is no spark-submit.", hint="Install Spark.")

    monkeypatch.setattr(served.engine, "submit", submit)
    result = program("run", app(), code=1)
    assert result.out == b""
    assert (
        "error: There is no spark-submit.\nhint: Install Spark.\ncode: " in result.err
    )


def test_a_running_job_is_followed_through_a_restart_of_the_service(
    program, served, active, app, behave, monkeypatch
):
    # A server that goes within a living process leaves some connections open,
    # in silence.
    monkeypatch.setattr(logs, "HOLD_SECONDS", 0.5)
    monkeypatch.setattr(logs, "SILENT_SECONDS", 1.0)
    monkeypatch.setattr(transport, "READ_SECONDS", 1.5)
    lines = b"".join(b"line %d\n" % number for number in range(20_000))
    behave(stdout=lines, seconds=60)
    before = len(served.engine.submissions)
    stopped = []

    def restart_when_it_runs():
        deadline = time.monotonic() + 60
        while len(served.engine.submissions) == before:
            assert time.monotonic() < deadline
            time.sleep(0.01)
        stopped.extend(served.restart(2))

    restarts = threading.Thread(target=restart_when_it_runs)
    restarts.start()
    result = program("run", app())
    ended = time.monotonic()
    restarts.join()
    assert result.out == lines
    assert len(stopped) == 2
    assert stopped[0] < ended


def test_two_clusters_need_a_choice(program, active, app):
    program("cluster", "create", "second", "--wait", "--timeout", "60")
    result = program("run", app(), code=1)
    assert "error: There are 2 clusters: here, second." in result.err
    assert program("run", app(), "--cluster", "second").out == b"one\ntwo\nthree\n"
    program("cluster", "delete", "second", "--wait", "--timeout", "60")


@pytest.mark.parametrize("keep", [[], ["--keep"], ["--no-keep"]])
def test_a_cluster_of_its_own(program, active, app, keep):
    result = program("run", app(), "--workers", "1", *keep, "--flavor", "small")
    assert result.out == b"one\ntwo\nthree\n"
    assert "Making cluster run-" in result.err
    assert "1 master + 1 worker (small), spark" in result.err
    made = result.err.partition("Making cluster ")[2].partition(":")[0]
    left = {row["Name"]: row["Status"] for row in program.json("cluster", "list")}
    if keep == ["--no-keep"]:
        assert left.get(made, "Deleting") == "Deleting"
        assert f"Deleting cluster {made}." in result.err
    else:
        assert left[made] == "Active"
        assert f"sparkaas cluster delete {made}" in result.err
        program("cluster", "delete", made, "--wait", "--timeout", "60")


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["gone.py"], "error: There is no file 'gone.py'."),
        (["APP", "--class", "a.B"], "error: --class is for a .jar"),
        (["APP", "--conf", "memory=1g"], "error: 'memory' is not a setting"),
        (["APP", "--conf", "memory"], "is not of the form key=value"),
        (["APP", "--file", "gone.csv"], "error: There is no file 'gone.csv'."),
        (["APP", "--cluster", "c", "--workers", "2"], "error: --workers is for a new"),
        (["APP", "--cluster", "c", "--no-keep"], "does not go with --cluster"),
        (["APP", "--workers", "0"], "is not a number from 1 up"),
        (["APP", "10"], "the program's own go after --"),
        ([], "the following arguments are required: FILE"),
    ],
)
def test_what_is_typed_wrongly_is_told_before_anything_is_made(
    program, served, app, capsys, words, sentence
):
    before = len(served.engine.submissions)
    path = app()
    result = program(
        "run", *[path if word == "APP" else word for word in words], code=2
    )
    # argparse knows no other stream than the process's own.
    assert sentence in result.err + capsys.readouterr().err
    assert len(served.engine.submissions) == before
