# SPDX-License-Identifier: Apache-2.0
"""The two commands of the README, in the clone that the tests run in."""

import os
import pathlib
import re
import subprocess

import pytest

from tests.scenario import harness

ROOT = pathlib.Path(__file__).parents[2]

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]


def _quickstart(state, *arguments):
    done = subprocess.run(
        [ROOT / "quickstart", *arguments],
        env=harness.environment(state),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=800,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_from_nothing_to_a_result_again_and_back_to_nothing(tmp_path):
    state = tmp_path / "state"
    try:
        first = _quickstart(state)
        assert len(re.findall(r"User +\d+ should watch: movie \d+", first)) == 5
        assert "$ sparkaas cluster create quickstart --workers 2 --wait" in first
        assert re.search(r"Cluster Active after \d+\.\d s", first)

        again = _quickstart(state)
        assert "The service runs already" in again
        assert "The cluster quickstart is there already" in again
        assert "should watch" in again
    finally:
        _quickstart(state, "--down", "--keep-venv")
    assert os.listdir(tmp_path) == []
    harness.wait_for(
        lambda: not harness.processes_below(state), 10, "no process is left"
    )


def test_down_takes_the_nodes_of_a_killed_service_too(tmp_path):
    """It starts one to take them down, whatever they are."""
    state = tmp_path / "state"
    service = harness.Service(state)
    try:
        service.start()
        created = service.cli("cluster", "create", "left", "--workers", "1", "--wait")
        assert created.returncode == 0, created.stderr
        service.kill()
        assert harness.processes_below(state)
    finally:
        _quickstart(state, "--down", "--keep-venv")
    assert os.listdir(tmp_path) == ["service.out"]
    harness.wait_for(
        lambda: not harness.processes_below(state), 10, "no process is left"
    )


def test_down_where_nothing_is_up_is_fine(tmp_path):
    assert "Nothing is left" in _quickstart(tmp_path / "state", "--down", "--keep-venv")
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("arguments", [["--dwon"], ["up", "down"]])
def test_an_unknown_argument_shows_the_usage(tmp_path, arguments):
    done = subprocess.run(
        [ROOT / "quickstart", *arguments],
        env=harness.environment(tmp_path / "state"),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 2
    assert "./quickstart --down" in done.stderr
    assert os.listdir(tmp_path) == []
