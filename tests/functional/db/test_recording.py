# SPDX-License-Identifier: Apache-2.0
"""What a pass records beside the row: instances, verifications, steps, the end."""

import dataclasses

import pytest
import sqlalchemy as sa
from oslo_db import exception as db_exceptions

from sparkaas import model
from sparkaas.db import events
from sparkaas.db import job_templates
from sparkaas.db import jobs
from sparkaas.db import leases
from tests.functional.db import records
from tests.functional.db.kinds import Kind
from tests.functional.db.records import NOW
from tests.functional.db.records import after


def test_instances_are_replaced_and_keep_their_birth(database):
    kind = Kind(database, "cluster")
    made = kind.create()
    one, two = (records.instance(name=f"c-w-{n}") for n in range(2))
    kind.record(kind.claim()[1], now=after(1), next_run_at=NOW, instances=(one, two))
    moved = dataclasses.replace(two, internal_ip="10.0.0.2", facts={"port": 1})

    kind.record(kind.claim()[1], now=after(2), instances=(moved,))

    (found,) = kind.get(made.id).instances
    assert found == dataclasses.replace(moved, created_at=after(1), updated_at=after(2))


def test_instances_keep_their_order(database):
    kind = Kind(database, "cluster")
    made = kind.create()
    some = tuple(records.instance(name=f"c-w-{n}") for n in range(5))
    kind.record(kind.claim()[1], next_run_at=NOW, instances=some)

    kind.record(kind.claim()[1], instances=some[::-1])

    names = [one.name for one in kind.get(made.id).instances]
    assert names == ["c-w-4", "c-w-3", "c-w-2", "c-w-1", "c-w-0"]


def test_a_verification_replaces_the_one_before(database):
    kind = Kind(database, "cluster")
    made = kind.create()
    for status in ("CHECKING", "GREEN"):
        verification = model.Verification(
            id=records.new_id(),
            cluster_id=made.id,
            status=status,
            checks=({"name": "x", "status": status},),
        )
        kind.record(
            kind.claim()[1], now=NOW, next_run_at=NOW, verification=verification
        )

        assert kind.get(made.id).verification == dataclasses.replace(
            verification, created_at=NOW
        )

    kind.record(kind.claim()[1], verification=None)
    assert kind.get(made.id).verification is None


def test_steps_and_events(database):
    kind = Kind(database, "cluster")
    made = kind.create()
    other = kind.create(next_run_at=after(9))
    first, second = (records.step(made.id, step_name=name) for name in ("b", "a"))
    good = records.event(first.id, successful=True, instance_name="i")
    bad = records.event(first.id, successful=False, event_info="no")

    def put(steps=(), events=()):
        lease = kind.claim(id=made.id)[1]
        assert leases.record(
            database,
            "cluster",
            lease,
            now=NOW,
            changes={},
            next_run_at=NOW,
            steps=steps,
            events=events,
        )

    put([first], [good])
    put([dataclasses.replace(first, successful=False), second], [good, bad])

    found = events.steps(database, made.id, with_events=True)
    assert [step.step_name for step in found] == ["b", "a"]
    assert [step.successful for step in found] == [False, None]
    assert [event.id for event in found[0].events] == [good.id, bad.id]
    assert [event.event_info for event in found[0].events] == [None, "no"]
    assert found[1].events == ()
    plain = events.steps_of(database, [made.id, other.id])
    assert [step.events for step in plain[made.id]] == [(), ()]
    assert plain[other.id] == ()


def test_a_record_that_fails_leaves_everything_as_it_was(database):
    kind = Kind(database, "cluster")
    made = kind.create()
    _, lease = kind.claim()
    broken = records.step(made.id, step_name=None)

    with pytest.raises(db_exceptions.DBError):
        leases.record(
            database,
            "cluster",
            lease,
            now=NOW,
            changes={"step": "s", "instances": (records.instance(),)},
            next_run_at=None,
            steps=[broken],
        )

    assert kind.get(made.id) == made
    assert kind.record(lease, step="again") is True


def test_remove_takes_the_children_and_frees_the_jobs(database):
    kind = Kind(database, "cluster")
    made = kind.create(node_groups=(records.node_group(),))
    template = job_templates.create(database, records.job_template())
    job = jobs.create(
        database, records.job(job_template_id=template.id, cluster_id=made.id)
    )
    step = records.step(made.id)
    leases.record(
        database,
        "cluster",
        kind.claim()[1],
        now=NOW,
        changes={
            "instances": (records.instance(),),
            "verification": model.Verification(
                id=records.new_id(), cluster_id=made.id, status="GREEN"
            ),
        },
        next_run_at=NOW,
        steps=[step],
        events=[records.event(step.id, successful=True)],
    )

    assert leases.remove(database, "cluster", kind.claim()[1]) is True

    assert jobs.get(database, job.id).cluster_id is None
    with database.reader() as transaction:
        for table in (
            "node_groups",
            "instances",
            "verifications",
            "provision_steps",
            "events",
        ):
            count = transaction.scalar(sa.text(f"SELECT count(*) FROM {table}"))  # noqa: S608
            assert (table, count) == (table, 0)
