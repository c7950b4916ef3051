# SPDX-License-Identifier: Apache-2.0
"""The loop itself, over a real (SQLite) database and a cloud of fakes.

Most of these are traps that this kind of loop is known for, one test for each.
"""

import dataclasses
import datetime

import pytest

from sparkaas import exceptions
from sparkaas import model
from sparkaas import states
from sparkaas.db import clusters
from sparkaas.db import leases
from sparkaas.service import cluster_plans
from sparkaas.service import plans
from sparkaas.service import reconciler
from sparkaas.testing import crash
from sparkaas.testing import driving
from sparkaas.testing import ground
from sparkaas.testing import infrastructure as fakes
from sparkaas.testing import records
from sparkaas.testing import service

DAY = 24 * 3600


@pytest.fixture
def build():
    """Make a world whose infrastructure is of the class given."""
    worlds = []

    def build(cls=fakes.FakeInfrastructure, **options):
        clock = ground.FakeClock()
        worlds.append(service.World(clock=clock, infrastructure=cls(clock), **options))
        return worlds[-1]

    yield build
    for each in worlds:
        each.close()


def conductor(world, owner="first"):
    return driving.Conductor(world.env, world.clock, owner)


def read(world, cluster):
    return clusters.get(world.env.db, cluster.id)


def status(world, cluster):
    return states.cluster_status(read(world, cluster))


def for_a_day(world, run):
    """Let a day pass, with a look every now and then."""
    for _ in range(24):
        world.clock.advance(3600)
        run.passes()


class Asks(fakes.FakeInfrastructure):
    """In the midst of one of its verbs, a user asks for something."""

    verb = ""

    def ask(self):
        raise AssertionError("not set")

    def ensure(self, cluster, manifests, secrets):
        outcome = super().ensure(cluster, manifests, secrets)
        self._maybe("ensure")
        return outcome

    def observe(self, cluster):
        seen = super().observe(cluster)
        self._maybe("observe")
        return seen

    def delete(self, cluster):
        outcome = super().delete(cluster)
        self._maybe("delete")
        return outcome

    def _maybe(self, verb):
        if self.verb == verb:
            self.verb = ""
            self.ask()


def test_the_watch_answers_done_or_a_deadline_would_end_a_healthy_cluster(build):
    world = build(conductor__health_interval=300)
    run = conductor(world)
    cluster = records.cluster(world.env)
    run.settle()
    for_a_day(world, run)
    assert status(world, cluster) == "Active"
    assert read(world, cluster).reason is None


def test_conductors_that_were_away_for_a_day_end_nothing(build):
    world = build()
    cluster = records.cluster(world.env)
    run = conductor(world)
    run.passes()
    world.clock.advance(DAY)
    run.settle()
    world.clock.advance(DAY)
    run.settle()
    assert status(world, cluster) == "Active"
    assert read(world, cluster).reason is None


def test_an_error_with_nothing_new_asked_has_an_empty_plan(build):
    world = build(fakes.FlavorGone)
    run = conductor(world)
    cluster = records.cluster(world.env)
    run.settle()
    failed = read(world, cluster)
    assert states.cluster_status(failed) == "Error"
    assert failed.reason.code == "FLAVOR_GONE"
    assert failed.next_run_at is None
    assert cluster_plans.plan_for(failed).steps == ()
    for_a_day(world, run)
    assert dataclasses.replace(read(world, cluster)) == failed


def test_an_intent_that_lands_in_a_pass_is_seen_right_after_it(build):
    world = build(Asks)
    run = conductor(world)
    cluster = records.cluster(world.env)
    run.settle()
    world.infrastructure.ask = lambda: records.resize(world.env, cluster, 0, 1, 2)
    world.infrastructure.verb = "observe"
    due = read(world, cluster).next_run_at
    world.clock.advance_to(due)
    # No time passes from here on: the health check's own interval would be 30 s.
    run.passes()
    assert world.infrastructure.verb == ""
    assert status(world, cluster) == "Active"
    assert len(read(world, cluster).instances) == 4


def test_an_intent_that_lands_in_the_last_pass_is_not_taken_for_done(build):
    world = build(Asks)
    run = conductor(world)
    cluster = records.cluster(world.env)
    run.until(lambda: read(world, cluster).step == "ensure_infrastructure")
    world.infrastructure.ask = lambda: records.resize(world.env, cluster, 0)
    world.infrastructure.verb = "ensure"
    run.settle()
    assert len(world.infrastructure.nodes) == 2
    assert read(world, cluster).observed_generation == 2


def test_a_record_asked_for_something_else_while_it_went_is_not_removed(build):
    """The last step's pass has claimed the record; then the request comes."""
    world = build()
    run = conductor(world)
    cluster = records.cluster(world.env)
    run.settle()
    now = world.clock.now()
    clusters.set_intent(world.env.db, cluster.id, now, target=states.Target.DELETED)
    run.until(lambda: read(world, cluster).step == "drop_record")
    one = reconciler.Reconciler(world.env, cluster_plans.KIND, "one")
    claim = one.claim(cluster.id)
    clusters.set_intent(world.env.db, cluster.id, now, force=True)
    one.run(claim)
    assert read(world, cluster).next_run_at == now
    run.passes()
    with pytest.raises(exceptions.NotFound):
        read(world, cluster)


def test_a_failed_teardown_waits_for_a_new_ask(build):
    world = build(fakes.DeleteFails)
    run = conductor(world)
    cluster = records.cluster(world.env)
    run.settle()
    ask = {"target": states.Target.DELETED}
    clusters.set_intent(world.env.db, cluster.id, world.clock.now(), **ask)
    run.settle()
    failed = read(world, cluster)
    assert states.cluster_status(failed) == "Deleting"
    assert (failed.reason.code, failed.next_run_at) == ("DELETE_FAILED", None)
    world.infrastructure.broken = False
    for_a_day(world, run)
    assert read(world, cluster) == failed
    clusters.set_intent(world.env.db, cluster.id, world.clock.now(), **ask)
    assert read(world, cluster).reason == failed.reason
    run.settle()
    assert world.infrastructure.nodes == {}
    with pytest.raises(exceptions.NotFound):
        read(world, cluster)


def test_a_step_longer_than_its_lease_keeps_it_by_extending(build):
    world = build(conductor__lease_seconds=60)
    cluster = records.cluster(world.env)
    first = reconciler.Reconciler(world.env, cluster_plans.KIND, "first")
    second = reconciler.Reconciler(world.env, cluster_plans.KIND, "second")
    claim = first.claim()
    for _ in range(10):
        world.clock.advance(59)
        assert claim.extend()
        assert second.claim() is None
    first.run(claim)
    assert read(world, cluster).step == "ensure_secrets"
    # What a late heartbeat asks for must not take the lease again.
    assert not claim.extend()
    assert second.claim() is not None


def test_what_a_worker_records_too_late_is_refused(build):
    world = build()
    cluster = records.cluster(world.env)
    first = reconciler.Reconciler(world.env, cluster_plans.KIND, "first")
    second = reconciler.Reconciler(world.env, cluster_plans.KIND, "second")
    first.pass_once()
    stale = first.claim()
    assert stale.record.step == "ensure_secrets"
    world.clock.advance(61)
    while read(world, cluster).step != "ensure_started":
        assert second.pass_once()
    before = read(world, cluster)
    first.run(stale)
    assert read(world, cluster) == before
    assert not stale.extend()


def test_only_one_of_two_gets_the_record(build):
    world = build()
    records.cluster(world.env)
    first = reconciler.Reconciler(world.env, cluster_plans.KIND, "first")
    second = reconciler.Reconciler(world.env, cluster_plans.KIND, "second")
    assert first.claim() is not None
    assert second.claim() is None


@pytest.mark.parametrize(
    "marker",
    [
        {"step": "ensure_moonshine"},
        {"step": "drop_infrastructure"},
        {"step": "ensure_healthy", "checkpoint": {"generation": 1, "plan": "old"}},
        {"step": "ensure_healthy", "checkpoint": {}},
    ],
    ids=["unknown step", "step of another plan", "another plan", "no memory"],
)
def test_a_step_of_another_release_restarts_the_plan(build, marker):
    world = build()
    cluster = records.cluster(world.env)
    now = world.clock.now()
    _, lease = leases.claim(
        world.env.db, "cluster", owner="old release", now=now, seconds=60
    )
    leases.record(
        world.env.db, "cluster", lease, now=now, changes=marker, next_run_at=now
    )
    run = conductor(world)
    run.settle()
    assert status(world, cluster) == "Active"
    assert len(world.infrastructure.nodes) == 3


def test_failures_that_may_pass_are_tried_again_ever_later(build):
    world = build(
        fakes.EnsureAlwaysFails,
        conductor__retry_base=1,
        conductor__retry_max=20,
        conductor__max_attempts=8,
    )
    run = conductor(world)
    cluster = records.cluster(world.env)
    run.until(lambda: read(world, cluster).step == "ensure_infrastructure")
    delays = []
    for attempt in range(1, 8):
        run.passes()
        now = read(world, cluster)
        assert now.attempts == attempt
        assert now.reason.sentence == "The cloud answered 503."
        assert now.waiting_for.startswith(f"Failed {attempt} of 8 times")
        delays.append((now.next_run_at - world.clock.now()).total_seconds())
        world.clock.advance_to(now.next_run_at)
    assert delays == [1, 2, 4, 8, 16, 20, 20]
    run.passes()
    ended = read(world, cluster)
    assert states.cluster_status(ended) == "Error"
    assert ended.reason.code == "TRANSIENT_FAILURE"
    assert ended.reason.hint


def test_a_failure_that_passed_leaves_no_reason(build):
    world = build(fakes.EnsureFailsOnce)
    run = conductor(world)
    cluster = records.cluster(world.env)
    run.until(lambda: read(world, cluster).attempts == 1)
    assert read(world, cluster).reason.code == "TRANSIENT_FAILURE"
    run.settle()
    assert status(world, cluster) == "Active"
    assert read(world, cluster).reason is None
    assert read(world, cluster).attempts == 0


def test_a_lost_answer_makes_no_second_node(build):
    world = build(fakes.LoseAnswerAfterCreate)
    cluster = records.cluster(world.env)
    conductor(world).settle()
    assert status(world, cluster) == "Active"
    assert sorted(world.infrastructure.created.values()) == [1, 1, 1]


def test_a_deadline_counts_from_the_first_pass_whoever_did_it(build):
    world = build(fakes.NodeNeverReady, conductor__provision_deadline=600)
    cluster = records.cluster(world.env)
    conductor(world).until(lambda: read(world, cluster).step == "ensure_started")
    began = world.clock.now()
    for number in range(100):
        if status(world, cluster) == "Error":
            break
        world.clock.advance(10)
        conductor(world, f"conductor {number}").passes()
    lasted = (world.clock.now() - began).total_seconds()
    assert 600 <= lasted <= 610
    reason = read(world, cluster).reason
    assert reason.code == "DEADLINE_PASSED"
    assert "ensure_started was not done within 600 seconds" in reason.sentence
    assert "c1-head-0: namenode is starting" in reason.sentence
    assert reason.hint


def test_a_step_that_kills_its_conductor_each_time_is_given_up(build):
    class Kills(fakes.FakeInfrastructure):
        def ensure(self, cluster, manifests, secrets):
            raise crash.Crash("segmentation fault")

    world = build(Kills, conductor__provision_deadline=600)
    cluster = records.cluster(world.env)
    deaths = 0
    while states.cluster_status(read(world, cluster)) != "Error":
        try:
            conductor(world, f"conductor {deaths}").passes()
        except crash.Crash:
            deaths += 1
        world.clock.advance(61)
        assert deaths < 20
    assert deaths >= 10
    assert read(world, cluster).reason.code == "DEADLINE_PASSED"
    assert "died in it" in read(world, cluster).reason.sentence


def test_facts_that_cannot_be_stored_are_a_failure_of_the_step(build, caplog):
    def babbles(env, cluster):
        return model.Done({"info": {"x": {"y": object()}}})

    step = plans.Step("babble", babbles)
    kind = dataclasses.replace(
        cluster_plans.KIND, plan_for=lambda cluster: plans.Plan("converge", (step,))
    )
    world = build()
    cluster = records.cluster(world.env)
    one = reconciler.Reconciler(world.env, kind, "one")
    one.pass_once()
    one.pass_once()
    after = read(world, cluster)
    assert (after.attempts, after.reason.code) == (1, "INTERNAL_ERROR")
    assert after.next_run_at > world.clock.now()
    assert "cannot be recorded" in caplog.text


def test_an_unexpected_error_is_for_the_log_not_for_the_user(build, caplog):
    world = build(fakes.BrokenDriver, conductor__max_attempts=2)
    cluster = records.cluster(world.env)
    conductor(world).settle()
    failed = read(world, cluster)
    assert states.cluster_status(failed) == "Error"
    assert failed.reason.code == "INTERNAL_ERROR"
    assert "secret-in-a-traceback" not in repr(failed)
    assert "secret-in-a-traceback" in caplog.text


def test_a_fact_that_no_step_may_establish_is_an_error_of_ours(build):
    def overreaching(env, cluster):
        return model.Done({"target": states.Target.DELETED})

    plan = plans.Plan("converge", (plans.Step("overreach", overreaching),))
    kind = dataclasses.replace(cluster_plans.KIND, plan_for=lambda cluster: plan)
    world = build()
    cluster = records.cluster(world.env)
    one = reconciler.Reconciler(world.env, kind, "one")
    one.pass_once()
    one.pass_once()
    assert read(world, cluster).reason.code == "INTERNAL_ERROR"
    assert read(world, cluster).target is states.Target.ACTIVE


def test_sudden_death_is_caught_by_nobody(build):
    def dies(env, cluster):
        raise crash.Crash("here")

    plan = plans.Plan("converge", (plans.Step("die", dies),))
    kind = dataclasses.replace(cluster_plans.KIND, plan_for=lambda cluster: plan)
    world = build()
    cluster = records.cluster(world.env)
    one = reconciler.Reconciler(world.env, kind, "one")
    one.pass_once()
    before = read(world, cluster)
    with pytest.raises(crash.Crash):
        one.pass_once()
    assert read(world, cluster) == before
    assert not one.pass_once(), "the lease still runs"
    world.clock.advance(61)
    with pytest.raises(crash.Crash):
        one.pass_once()


def test_a_step_runs_with_its_marker_already_in_the_record(build):
    seen = []

    def look(env, cluster):
        seen.append(clusters.get(env.db, cluster.id))
        return model.Wait(1, "looks")

    step = plans.Step("look", look)
    plan = plans.Plan("converge", (step,))
    kind = dataclasses.replace(cluster_plans.KIND, plan_for=lambda cluster: plan)
    world = build()
    records.cluster(world.env)
    one = reconciler.Reconciler(world.env, kind, "one")
    one.pass_once()
    one.pass_once()
    assert seen[0].step == "look"
    assert seen[0].step_started_at == world.clock.now()


def test_who_moved_where_is_logged_once(build, caplog):
    caplog.set_level("INFO")
    world = build()
    cluster = records.cluster(world.env)
    conductor(world).settle()
    moves = [each.message for each in caplog.records if "moved from" in each.message]
    assert moves[0] == (
        f"cluster {cluster.id} moved from Validating (None) to "
        "InfraUpdating (ensure_secrets)"
    )
    assert moves[-1].endswith("to Active (check_health)")
    assert len(moves) == len(set(moves))


def test_waiting_is_told_and_ends_in_time(build):
    world = build()
    world.infrastructure.boot_seconds = 10
    run = conductor(world)
    cluster = records.cluster(world.env)
    run.passes()
    waiting = read(world, cluster)
    assert waiting.waiting_for.startswith("c1-head-0: namenode is starting (boots)")
    assert waiting.next_run_at - world.clock.now() == datetime.timedelta(seconds=0.5)
    assert not run.passes()
    run.settle()
    assert read(world, cluster).waiting_for == ""
