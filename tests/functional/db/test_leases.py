# SPDX-License-Identifier: Apache-2.0
"""Leases: one worker at a time, no late write, no lost intent."""

import dataclasses
import threading
from concurrent import futures

import pytest
import sqlalchemy as sa

from sparkaas import exceptions
from sparkaas import model
from sparkaas import states
from sparkaas.db import clusters
from sparkaas.db import leases
from tests.functional.db import records
from tests.functional.db.kinds import Kind
from tests.functional.db.records import NOW
from tests.functional.db.records import after


@pytest.fixture(params=["cluster", "job"])
def kind(request, database):
    return Kind(database, request.param)


def test_nothing_due(kind):
    kind.create(next_run_at=after(1))

    assert kind.claim(now=NOW) is None


def test_claims_what_is_due_with_its_generation(kind):
    made = kind.create(next_run_at=NOW, generation=7)

    record, lease = kind.claim(owner="w1", now=NOW, seconds=60)

    assert record == made
    assert lease == model.Lease(made.id, "w1", 1, 7, after(60))


def test_new_work_is_due_at_once(kind):
    made = kind.create()

    assert kind.claim(now=NOW)[0].id == made.id


def test_oldest_due_first(kind):
    wanted = [kind.create(next_run_at=after(-n)).id for n in (1, 3, 2)]

    claimed = [kind.claim()[1].id for _ in wanted]

    assert claimed == [wanted[1], wanted[2], wanted[0]]


def test_claim_of_one_leaves_older_ones(kind):
    kind.create(next_run_at=after(-9))
    wanted = kind.create(next_run_at=NOW)

    assert kind.claim(id=wanted.id)[1].id == wanted.id


def test_claim_of_one_that_is_not_due(kind):
    later = kind.create(next_run_at=after(1))

    assert kind.claim(id=later.id) is None


def test_a_leased_row_is_not_claimed_again(kind):
    kind.create()
    kind.claim(owner="w1")

    assert kind.claim(owner="w2") is None
    assert kind.claim(owner="w1") is None


def test_an_expired_lease_can_be_taken(kind):
    kind.create()
    _, first = kind.claim(owner="w1", seconds=60)

    assert kind.claim(owner="w2", now=after(59)) is None
    _, second = kind.claim(owner="w2", now=after(60))

    assert (second.owner, second.epoch) == ("w2", first.epoch + 1)


def test_a_late_worker_is_refused(kind):
    made = kind.create()
    _, late = kind.claim(owner="w1", seconds=60)
    _, current = kind.claim(owner="w2", now=after(61))

    assert kind.record(late, now=after(62), step="late") is False
    assert leases.extend(kind.db, kind.name, late, after(62), 60) is None
    assert leases.remove(kind.db, kind.name, late) is False

    assert kind.get(made.id).step is None
    assert kind.record(current, now=after(63), step="current") is True
    assert kind.get(made.id).step == "current"


def test_the_same_worker_is_refused_under_an_old_epoch(kind):
    kind.create()
    _, late = kind.claim(owner="w1", seconds=60)
    kind.claim(owner="w1", now=after(61))

    assert kind.record(late, now=after(62), step="late") is False


def test_record_gives_the_lease_back(kind):
    made = kind.create()
    _, lease = kind.claim()

    assert kind.record(lease, next_run_at=after(5), step="one") is True

    assert kind.get(made.id).next_run_at == after(5)
    assert kind.claim(now=after(4)) is None
    assert kind.claim(now=after(5))[0].step == "one"


def test_a_lease_records_once(kind):
    kind.create()
    _, lease = kind.claim()
    kind.record(lease, next_run_at=after(5))

    assert kind.record(lease, step="again") is False
    assert leases.extend(kind.db, kind.name, lease, NOW, 60) is None


def test_recorded_without_next_run_sleeps_until_a_new_intent(kind):
    made = kind.create()
    _, lease = kind.claim()
    kind.record(lease, next_run_at=None)

    assert kind.claim(now=after(10**6)) is None
    kind.set_intent(made.id, now=after(10))
    assert kind.claim(now=after(10))[1].generation == 2


def test_an_intent_that_lands_mid_pass_makes_the_row_due_at_once(kind):
    made = kind.create()
    _, lease = kind.claim()
    kind.set_intent(made.id, now=after(1))

    assert kind.record(lease, now=after(2), next_run_at=after(3600), step="s")

    found = kind.get(made.id)
    assert (found.generation, found.step) == (2, "s")
    assert found.next_run_at == after(2)
    assert kind.claim(now=after(2))[1].generation == 2


def test_an_intent_that_lands_mid_pass_wakes_a_row_that_would_sleep(kind):
    made = kind.create()
    _, lease = kind.claim()
    kind.set_intent(made.id, now=after(1))

    kind.record(lease, now=after(2), next_run_at=None)

    assert kind.get(made.id).next_run_at == after(2)


def test_an_intent_does_not_open_a_lease(kind):
    made = kind.create()
    kind.claim(owner="w1")

    kind.set_intent(made.id, now=after(1))

    assert kind.claim(owner="w2", now=after(1)) is None


def test_extend_holds_longer(kind):
    kind.create()
    _, lease = kind.claim(owner="w1", seconds=60)

    longer = leases.extend(kind.db, kind.name, lease, after(50), 60)

    assert longer == dataclasses.replace(lease, expires_at=after(110))
    assert kind.claim(owner="w2", now=after(109)) is None
    assert kind.record(longer, now=after(109), step="s") is True


def test_extend_after_the_end_while_nobody_took_it(kind):
    kind.create()
    _, lease = kind.claim(owner="w1", seconds=60)

    assert leases.extend(kind.db, kind.name, lease, after(70), 60) is not None
    assert kind.claim(owner="w2", now=after(71)) is None


def test_remove(kind):
    made = kind.create()
    _, lease = kind.claim()

    assert leases.remove(kind.db, kind.name, lease) is True

    with pytest.raises(exceptions.NotFound, match=made.id):
        kind.get(made.id)


def test_remove_again_is_fine(kind):
    kind.create()
    _, lease = kind.claim()
    leases.remove(kind.db, kind.name, lease)

    assert leases.remove(kind.db, kind.name, lease) is True


def test_remove_yields_to_a_new_intent(kind):
    made = kind.create()
    _, lease = kind.claim()
    kind.set_intent(made.id)

    assert leases.remove(kind.db, kind.name, lease) is False

    assert kind.record(lease, now=after(1)) is True
    assert kind.get(made.id).next_run_at == after(1)


def test_record_on_a_row_that_is_gone(kind):
    made = kind.create()
    _, lease = kind.claim()
    kind.noun.delete(kind.db, made.id)

    assert kind.record(lease, step="s") is False


def test_each_pen_refuses_the_others_fields(kind):
    made = kind.create()
    _, lease = kind.claim()

    for foreign in ({"target": "DELETED"}, {"generation": 9}, {"next_run_at": NOW}):
        with pytest.raises(TypeError, match=next(iter(foreign))):
            leases.record(
                kind.db, kind.name, lease, now=NOW, changes=foreign, next_run_at=None
            )
    for foreign in ({"step": "s"}, {"checkpoint": {}}, {"observed_generation": 9}):
        with pytest.raises(TypeError, match=next(iter(foreign))):
            kind.set_intent(made.id, **foreign)
        with pytest.raises(TypeError, match=next(iter(foreign))):
            kind.noun.update(kind.db, made.id, **foreign)

    assert kind.get(made.id) == made


def test_every_observed_field_can_be_recorded(kind):
    made = kind.create()
    _, lease = kind.claim()
    changes = {
        "observed_generation": 1,
        "step": "watch",
        "step_started_at": after(1),
        "attempts": 3,
        "checkpoint": {"deep": {"list": [1, None, "é\U0001f600"]}},
        "reason": model.Reason(code="A_CODE", sentence="It broke.", hint="Fix it."),
        "waiting_for": "the nodes",
    }
    if kind.name == "job":
        changes |= {
            "outcome": states.JobStatus.FAILED,
            "engine_job_id": "1@x",
            "return_code": "-9",
            "start_time": after(1),
            "end_time": after(2),
            "data_source_urls": {"a": "hdfs://b"},
            "progress": model.Progress(stages_done=1, ui_url="http://x"),
        }
    else:
        changes |= {
            "condition": states.Condition.ACTIVE,
            "active_at": after(1),
            "info": {"Spark": {"Web UI": "http://x"}},
            "secret_refs": {"rpc": "ref"},
            "management_public_key": "ssh-ed25519 A",
            "verify_done": 4,
        }

    assert kind.record(lease, now=after(3), next_run_at=after(9), **changes)

    expected = dataclasses.replace(
        made, **changes, next_run_at=after(9), updated_at=after(3)
    )
    assert kind.get(made.id) == expected


def test_next_due(kind):
    assert leases.next_due(kind.db, kind.name) is None
    kind.create(next_run_at=after(30))
    assert leases.next_due(kind.db, kind.name) == after(30)
    kind.create(next_run_at=after(10))
    assert leases.next_due(kind.db, kind.name) == after(10)

    kind.claim(now=after(10), seconds=5)
    assert leases.next_due(kind.db, kind.name) == after(15)

    _, lease = kind.claim(now=after(15), seconds=60)
    assert leases.next_due(kind.db, kind.name) == after(30)
    kind.record(lease, next_run_at=None)
    assert leases.next_due(kind.db, kind.name) == after(30)


def test_wake_only_pulls(kind):
    made = kind.create(next_run_at=after(30))

    assert leases.wake(kind.db, kind.name, made.id, after(5)) is True
    assert leases.wake(kind.db, kind.name, made.id, after(9)) is False
    assert leases.wake(kind.db, kind.name, records.new_id(), after(5)) is False

    found = kind.get(made.id)
    assert (found.next_run_at, found.generation) == (after(5), made.generation)


def _together(count, function):
    """Run ``function(n)`` in threads that begin at the same time; their results."""
    start = threading.Barrier(count)

    def run(number):
        start.wait(30)
        return function(number)

    with futures.ThreadPoolExecutor(count) as threads:
        return list(threads.map(run, range(count)))


def test_two_racing_for_one_row(kind):
    for _ in range(10):
        made = kind.create()

        results = _together(2, lambda n, id=made.id: kind.claim(f"w{n}", id=id))

        won = [result for result in results if result is not None]
        assert len(won) == 1
        lease = won[0][1]
        assert lease.epoch == 1
        assert kind.record(lease, next_run_at=None) is True


def test_two_that_saw_the_same_epoch(kind):
    """Both have read the row before either writes: the lost race of a claim."""
    made = kind.create()
    cls = leases._ROWS[kind.name]

    results = _together(
        2, lambda n: leases._try(kind.db, cls, made.id, 0, f"w{n}", NOW, 60)
    )

    assert sum(result is not None for result in results) == 1


def test_the_loser_takes_the_next_row(kind):
    ids = {kind.create().id for _ in range(4)}

    results = _together(4, lambda n: kind.claim(f"w{n}"))

    assert {lease.id for _, lease in results} == ids


def test_eight_threads_drain_two_hundred_rows_each_once(kind):
    ids = sorted(kind.create(next_run_at=after(-n)).id for n in range(200))

    def drain(number):
        mine = []
        while (claimed := kind.claim(f"w{number}")) is not None:
            record, lease = claimed
            assert kind.record(lease, attempts=record.attempts + 1, next_run_at=None)
            mine.append(lease.id)
        return mine

    drained = _together(8, drain)

    assert sorted(id for mine in drained for id in mine) == ids
    assert {kind.get(id).attempts for id in ids} == {1}


def test_intents_and_passes_at_once_lose_nothing(kind):
    """The API asks while workers record: all asks count, and the row ends due for
    the last of them or observed at it."""
    made = kind.create(generation=1)

    def act(number):
        if number:
            for _ in range(15):
                claimed = kind.claim(f"w{number}", now=NOW)
                if claimed is not None:
                    record, lease = claimed
                    kind.record(
                        lease,
                        next_run_at=None,
                        observed_generation=record.generation,
                    )
        else:
            for _ in range(15):
                kind.set_intent(made.id)

    _together(3, act)

    found = kind.get(made.id)
    assert found.generation == 16
    assert (found.next_run_at is not None) == (found.observed_generation != 16)


def test_a_reader_sees_what_is_committed_meanwhile(database):
    """READ COMMITTED: no snapshot hides that another worker was faster."""
    if database.engine.dialect.name == "sqlite":
        pytest.skip("SQLite readers have a snapshot; its claims hold the write lock")
    made = clusters.create(database, records.cluster())
    epoch = sa.text("SELECT lease_epoch FROM clusters")

    with database.reader() as transaction:
        before = transaction.scalar(epoch)
        leases.claim(database, "cluster", owner="w", now=NOW, seconds=60, id=made.id)
        now = transaction.scalar(epoch)

    assert (before, now) == (0, 1)
