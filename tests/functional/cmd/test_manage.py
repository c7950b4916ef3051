# SPDX-License-Identifier: Apache-2.0
"""``sparkaas-manage`` and ``sparkaas-status``, on a new SQLite database."""

import os
import subprocess
import sys

import pytest

from sparkaas.cmd import state
from sparkaas.db import migration


@pytest.fixture
def run(tmp_path):
    """Runs ``sparkaas.cmd.NAME`` with arguments on a state directory of the test."""

    def program(name, *arguments, **environ):
        return subprocess.run(
            [
                sys.executable,
                "-c",
                f"from sparkaas.cmd import {name} as program\n"
                "import sys; sys.exit(program.main())",
                *arguments,
            ],
            env={**os.environ, "SPARKAAS_STATE": str(tmp_path), **environ},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=60,
        )

    return program


def test_sync_brings_an_empty_database_to_this_release_and_may_run_again(run):
    assert run("manage", "db", "version").stdout == "empty\n"
    for _ in range(2):
        done = run("manage", "db", "sync")
        assert (done.returncode, done.stdout) == (0, f"{migration.head()}\n")
        assert done.stderr == ""


def test_a_database_out_of_reach_is_a_message_and_no_traceback(run, tmp_path):
    done = run(
        "manage",
        "db",
        "sync",
        OS_DATABASE__CONNECTION=f"sqlite:///{tmp_path}/missing/db.sqlite",
        OS_DATABASE__MAX_RETRIES="0",
    )
    assert done.returncode == 1
    assert "sparkaas-manage: The database cannot be used" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_upgrade_check_asks_for_a_sync_and_then_is_content(run, tmp_path):
    before = run("status", "upgrade", "check")
    assert before.returncode == 2
    assert "sparkaas-manage db sync" in " ".join(before.stdout.split())
    run("manage", "db", "sync")
    state.encryption_keys(tmp_path, [], "", make_one=True)
    assert run("status", "upgrade", "check").returncode == 0


def test_a_key_that_does_not_exist_yet_is_a_warning_and_none_is_made(run, tmp_path):
    run("manage", "db", "sync")
    assert run("status", "upgrade", "check").returncode == 1
    assert not (tmp_path / state.KEY).exists()


def test_a_broken_key_is_a_failure(run, tmp_path):
    run("manage", "db", "sync")
    (tmp_path / state.KEY).write_text("short")
    done = run("status", "upgrade", "check")
    assert done.returncode == 2
    assert "encryption key" in done.stdout


def test_the_upgrade_check_of_a_database_that_is_none_is_a_row(run, tmp_path):
    (tmp_path / "sparkaas.sqlite").write_bytes(b"no database at all " * 500)
    done = run("status", "upgrade", "check")
    assert done.returncode == 2
    assert "The database cannot be used" in " ".join(done.stdout.split())
    assert done.stderr == ""
