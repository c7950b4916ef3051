# SPDX-License-Identifier: Apache-2.0
"""Programs that cannot start say so in one line, and leave the rest to the log."""

import os
import socket
import subprocess
import sys

import pytest

#: An address where nothing listens.
NOBODY = "mysql+pymysql://u:pw-hush@127.0.0.1:1/x"
GARBAGE = b"this is no database, but long enough to be taken for one. " * 100


@pytest.fixture
def start(tmp_path):
    """Runs ``sparkaas.cmd.NAME`` until it gives up; returns its only line and what
    else it wrote."""

    def program(name, *arguments, code=1, **environ):
        kept = {k: v for k, v in os.environ.items() if not k.startswith("OS_")}
        done = subprocess.run(
            [
                sys.executable,
                "-c",
                f"from sparkaas.cmd import {name} as program\n"
                "import sys; sys.exit(program.main())",
                *arguments,
            ],
            env={
                **kept,
                "SPARKAAS_STATE": str(tmp_path / "state"),
                "OS_DATABASE__MAX_RETRIES": "0",
                **environ,
            },
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert done.returncode == code, done
        (line,) = done.stderr.splitlines()
        log = tmp_path / "state" / "sparkaas.log"
        return line, done.stdout + (log.read_text() if log.exists() else "")

    return program


@pytest.mark.parametrize("name", ["all", "api", "conductor", "manage"])
def test_a_database_that_is_none(start, tmp_path, name):
    (tmp_path / "state").mkdir()
    (tmp_path / "state" / "sparkaas.sqlite").write_bytes(GARBAGE)
    words = ("db", "sync") if name == "manage" else ("--api-port", "0")
    line, log = start(name, *words)
    assert line == (
        f"sparkaas-{name}: The database cannot be used: file is not a database. "
        "Check [database] connection."
    )
    # What sparkaas-manage says, it says to a person.
    assert ("Traceback" in log) == (name != "manage")


@pytest.mark.parametrize("name", ["all", "api", "conductor"])
def test_a_database_that_does_not_answer(start, name):
    line, log = start(name, "--api-port", "0", OS_DATABASE__CONNECTION=NOBODY)
    assert line.startswith(f"sparkaas-{name}: The database cannot be used: ")
    assert "Connection refused" in line
    assert "pw-hush" not in line + log


@pytest.mark.parametrize("name", ["api", "conductor"])
def test_a_database_without_its_schema(start, name):
    line, _ = start(name, "--api-port", "0")
    assert line.startswith(f"sparkaas-{name}: The database's schema is at nothing,")
    assert line.endswith("Run: sparkaas-manage db sync")


@pytest.mark.parametrize(
    ("environ", "sentence"),
    [
        (
            {"OS_DATABASE__CONNECTION": "hush-hush"},
            "[database] connection is not the URL of a database",
        ),
        (
            {"OS_DATABASE__CONNECTION": "firebird+x://u:hush-hush@h/x"},
            "[database] connection is not the URL of a database",
        ),
        (
            {"OS_DEFAULT__TRANSPORT_URL": "pigeon://u:hush-hush@h/"},
            "[DEFAULT] transport_url is not the URL of a message broker",
        ),
        ({"OS_LOCAL__NETWORK": "10.0.0.0/8"}, "[local] network cannot be used"),
        ({"JAVA_HOME": "/nowhere"}, "JAVA_HOME is /nowhere, and there is no"),
        ({"OS_LOCAL__JAVA_HOME": "/x"}, "[local] java_home is /x, and there is no"),
        (
            {"OS_SPARK__VERSION_FILES": "/nowhere.yaml"},
            "The version file /nowhere.yaml cannot be read",
        ),
        ({"OS_CONDUCTOR__WORKERS": "some"}, "Value for option workers from"),
    ],
)
def test_options_that_cannot_be(start, environ, sentence):
    line, log = start("all", "--api-port", "0", **environ)
    assert line.startswith(f"sparkaas-all: {sentence}")
    assert "hush-hush" not in line + log


def test_a_port_in_use(start):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        line, log = start("all", "--api-port", str(taken.getsockname()[1]))
    assert "is taken by another program. Choose another with --api-port" in line
    assert line.split(". ")[0].partition(": ")[2] in log


@pytest.mark.parametrize("content", [b"[api", b"\xff\xfe[api]\n"])
def test_a_configuration_that_cannot_be_read(start, tmp_path, content):
    file = tmp_path / "sparkaas.conf"
    file.write_bytes(content)
    line, _ = start("all", "--config-file", str(file))
    assert line.startswith("sparkaas-all: The configuration cannot be read: ")


def test_a_configuration_that_is_a_directory(start, tmp_path):
    line, _ = start("conductor", "--config-file", str(tmp_path))
    assert "cannot be read" in line
    assert str(tmp_path) in line


def test_a_log_that_cannot_be_written(start):
    line, _ = start("conductor", "--log-file", "/nowhere/x.log")
    assert line.startswith("sparkaas-conductor: The log cannot be written: ")
    assert "log_file" in line


def test_a_state_directory_that_cannot_be_made(start):
    line, _ = start("all", "--service-state_path", "/dev/null/x")
    assert line.startswith("sparkaas-all: The system refuses: Not a directory")
    assert "--service-state_path" in line
