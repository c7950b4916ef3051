# SPDX-License-Identifier: Apache-2.0
"""Nodes that must not share a host, on a cloud of one host."""

from __future__ import annotations

from tests.scenario.cloud import asking


def test_two_workers_that_must_be_apart_find_no_second_host(other, nothing_left):
    cluster = other.create(other.cluster(workers=2, anti_affinity=["slave"]))

    def refused():
        shown = other.show(cluster)
        assert shown["status"] != "Active", shown
        return shown["reason"] if shown["status"] == "Error" else None

    reason = asking.wait_for(refused, asking.ACTIVE, "the cluster is in Error")
    assert "anti-affinity" in reason["sentence"] + reason["hint"], reason
    other.delete(cluster)
    nothing_left()
