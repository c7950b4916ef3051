# SPDX-License-Identifier: Apache-2.0
"""Where options come from."""

import logging
import pathlib

import pytest

from sparkaas.cmd import setup


def _load(*argv, environ=None):
    return setup.load(setup.options(environ or {}), argv, "prog", "")


def test_the_state_path_is_absolute_below_home():
    path = _load().service.state_path
    assert path == str(pathlib.Path.home() / ".local/state/sparkaas")


def test_the_environment_moves_the_state_path_and_argv_wins(tmp_path):
    environ = {"SPARKAAS_STATE": str(tmp_path)}
    assert _load(environ=environ).service.state_path == str(tmp_path)
    conf = _load("--service-state_path", "/elsewhere", environ=environ)
    assert conf.service.state_path == "/elsewhere"


def test_a_file_wins_over_the_environment_s_default(tmp_path):
    file = tmp_path / "sparkaas.conf"
    file.write_text("[service]\nstate_path = /from/file\n")
    conf = _load("--config-file", str(file), environ={"SPARKAAS_STATE": "/env"})
    assert conf.service.state_path == "/from/file"


def test_two_option_objects_are_independent():
    one, two = _load("--api-port", "1"), _load("--api-port", "2")
    assert (one.api.port, two.api.port) == (1, 2)


@pytest.mark.parametrize(
    "argv", [["--api-port", "no"], ["--config-file", "/does/not/exist"]]
)
def test_wrong_argv_ends_with_a_message_and_no_traceback(argv, capsys):
    with pytest.raises(SystemExit) as caught:
        _load(*argv)
    assert caught.value.code not in (0, None)
    assert "Traceback" not in capsys.readouterr().err


@pytest.fixture
def no_log(monkeypatch):
    """The root logger as at a program's start."""
    monkeypatch.setattr(logging.getLogger(), "handlers", [])
    yield
    for handler in logging.getLogger().handlers:
        if isinstance(handler, logging.FileHandler):
            handler.close()


def _fail():
    try:
        raise LookupError("it is gone")
    except LookupError:
        logging.getLogger("sparkaas.x").exception("A sentence")


def test_beside_a_file_a_terminal_gets_no_tracebacks(tmp_path, capsys, no_log):
    conf = _load("--log-file", str(tmp_path / "log"))
    conf.set_default("use_stderr", True)
    setup.start_log(conf)
    _fail()
    said = capsys.readouterr().err
    assert "A sentence" in said
    assert "Traceback" not in said
    assert "Traceback" in (tmp_path / "log").read_text()


@pytest.mark.parametrize(
    ("person", "argv", "seen"),
    [(False, [], True), (True, [], False), (True, ["--debug"], True)],
)
def test_a_person_sees_the_log_only_if_asked_for(capsys, no_log, person, argv, seen):
    setup.start_log(_load(*argv), for_person=person)
    _fail()
    assert ("Traceback" in capsys.readouterr().out) == seen
