# SPDX-License-Identifier: Apache-2.0
"""What a program says that cannot go on."""

import contextlib
import errno
import logging
import pathlib

import pytest
from oslo_config import cfg

from sparkaas import exceptions
from sparkaas.cmd import failing
from sparkaas.cmd import setup

STATE = pathlib.Path("/state")


def _conf(tmp_path):
    return setup.load(setup.options({"SPARKAAS_STATE": str(tmp_path)}), [], "p", "")


def _raises(error):
    raise error


@pytest.fixture
def log(tmp_path, monkeypatch):
    """A log's file, as oslo.log would have set it up."""
    with contextlib.closing(logging.FileHandler(tmp_path / "log")) as handler:
        handler.setFormatter(logging.Formatter())
        monkeypatch.setattr(logging.getLogger(), "handlers", [handler])
        yield tmp_path / "log"


def test_all_is_well(tmp_path, capsys):
    assert failing.guard("prog", _conf(tmp_path), lambda: 0) == 0
    assert capsys.readouterr().err == ""


def test_what_is_foreseen_is_one_line_and_no_traceback(tmp_path, capsys, log):
    error = exceptions.Permanent("It\nis so.", hint="Change it.")
    assert failing.guard("prog", _conf(tmp_path), lambda: _raises(error)) == 1
    assert capsys.readouterr().err == "prog: It is so. Change it.\n"
    assert log.read_text() == "It\nis so.\n"


def test_the_traceback_of_what_was_not_foreseen_is_in_the_log(tmp_path, capsys, log):
    error = KeyError("lost")
    assert failing.guard("prog", _conf(tmp_path), lambda: _raises(error)) == 1
    (said,) = capsys.readouterr().err.splitlines()
    assert said == (
        "prog: Something unforeseen stopped it: KeyError: 'lost'. The log tells "
        f"where: {log}."
    )
    assert "in _raises" in log.read_text()


def test_before_there_is_a_log_the_traceback_comes_first(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(logging.getLogger(), "handlers", [])
    assert failing.guard("prog", _conf(tmp_path), lambda: _raises(KeyError("x"))) == 1
    lines = capsys.readouterr().err.splitlines()
    assert lines[0].startswith("Traceback")
    assert lines[-1].startswith("prog: Something unforeseen")


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (OSError(errno.ENOSPC, "No space"), "The disk with /state is full."),
        (
            PermissionError(errno.EACCES, "Permission denied", "/state/x"),
            "The system refuses: Permission denied (/state/x).",
        ),
        (
            cfg.ConfigFileValueError(
                "Value for option a from LocationInfo(location=<X: (1, True)>, "
                "detail='/etc/s.conf') is not valid: b"
            ),
            "Value for option a from /etc/s.conf is not valid: b.",
        ),
        (
            ValueError("one\ntwo"),
            "Something unforeseen stopped it: ValueError: one.",
        ),
    ],
)
def test_anything_is_a_sentence_with_a_hint(error, sentence):
    said = failing.explained(error, STATE)
    assert said.message == sentence
    assert said.hint
