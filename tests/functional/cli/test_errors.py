# SPDX-License-Identifier: Apache-2.0
"""What goes wrong is told in one line and a hint, never in a traceback."""

import uuid

import pytest

from sparkaas.osc.v2 import clusters


def lines(result):
    return result.err.splitlines()


def test_an_error_is_a_sentence_a_hint_and_a_code(program):
    result = program("cluster", "show", "nothing", code=1)
    first, second, third = lines(result)
    assert first == "error: There is no cluster with the id or name 'nothing'."
    assert second.startswith("hint: ")
    assert third == "code: NOT_FOUND"
    assert result.out == b""


def test_the_services_own_sentence_is_told(program):
    result = program(
        *("cluster", "create", "x" * 60, "--workers", "1"),
        code=1,
    )
    assert lines(result)[0].startswith("error: name: ")
    assert lines(result)[-1] == "code: VALIDATION_ERROR"


def test_a_refused_reference_has_its_code(program):
    words = ("cluster", "create", "x", "--workers", "1", "--image", "spark-image")
    result = program(
        *words, "--keypair", "bob", "--network", str(uuid.UUID(int=7)), code=1
    )
    assert lines(result)[0].startswith("error: ")
    assert lines(result)[-1] == "code: INVALID_REFERENCE"


def test_an_error_of_the_client_s_own_has_no_code(program):
    result = program("cluster", "resize", "x", code=2)
    assert "code: " not in result.err


def test_a_wrong_token(program, monkeypatch):
    monkeypatch.setenv("SPARKAAS_TOKEN", "wrong")
    result = program("cluster", "list", code=1)
    assert result.err.startswith("error: ")
    assert "hint: Check the token" in result.err
    assert "wrong" not in result.err


def test_nothing_answers(program, monkeypatch):
    monkeypatch.setenv("SPARKAAS_URL", "http://127.0.0.1:9")
    result = program("cluster", "list", code=1)
    assert lines(result)[0] == (
        "error: The service at http://127.0.0.1:9 does not answer: no version document."
    )
    assert "sparkaas-all or ./quickstart" in lines(result)[1]


def test_nothing_is_found(program, monkeypatch, tmp_path):
    monkeypatch.delenv("SPARKAAS_URL")
    monkeypatch.delenv("SPARKAAS_TOKEN")
    monkeypatch.setenv("SPARKAAS_STATE", str(tmp_path))
    result = program("cluster", "list", code=1)
    assert lines(result)[0] == "error: No sparkaas service was found."


def test_several_deletions_go_on_after_a_failure(program):
    program("data", "source", "create", "one", "hdfs://h/p")
    result = program("data", "source", "delete", "none", "one", "neither", code=1)
    assert result.err.count("error: ") == 3
    assert "error: 2 of 3 were not deleted: none, neither" in result.err
    assert program.json("data", "source", "list") == []


@pytest.mark.parametrize(
    "words",
    [
        ["cluster", "resize", "x"],
        ["data", "source", "create", "x", "/no/scheme"],
        ["cluster", "create", "x", "--template", "t", "--workers", "2"],
        ["job", "logs", "x", "--offset", "3"],
        ["cluster", "lst"],
        ["cluster", "resize", "x", "--group", "worker"],
        ["--nonsense", "cluster", "list"],
    ],
)
def test_wrong_usage_is_2(program, words):
    program(*words, code=2)


def test_an_unknown_column_is_told(program):
    result = program("cluster", "list", "-c", "nothing", code=1)
    assert lines(result)[0].startswith("error: No recognized column names")


def test_debug_shows_where(program):
    result = program("cluster", "show", "nothing", "--debug", code=1, traceback=True)
    assert "Traceback" in result.err


def test_a_defect_is_told_as_one(program, monkeypatch, served):
    monkeypatch.setattr(clusters.ListCluster, "collection", "no_such_noun")
    result = program("cluster", "list", code=1)
    assert lines(result)[0].startswith("error: AttributeError: ")
    assert "defect" in lines(result)[1]


def test_no_command_shows_the_commands(program):
    result = program()
    assert b"node group template create" in result.out
