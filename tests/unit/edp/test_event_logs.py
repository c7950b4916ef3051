# SPDX-License-Identifier: Apache-2.0
"""Event logs: what makes a driver write one, and which file it is."""

import pytest

from sparkaas.edp import base
from sparkaas.edp import event_logs
from sparkaas.remote import local

APP = "app-20261121131201-0000"


def test_a_driver_writes_one_file_in_the_job_s_own_directory():
    assert event_logs.properties("/j/1", ()) == {
        "spark.eventLog.enabled": "true",
        "spark.eventLog.dir": "file:/j/1/.launch/",
        "spark.eventLog.rolling.enabled": "false",
        "spark.eventLog.compress": "true",
        "spark.eventLog.compression.codec": "zstd",
    }


def test_what_a_user_of_the_cluster_chose_stands():
    chosen = ("spark.executor.memory", "spark.eventLog.dir")
    assert event_logs.properties("/j/1", chosen) == {}
    assert event_logs.properties("/j/1", chosen[:1])


@pytest.mark.parametrize("name", ["spark.properties", "plan.json", "a.zstd.tmp", ""])
def test_files_that_are_none(name):
    assert event_logs.parse(f"12 {name}", "/j/1") is None


@pytest.fixture
def remote(tmp_path):
    facts = {"node": str(tmp_path), "root": str(tmp_path), "home": str(tmp_path)}
    facts["jobs"] = str(tmp_path / "jobs")
    return local.LocalRemote(facts, addresses={}, packages={})


def test_none_where_no_driver_ever_was(remote, tmp_path):
    assert event_logs.find(remote, str(tmp_path / "nowhere")) is None


def test_the_largest_of_a_directory(remote, tmp_path):
    directory = tmp_path / "j"
    (directory / ".launch").mkdir(parents=True)
    for name, size in (
        (f"{APP}.zstd", 3),
        ("app-2.zstd.inprogress", 2),
        ("spark.properties", 9),
    ):
        (directory / ".launch" / name).write_bytes(b"x" * size)
    assert event_logs.find(remote, str(directory), "/keep") == base.EventLog(
        name=f".launch/{APP}.zstd",
        size=3,
        complete=True,
        then=f"/keep/{APP}.zstd",
    )
    (directory / ".launch" / f"{APP}.zstd").unlink()
    found = event_logs.find(remote, str(directory))
    assert found == base.EventLog(
        name=".launch/app-2.zstd.inprogress", size=2, complete=False
    )
