# SPDX-License-Identifier: Apache-2.0
"""Where options come from."""

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
