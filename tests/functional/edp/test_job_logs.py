# SPDX-License-Identifier: Apache-2.0
"""A job's output by offset: at once, waiting, and to its end."""

import threading

import pytest

from sparkaas import context
from sparkaas import exceptions
from sparkaas import states
from sparkaas.db import leases
from sparkaas.service import job_logs


def _end(world, id):
    now = world.clock.now()
    _, lease = leases.claim(
        world.env.db, "job", owner="test", now=now, seconds=60, id=id
    )
    changes = {"outcome": states.JobStatus.SUCCEEDED}
    assert leases.record(
        world.env.db, "job", lease, now=now, changes=changes, next_run_at=None
    )


def _log(api, id, query="", stream="stdout"):
    answer = api("GET", f"/jobs/{id}/logs/{stream}?{query}")
    assert answer.mimetype == "application/octet-stream"
    headers = answer.headers
    return (
        answer.get_data(),
        int(headers["X-Log-Offset"]),
        int(headers["X-Log-Next-Offset"]),
        headers["X-Log-Complete"],
    )


@pytest.fixture
def job(launch):
    return launch()["id"]


def test_piece_by_piece(world, api, job):
    assert _log(api, job) == (b"", 0, 0, "false")
    world.store.append(job_logs.key(job, "stdout"), 0, b"one\ntwo\n")
    assert _log(api, job) == (b"one\ntwo\n", 0, 8, "false")
    assert _log(api, job, "offset=4&limit=2") == (b"tw", 4, 6, "false")
    assert _log(api, job, "offset=8") == (b"", 8, 8, "false")
    assert _log(api, job, stream="stderr") == (b"", 0, 0, "false")
    _end(world, job)
    assert _log(api, job, "limit=3") == (b"one", 0, 3, "false")
    assert _log(api, job, "offset=3") == (b"\ntwo\n", 3, 8, "true")
    assert _log(api, job, "offset=8&wait=30") == (b"", 8, 8, "true")
    assert _log(api, job, "wait=30", stream="stderr") == (b"", 0, 0, "true")


@pytest.mark.parametrize(
    "query",
    ["offset=9", "offset=-1", "offset=x", "limit=0", "limit=16777217", "wait=-1"],
)
def test_bad_queries(world, api, job, query):
    world.store.append(job_logs.key(job, "stdout"), 0, b"one\ntwo\n")
    path = f"/jobs/{job}/logs/stdout?{query}"
    assert api.error("GET", path) == "INVALID_DATA"


def test_no_other_streams(api, job):
    api.error("GET", f"/jobs/{job}/logs/stdin", status=404)
    api("GET", f"/jobs/{job}/logs/stdout", version="2.0", status=404)


def test_waiting_ends_with_bytes(world, api, job):
    found = []
    waiter = threading.Thread(
        target=lambda: found.append(_log(api, job, "wait=30")), daemon=True
    )
    waiter.start()
    world.store.append(job_logs.key(job, "stdout"), 0, b"late")
    waiter.join(timeout=20)
    assert found == [(b"late", 0, 4, "false")]


def test_waiting_ends_with_the_job(world, api, job):
    found = []
    waiter = threading.Thread(
        target=lambda: found.append(_log(api, job, "wait=30")), daemon=True
    )
    waiter.start()
    _end(world, job)
    waiter.join(timeout=20)
    assert found == [(b"", 0, 0, "true")]


class _Pause:
    """Counts how often it was asked to wait, and lets something happen once."""

    def __init__(self, at, act):
        self.count = 0
        self._at = at
        self._act = act

    def __call__(self, seconds):
        assert 0 < seconds <= 0.01
        self.count += 1
        if self.count == self._at:
            self._act()


def _context(world):
    return context.RequestContext(
        project_id="aaaaaaaabbbbccccddddeeeeeeeeeeee", user_id="somebody"
    )


def test_looks_again_after_each_pause(world, job):
    where = job_logs.key(job, "stdout")
    pause = _Pause(7, lambda: world.store.append(where, 0, b"x"))
    piece = job_logs.read(
        world.env, _context(world), job, "stdout", wait=30, pause=pause
    )
    assert piece == job_logs.Piece(b"x", 0, 1, False)
    assert pause.count == 7


def test_bytes_and_the_end_at_once(world, job):
    """What came just before the end is answered with ``complete``."""
    where = job_logs.key(job, "stdout")

    def act():
        world.store.append(where, 0, b"last")
        _end(world, job)

    pause = _Pause(3, act)
    piece = job_logs.read(
        world.env, _context(world), job, "stdout", wait=30, pause=pause
    )
    assert piece == job_logs.Piece(b"last", 0, 4, True)


def test_the_service_limits_the_wait(world, job):
    world.env.conf.set_override("long_poll_seconds", 0, group="api")
    pause = _Pause(0, None)
    piece = job_logs.read(
        world.env, _context(world), job, "stdout", wait=600, pause=pause
    )
    assert piece == job_logs.Piece(b"", 0, 0, False)
    assert pause.count == 0


def test_a_job_that_goes_while_waiting(world, job):
    def act():
        now = world.clock.now()
        _, lease = leases.claim(
            world.env.db, "job", owner="test", now=now, seconds=60, id=job
        )
        assert leases.remove(world.env.db, "job", lease)

    with pytest.raises(exceptions.NotFound):
        job_logs.read(
            world.env,
            _context(world),
            job,
            "stdout",
            wait=30,
            pause=_Pause(1, act),
        )
