# SPDX-License-Identifier: Apache-2.0
"""Waiters."""

import pytest
import requests

from sparkaas.client import errors
from sparkaas.client import transport as transport_module
from sparkaas.client import waiting

BROKEN = requests.exceptions.ConnectionError("reset")


@pytest.fixture
def cluster(script):
    def expect(status, **fields):
        document = {"id": "c", "name": "demo", "status": status, **fields}
        script.expect("GET", "/v2/clusters/c", {"cluster": document})

    return expect


def test_a_cluster_is_waited_for_until_it_is_active(client, cluster, clock):
    for status in ("Validating", "Spawning", "Starting", "Active"):
        cluster(status)
    seen = []
    found = client.wait_for_cluster("c", 60, lambda one: seen.append(one.status))
    assert found.status == "Active"
    assert seen == ["Validating", "Spawning", "Starting", "Active"]
    assert clock.slept == sorted(clock.slept)


def test_an_error_is_told_with_its_reason(client, cluster):
    cluster(
        "Error", reason={"code": "NO_PORT", "sentence": "It is taken.", "hint": "Free."}
    )
    with pytest.raises(errors.ClusterFailed, match="Error: It is taken") as caught:
        client.wait_for_cluster("c")
    assert (caught.value.code, caught.value.hint) == ("NO_PORT", "Free.")


def test_an_error_of_a_sahara_is_told_with_its_description(client, cluster):
    cluster("Error", status_description="No valid host.")
    with pytest.raises(errors.ClusterFailed, match="No valid host."):
        client.wait_for_cluster("c")


def test_the_deadline_is_told_with_the_last_state(client, script, clock):
    def look():
        return "Spawning"

    with pytest.raises(errors.DeadlineExceeded, match="10 seconds; it is Spawning"):
        waiting.wait_for(
            look,
            lambda seen: False,
            what="It",
            state=str,
            timeout=10,
            clock=clock,
        )
    assert clock.now == 10
    assert max(clock.slept) <= waiting.LONGEST_PAUSE


def test_a_service_that_is_restarted_is_waited_for(client, script, cluster, clock):
    for _ in range(len(transport_module.RETRY_PAUSES) + 1):
        script.expect("GET", "/v2/clusters/c", error=BROKEN)
    cluster("Active")
    assert client.wait_for_cluster("c").status == "Active"


def test_a_service_that_stays_away_is_given_up(clock):
    def look():
        raise errors.Unreachable("gone")

    with pytest.raises(errors.Unreachable):
        waiting.wait_for(look, bool, what="It", state=str, timeout=None, clock=clock)
    assert clock.now >= waiting.PATIENCE_SECONDS


def test_a_deleted_cluster_is_waited_for_until_it_is_gone(client, script, cluster):
    cluster("Deleting")
    script.expect("GET", "/v2/clusters/c", {}, status=404)
    client.wait_for_cluster_gone("c")


def test_a_failed_deletion_is_told(client, cluster):
    cluster("Deleting")
    cluster("Error", reason={"code": "X", "sentence": "The stack stays."})
    with pytest.raises(errors.ClusterFailed, match="could not be deleted: The stack"):
        client.wait_for_cluster_gone("c")


def test_a_job_is_waited_for_until_it_is_over(client, script):
    for status in ("PENDING", "RUNNING", "DONEWITHERROR"):
        script.expect(
            "GET", "/v2/jobs/j", {"job": {"id": "j", "info": {"status": status}}}
        )
    assert client.wait_for_job("j").status == "DONEWITHERROR"


def test_a_deleted_job_is_waited_for_until_it_is_gone(client, script):
    script.expect("GET", "/v2/jobs/j", {"job": {"id": "j"}})
    script.expect("GET", "/v2/jobs/j", {}, status=404)
    client.wait_for_job_gone("j")
