# SPDX-License-Identifier: Apache-2.0
"""A user has a cluster's health checked."""

from __future__ import annotations

from tests.scenario.cloud import asking


def test_a_check_that_is_asked_for_is_green_and_says_what_it_saw(demo, cluster):
    before = demo.show(cluster["id"])["verification"].get("updated_at", "")
    demo.verify(cluster["id"])

    def checked():
        found = demo.show(cluster["id"])["verification"]
        ended = found.get("status") in ("GREEN", "YELLOW", "RED")
        return found if ended and found["updated_at"] > before else None

    verification = asking.wait_for(checked, asking.ENDED, "the verification ends")
    assert verification["status"] == "GREEN", verification
    names = {each["name"] for each in verification["checks"]}
    assert names == {"Nodes", "Spark master", "Spark workers"}
