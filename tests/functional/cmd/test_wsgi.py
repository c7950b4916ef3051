# SPDX-License-Identifier: Apache-2.0
"""The API behind uWSGI, as the sample file starts it: several forked processes."""

import configparser
import os
import pathlib
import subprocess
import sys
import urllib.error
import urllib.request
from concurrent import futures

import pytest

from sparkaas.cmd import api
from sparkaas.db import migration
from sparkaas.db import session
from tests.servers import process

ROOT = pathlib.Path(__file__).parents[3]
SAMPLE = ROOT / "etc" / "uwsgi-sparkaas-api.ini"


@pytest.mark.parametrize(
    ("environ", "files"),
    [
        ({}, ["/etc/sparkaas/sparkaas.conf"]),
        ({"OS_SPARKAAS_CONFIG_DIR": "/x"}, ["/x/sparkaas.conf"]),
        ({"OS_SPARKAAS_CONFIG_FILES": "a.conf;/y/b"}, ["/etc/sparkaas/a.conf", "/y/b"]),
        (
            {"OS_SPARKAAS_CONFIG_FILES": "a; b;", "OS_SPARKAAS_CONFIG_DIR": "/x"},
            ["/x/a", "/x/b"],
        ),
    ],
)
def test_the_environment_names_the_files(environ, files):
    assert api.config_files(environ) == files


@pytest.fixture
def configured(tmp_path):
    """The environment of a server; the state and the configuration in tmp_path."""
    (tmp_path / "sparkaas.conf").write_text(
        f"[service]\nstate_path = {tmp_path}/state\n"
        f"[database]\nconnection = sqlite:///{tmp_path}/db.sqlite\n"
        "[metrics]\nenabled = true\n"
    )
    kept = {k: v for k, v in os.environ.items() if not k.startswith("OS_")}
    return {**kept, "OS_SPARKAAS_CONFIG_DIR": str(tmp_path)}


def imported(environ, code=""):
    return subprocess.run(
        [sys.executable, "-c", f"from sparkaas.cmd import wsgi\n{code}"],
        env=environ,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
    )


def test_nothing_is_connected_before_a_fork(configured):
    done = imported(
        configured,
        "import os, threading\n"
        "print(threading.active_count())\n"
        "for name in os.listdir('/proc/self/fd'):\n"
        "    path = f'/proc/self/fd/{name}'\n"
        "    print(os.readlink(path) if os.path.lexists(path) else '')",
    )
    assert done.returncode == 0, done.stderr
    threads, *files = done.stdout.splitlines()
    assert threads == "1"
    assert not [name for name in files if "socket" in name or "sqlite" in name]


def test_a_configuration_that_is_not_there_keeps_the_server_from_starting(configured):
    done = imported({**configured, "OS_SPARKAAS_CONFIG_FILES": "missing.conf"})
    assert done.returncode != 0
    assert "missing.conf" in done.stderr


def ask(port, path, token="", method="GET"):  # noqa: S107
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}{path}",
        headers={"X-Auth-Token": token},
        method=method,
    )
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()


@pytest.fixture
def uwsgi(configured, tmp_path):
    """The sample with other paths, under uWSGI; gives its port."""
    pytest.importorskip("pyuwsgi", reason="pip install pyuwsgi")
    sample = configparser.ConfigParser(strict=False, interpolation=None)
    sample.read(SAMPLE)
    port = process.free_port()
    settings = {
        **sample["uwsgi"],
        "http-socket": f"127.0.0.1:{port}",
        "virtualenv": sys.prefix,
    }
    lines = [f"{key} = {value}" for key, value in settings.items()]
    ini = tmp_path / "uwsgi.ini"
    ini.write_text("\n".join(["[uwsgi]", *lines, ""]))
    metrics = tmp_path / "metrics"
    metrics.mkdir()
    server = process.Process(
        [sys.executable, "-c", "import pyuwsgi; pyuwsgi.run()", "--ini", str(ini)],
        user="root",
        cwd=tmp_path,
        ready=lambda: process.accepts(port),
        environment={**configured, "PROMETHEUS_MULTIPROC_DIR": str(metrics)},
    )
    server.start()
    yield port
    server.stop()


def test_processes_that_were_forked_serve_requests(uwsgi, configured, tmp_path):
    status, text = ask(uwsgi, "/healthcheck")
    assert (status, text) == (503, b"The database cannot be used.\n")

    database = session.Database(f"sqlite:///{tmp_path}/db.sqlite")
    migration.upgrade(database)
    database.dispose()

    assert ask(uwsgi, "/healthcheck")[0] == 200
    assert ask(uwsgi, "/healthcheck", method="HEAD")[0] == 204
    assert ask(uwsgi, "/v2/clusters")[0] == 401
    token = (tmp_path / "state" / "token").read_text()
    answers = {ask(uwsgi, "/v2/clusters", token) for _ in range(20)}
    assert answers == {(200, b'{"clusters": []}')}

    # Whichever process is asked, it answers for all.
    with futures.ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda _: ask(uwsgi, "/v2/images", token), range(40)))
    for _ in range(10):
        shown = ask(uwsgi, "/metrics")[1].decode()
        (line,) = [
            one
            for one in shown.splitlines()
            if one.startswith("sparkaas_api_requests_total") and "/v2/images" in one
        ]
        assert line.endswith(" 40.0")
