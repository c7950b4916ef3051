# SPDX-License-Identifier: Apache-2.0
"""Microversion, errors, repetition."""

import pytest
import requests

from sparkaas.client import errors
from sparkaas.client import transport as transport_module

BROKEN = requests.exceptions.ConnectionError("Connection reset by peer")


def test_21_is_asked_for_where_it_is_offered(transport, script):
    script.expect_versions("2.1")
    script.expect(
        "GET",
        "/v2/clusters",
        {"clusters": []},
        headers={
            "OpenStack-API-Version": "data-processing 2.1",
            "X-Auth-Token": "secret",
        },
    )
    assert transport.request("GET", "/clusters").json() == {"clusters": []}


@pytest.mark.parametrize("newest", ["2.2", "2.10"])
def test_21_stays_21_with_a_newer_service(transport, script, newest):
    script.expect_versions(newest)
    assert transport.microversion == (2, 1)


def test_a_sahara_gets_no_version_header(transport, script):
    script.expect_versions("2.0")
    script.expect("GET", "/v2/clusters", {"clusters": []})
    transport.request("GET", "/clusters")
    assert "OpenStack-API-Version" not in script.sent[-1].headers


def test_what_needs_21_says_so_to_a_sahara(transport, script):
    script.expect_versions("2.0")
    with pytest.raises(errors.UsageError, match="needs API version 2.1") as caught:
        transport.need_microversion("uploading")
    assert "upgrade" in caught.value.hint


def test_the_versions_are_asked_for_once(transport, script):
    script.expect_versions()
    script.expect("GET", "/v2/jobs", {})
    script.expect("GET", "/v2/jobs", {})
    transport.request("GET", "/jobs")
    transport.request("GET", "/jobs")


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, errors.BadRequest),
        (401, errors.Unauthorized),
        (403, errors.Forbidden),
        (404, errors.NotFound),
        (406, errors.NotAcceptable),
        (409, errors.ServerError),
        (500, errors.ServiceFault),
        (503, errors.ServiceFault),
    ],
)
def test_a_refusal_is_the_services_own_sentence_and_hint(client, script, status, kind):
    script.expect(
        "GET",
        "/v2/plugins",
        {
            "error_code": status,
            "error_name": "SOME_CODE",
            "error_message": "It is not so.\nError ID: 7a0c",
            "hint": "Do this.",
        },
        status=status,
        answer_headers={"x-openstack-request-id": "req-1"},
    )
    with pytest.raises(kind) as caught:
        client.plugins.list()
    assert type(caught.value) is kind
    assert caught.value.sentence == "It is not so."
    assert str(caught.value) == "It is not so.\nhint: Do this.\ncode: SOME_CODE"
    assert caught.value.code == "SOME_CODE"
    assert caught.value.status == status
    assert caught.value.request_id == "req-1"


@pytest.mark.parametrize("raw", ["Authentication required", "", "[1]", "\xff"])
def test_a_refusal_without_the_usual_shape_still_says_something(client, script, raw):
    script.expect("GET", "/v2/plugins", raw=raw.encode("latin-1"), status=401)
    with pytest.raises(errors.Unauthorized, match="The service answered 401") as caught:
        client.plugins.list()
    assert "token" in caught.value.hint


def test_lines_of_a_schema_error_become_one_sentence(client, script):
    message = "node_groups[0].count: too small\nname: too long\nError ID: 1"
    script.expect("GET", "/v2/plugins", {"error_message": message}, status=400)
    with pytest.raises(errors.BadRequest) as caught:
        client.plugins.list()
    assert caught.value.sentence == "node_groups[0].count: too small; name: too long"


def test_a_get_is_repeated_when_the_connection_breaks(client, script, clock):
    script.expect("GET", "/v2/plugins", error=BROKEN)
    script.expect("GET", "/v2/plugins", error=BROKEN)
    script.expect("GET", "/v2/plugins", {"plugins": []})
    assert client.plugins.list() == []
    assert clock.slept == list(transport_module.RETRY_PAUSES[:2])


def test_repetition_ends(client, script, clock):
    for _ in range(len(transport_module.RETRY_PAUSES) + 1):
        script.expect("GET", "/v2/plugins", error=BROKEN)
    with pytest.raises(errors.Unreachable, match="does not answer") as caught:
        client.plugins.list()
    assert "sparkaas-all" in caught.value.hint


def test_a_post_is_sent_once(client, script):
    script.expect(
        "POST",
        "/v2/data-sources",
        body={"name": "d", "type": "hdfs", "url": "hdfs://h/p"},
        error=BROKEN,
    )
    with pytest.raises(errors.Unreachable):
        client.data_sources.create(name="d", type="hdfs", url="hdfs://h/p")


def test_a_post_with_a_key_is_repeated_with_the_same_key(client, script):
    for error in (BROKEN, None):
        script.expect(
            "POST",
            "/v2/jobs",
            {"job": {"id": "j", "info": {"status": "PENDING"}}},
            body={"job_template_id": "t", "cluster_id": "c"},
            headers={"Idempotency-Key": "k1"},
            error=error,
        )
    job = client.jobs.create(job_template_id="t", cluster_id="c", idempotency_key="k1")
    assert (job.id, job.status) == ("j", "PENDING")


def test_no_service_at_the_url_is_told_at_once(transport, script):
    script.expect("GET", "/", error=BROKEN)
    with pytest.raises(errors.Unreachable, match="sparkaas.test:8386") as caught:
        transport.request("GET", "/clusters")
    assert "secret" not in str(caught.value)
