# SPDX-License-Identifier: Apache-2.0
"""A log arrives whole, whatever happens to the connections."""

import pytest
import requests

from sparkaas.client import errors
from sparkaas.client import logs

BROKEN = requests.exceptions.ConnectionError("reset")


@pytest.fixture
def piece(client, script):
    """``piece(offset, data)``: expect a request and answer it."""

    def expect(offset, data=b"", *, complete=False, claimed=None, **options):
        end = offset + len(data) if claimed is None else claimed
        script.expect(
            "GET",
            "/v2/jobs/j/logs/stdout",
            query={"offset": offset, "wait": options.pop("wait", 20)},
            raw=data,
            answer_headers={
                "X-Log-Offset": str(offset),
                "X-Log-Next-Offset": str(end),
                "X-Log-Complete": "true" if complete else "false",
            },
            **options,
        )

    return expect


def test_it_goes_on_at_the_offset_until_the_log_is_complete(client, piece):
    piece(0, b"one\n")
    piece(4)
    piece(4, b"two\n")
    piece(8, b"three\n", complete=True)
    assert b"".join(client.follow_log("j", "stdout")) == b"one\ntwo\nthree\n"


def test_it_begins_where_it_is_told(client, piece):
    piece(100, b"x", complete=True)
    assert list(client.follow_log("j", "stdout", 100)) == [b"x"]


def test_a_refused_connection_is_tried_again(client, piece, clock):
    piece(0, b"one\n")
    piece(4, error=BROKEN)
    piece(4, error=BROKEN)
    piece(4, b"two\n", complete=True)
    assert b"".join(client.follow_log("j", "stdout")) == b"one\ntwo\n"
    assert len(clock.slept) == 2


def test_an_answer_that_was_cut_short_is_gone_on_with(client, piece):
    piece(0, b"abc", claimed=6)
    piece(3, b"def", complete=True)
    assert b"".join(client.follow_log("j", "stdout")) == b"abcdef"


def test_a_complete_log_that_was_cut_short_is_not_taken_for_complete(client, piece):
    piece(0, b"abc", claimed=6, complete=True)
    piece(3, b"def", complete=True)
    assert b"".join(client.follow_log("j", "stdout")) == b"abcdef"


def test_patience_ends(transport, client, script, clock):
    script.calls.clear()

    def refuse(*args, **kwargs):
        raise BROKEN

    transport._adapter.request = refuse
    with pytest.raises(errors.Unreachable):
        list(logs.follow(transport, "j", "stdout", clock=clock, patience=30))
    assert 30 <= clock.now < 40


def test_without_following_it_ends_at_what_there_is(client, piece):
    piece(0, b"one\n", wait=0)
    piece(4, wait=0)
    assert list(client.follow_log("j", "stdout", follow=False)) == [b"one\n"]


def test_a_job_that_is_not_there_is_told_at_once(client, script):
    script.expect(
        "GET",
        "/v2/jobs/j/logs/stdout",
        {"error_message": "No job j."},
        status=404,
        query={"offset": 0, "wait": 20},
    )
    with pytest.raises(errors.NotFound, match="No job j"):
        list(client.follow_log("j", "stdout"))
