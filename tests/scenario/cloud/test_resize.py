# SPDX-License-Identifier: Apache-2.0
"""A cluster becomes larger and smaller, and no other node is touched."""

from __future__ import annotations

from tests.scenario.cloud import programs


def test_a_worker_comes_and_goes_and_the_others_stay(demo, cluster):
    before = demo.servers(cluster["id"])
    larger = demo.resize(cluster["id"], 3)
    between = demo.servers(cluster["id"])
    assert before.items() < between.items()
    assert len(between) == 4
    assert len(demo.names(larger, "worker")) == 3
    assert len(programs.where(demo, cluster["id"])["hosts"]) == 3

    smaller = demo.resize(cluster["id"], 2)
    assert demo.servers(cluster["id"]) == before
    assert set(demo.names(smaller)) == set(before)
    assert len(programs.where(demo, cluster["id"])["hosts"]) == 2
