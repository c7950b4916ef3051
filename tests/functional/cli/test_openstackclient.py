# SPDX-License-Identifier: Apache-2.0
"""The same commands as ``openstack spark …``."""

import configparser
import importlib.metadata
import os
import pathlib
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).parents[3]

pytest.importorskip("openstackclient")


@pytest.fixture
def openstack(served):
    """``openstack("cluster", "list")`` runs ``openstack spark cluster list``."""

    def run(*words, code=0):
        environ = {key: os.environ[key] for key in os.environ if key[:3] != "OS_"}
        environ |= {
            "OS_AUTH_TYPE": "admin_token",
            "OS_ENDPOINT": served.url,
            "OS_TOKEN": served.environ["SPARKAAS_TOKEN"],
            "PYTHONWARNINGS": "ignore",
        }
        done = subprocess.run(
            [sys.executable, "-m", "openstackclient.shell", "spark", *words],
            capture_output=True,
            env=environ,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == code, done
        return done

    return run


def commands():
    parser = configparser.ConfigParser()
    parser.read(ROOT / "setup.cfg")
    lines = parser["options.entry_points"]["openstack.spark.v2"].strip().splitlines()
    return [line.partition("=")[0].strip() for line in lines]


def test_help_lists_every_command(openstack):
    shown = openstack("--help").stdout
    missing = [
        name for name in commands() if f"  {name.replace('_', ' ')}" not in shown
    ]
    assert not missing


def test_what_is_installed_is_what_is_written():
    entries = importlib.metadata.entry_points(group="openstack.spark.v2")
    assert sorted(entry.name for entry in entries) == sorted(commands())


@pytest.mark.parametrize("name", commands())
def test_every_command_can_be_loaded(name):
    (entry,) = importlib.metadata.entry_points(group="openstack.spark.v2", name=name)
    assert entry.load().__doc__


def test_a_list(openstack):
    done = openstack("plugin", "list", "-f", "value", "-c", "Name")
    assert done.stdout.split() == ["fake", "spark"]


def test_an_error_has_its_hint(openstack):
    done = openstack("cluster", "show", "nothing", code=1)
    assert "There is no cluster with the id or name 'nothing'." in done.stderr
    assert "hint: " in done.stderr
    assert "Traceback" not in done.stderr


def test_run_passes_arguments_on(openstack, served, program, app):
    program("cluster", "create", "here", "--wait", "--timeout", "60")
    done = openstack("run", app(), "--", "a b", "--debug", "--", "$x")
    assert done.stdout == "one\ntwo\nthree\n"
    (sent,) = served.engine.submissions.values()
    assert list(sent.args) == ["a b", "--debug", "--", "$x"]
