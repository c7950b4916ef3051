# SPDX-License-Identifier: Apache-2.0
"""The program around the commands."""

import subprocess
import sys

import pytest

from sparkaas.client import shell
from sparkaas.osc import passing


@pytest.fixture
def parse():
    parser = shell.Shell().parser
    return parser.parse_known_args


@pytest.mark.parametrize(
    ("words", "rest"),
    [
        (["cluster", "list"], ["cluster", "list"]),
        (["--url", "http://h", "cluster", "list"], ["cluster", "list"]),
        (["--url=http://h", "-q", "run", "x"], ["run", "x"]),
        (["run", "x", "--url", "y"], ["run", "x", "--url", "y"]),
        (["run", "x", "-v", "-q"], ["run", "x", "-v", "-q"]),
        (["run", "x", "--debug", "-y"], ["run", "x", "-y"]),
        (["run", "x", "--", "--debug"], ["run", "x", "--", "--debug"]),
        (["run", "--", "--", "-h"], ["run", "--", "--", "-h"]),
    ],
)
def test_the_words_of_a_command_are_its_own(parse, words, rest):
    assert parse(words)[1] == rest


def test_debug_is_heard_behind_the_command(parse):
    assert parse(["cluster", "list", "--debug"])[0].debug
    assert not parse(["run", "x", "--", "--debug"])[0].debug


def test_options_before_the_command(parse):
    options, _ = parse(["--url", "u", "--token", "t", "--os-cloud", "c", "run"])
    assert (options.url, options.token, options.os_cloud) == ("u", "t", "c")


@pytest.mark.parametrize("words", [["--nonsense", "run"], ["--url"], ["--ur", "x"]])
def test_unknown_options_are_refused(parse, words, capsys):
    with pytest.raises(SystemExit) as left:
        parse(words)
    assert left.value.code == 2
    assert "error: " in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["f.py"], []),
        (["f.py", "--"], []),
        (["f.py", "--", "a", "-b", "--c=d", "--", "--class"], None),
        (["--name", "n", "f.py", "--", ""], [""]),
    ],
)
def test_a_programs_arguments_are_left_alone(words, expected):
    parser = passing.PassThroughParser(prog="run")
    parser.add_argument("file")
    parser.add_argument("--name")
    if expected is None:
        expected = words[2:]
    assert parser.parse_args(words).program_args == expected


def loaded(*words):
    """What a start of the program imports."""
    code = (
        "import sys\n"
        "from sparkaas.client import shell\n"
        "try:\n"
        f"    shell.main({list(words)!r})\n"
        "except SystemExit:\n"
        "    pass\n"
        "print(*sys.modules, file=sys.stderr)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env={"SPARKAAS_STATE": "/nonexistent"},
    )
    return set(done.stderr.split())


@pytest.mark.parametrize("heavy", ["keystoneauth1", "requests", "rich", "openstack"])
def test_the_version_needs_nothing_heavy(heavy):
    assert heavy not in loaded("--version")


@pytest.mark.parametrize(
    "heavy", ["rich", "openstack", "oslo_config", "sqlalchemy", "flask", "cmd2"]
)
def test_a_command_needs_no_more_than_the_client(heavy):
    modules = loaded("cluster", "list")
    assert "keystoneauth1" in modules
    assert heavy not in modules
