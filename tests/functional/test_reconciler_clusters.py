# SPDX-License-Identifier: Apache-2.0
"""What becomes of clusters: success, each fault, and what heals itself."""

import pytest

from sparkaas import exceptions
from sparkaas import model
from sparkaas import states
from sparkaas.db import clusters
from sparkaas.db import events
from sparkaas.db import jobs
from sparkaas.service import health
from sparkaas.testing import driving
from sparkaas.testing import ground
from sparkaas.testing import infrastructure as fakes
from sparkaas.testing import records
from sparkaas.testing import service


@pytest.fixture
def build():
    """Make a world whose infrastructure is of the class given, and its conductor."""
    worlds = []

    def build(cls=fakes.FakeInfrastructure, **options):
        clock = ground.FakeClock()
        world = service.World(clock=clock, infrastructure=cls(clock), **options)
        worlds.append(world)
        return world, driving.Conductor(world.env, clock)

    yield build
    for each in worlds:
        each.close()


def read(world, cluster):
    return clusters.get(world.env.db, cluster.id)


def status(world, cluster):
    return states.cluster_status(read(world, cluster))


def made(world, run, **fields):
    """An Active cluster."""
    cluster = records.cluster(world.env, **fields)
    run.settle()
    assert status(world, cluster) == "Active"
    return cluster


def delete(world, cluster, **fields):
    target = states.Target.DELETED
    now = world.clock.now()
    clusters.set_intent(world.env.db, cluster.id, now, target=target, **fields)


def is_gone(world, cluster):
    try:
        read(world, cluster)
    except exceptions.NotFound:
        return True
    return False


def test_a_cluster_shows_how_it_comes_up(build):
    world, run = build()
    cluster = records.cluster(world.env)
    seen = [status(world, cluster)]

    def look():
        if seen[-1] != status(world, cluster):
            seen.append(status(world, cluster))
        return seen[-1] == "Active"

    world.infrastructure.boot_seconds = 5
    run.until(look)
    assert seen == [
        *("Validating", "InfraUpdating", "Spawning", "Starting"),
        *("Configuring", "Starting", "Active"),
    ]
    made = read(world, cluster)
    assert made.active_at == world.clock.now()
    assert made.info == {"HDFS": {"Web UI": "http://10.0.0.2:50070"}}
    assert made.verification.status == "GREEN"


def test_every_step_of_an_active_cluster_is_successful(build):
    world, run = build()
    cluster = made(world, run)
    records.resize(world.env, cluster, 1, 2)
    run.settle()
    shown = events.steps(world.env.db, cluster.id, True)
    assert [(step.step_type, step.step_name, step.total) for step in shown] == [
        ("Engine: create cluster", "Create instances", 3),
        ("Plugin: start cluster", "Start services", 3),
        ("Plugin: configure cluster", "Configure cluster", 1),
        ("Plugin: start cluster", "Check health", 1),
        ("Plugin: decommission cluster", "Decommission instances", 1),
        ("Engine: scale cluster", "Create instances", 3),
        ("Plugin: scale cluster", "Start services", 3),
        ("Plugin: scale cluster", "Configure cluster", 1),
        ("Plugin: scale cluster", "Check health", 1),
    ]
    for step in shown:
        assert step.successful is True
        assert len(step.events) == step.total
        assert all(event.successful for event in step.events)
    started = {event.instance_name for event in shown[1].events}
    assert started == {"c1-head-0", "c1-worker-0", "c1-worker-1"}
    (left,) = shown[4].events
    assert (left.instance_name, left.event_info) == ("c1-worker-0", "decommissioned")
    assert left.instance_id is not None


def test_a_failed_step_is_shown_with_its_reason(build):
    world, run = build(fakes.FlavorGone)
    cluster = records.cluster(world.env)
    run.settle()
    (shown,) = events.steps(world.env.db, cluster.id, True)
    assert shown.successful is False
    assert [event.event_info for event in shown.events] == [
        "The flavor does not exist any more."
    ]


def test_a_step_that_another_request_cut_off_is_closed(build):
    world, run = build(fakes.NodeNeverReady)
    cluster = records.cluster(world.env)
    run.until(lambda: read(world, cluster).step == "ensure_started")
    delete(world, cluster)
    run.until(lambda: read(world, cluster).step == "drop_secrets")
    shown = events.steps(world.env.db, cluster.id, True)
    assert [step.successful for step in shown] == [True, False, True, True]
    assert shown[1].events[-1].event_info == "Another request came."


def test_nodes_that_go_are_decommissioned_first(build):
    world, run = build()
    cluster = made(world, run, workers=3)
    records.resize(world.env, cluster, 0)
    run.until(lambda: read(world, cluster).step == "ensure_infrastructure")
    assert world.plugin.decommissioned == ["c1-worker-1", "c1-worker-2"]
    assert len(world.infrastructure.nodes) == 4
    assert status(world, cluster) == "Scaling: Spawning"
    run.settle()
    assert sorted(i.name for i in read(world, cluster).instances) == [
        "c1-head-0",
        "c1-worker-0",
    ]


def test_a_failed_resize_leaves_the_cluster_active_with_the_reason(build):
    world, run = build(fakes.QuotaUsedUp)
    world.infrastructure.limit = 3
    cluster = made(world, run)
    records.resize(world.env, cluster, 0, 1, 2)
    run.settle()
    failed = read(world, cluster)
    assert states.cluster_status(failed) == "Active"
    assert failed.observed_generation == failed.generation == 2
    assert failed.reason.code == "QUOTA_ERROR"
    assert failed.reason.hint
    shown = events.steps(world.env.db, cluster.id, False)
    assert all(step.successful is not None for step in shown)


def test_a_health_check_neither_retries_nor_forgets_a_failed_resize(build):
    world, run = build(fakes.QuotaUsedUp)
    world.infrastructure.limit = 3
    cluster = made(world, run)
    records.resize(world.env, cluster, 0, 1, 2)
    run.settle()
    world.infrastructure.limit = 10
    for _ in range(5):
        checked = run.next_check(cluster)
    assert checked.reason.code == "QUOTA_ERROR"
    assert checked.verification.status == "GREEN"
    assert len(world.infrastructure.nodes) == 3
    records.resize(world.env, cluster, 0, 1, 2)
    run.settle()
    assert read(world, cluster).reason is None
    assert len(world.infrastructure.nodes) == 4


def test_a_node_that_was_not_decommissioned_is_never_taken_by_a_repair(build):
    world, run = build()
    cluster = made(world, run, workers=3)

    def refuses(cluster, leaving, reach):
        raise exceptions.Permanent("Blocks have no other place.", code="NO_ROOM")

    world.plugin.decommission = refuses
    records.resize(world.env, cluster, 0, 1)
    run.settle()
    assert read(world, cluster).reason.code == "NO_ROOM"
    world.infrastructure.lose(cluster.id, "c1-worker-0")
    run.next_check(cluster)
    assert sorted(node.name for node in world.infrastructure.nodes.values()) == [
        *("c1-head-0", "c1-worker-0", "c1-worker-1", "c1-worker-2")
    ]


def test_a_service_that_keeps_failing_ends_the_wait(build):
    world, run = build(fakes.ServiceKeepsFailing, conductor__service_grace=20)
    cluster = records.cluster(world.env)
    began = world.clock.now()
    run.settle()
    failed = read(world, cluster)
    assert states.cluster_status(failed) == "Error"
    assert failed.reason.code == "SERVICE_FAILED"
    assert "c1-worker-0/datanode" in failed.reason.sentence
    assert "port 50010 is in use" in failed.reason.sentence
    assert 20 <= (world.clock.now() - began).total_seconds() < 25


def test_a_node_lost_while_services_start_is_made_again(build):
    world, run = build()
    world.infrastructure.boot_seconds = 10
    cluster = records.cluster(world.env)
    run.until(lambda: read(world, cluster).waiting_for)
    world.infrastructure.lose(cluster.id, "c1-worker-1")
    run.settle()
    assert status(world, cluster) == "Active"
    assert world.infrastructure.created[cluster.id, "c1-worker-1"] == 2


def test_a_plugin_that_is_not_installed_any_more(build):
    world, run = build()
    cluster = records.cluster(world.env, plugin_name="gone")
    run.settle()
    assert read(world, cluster).reason.code == "PLUGIN_MISSING"
    delete(world, cluster)
    run.settle()
    assert is_gone(world, cluster)
    assert world.secrets.values == {}


def test_a_dead_service_is_started_again(build):
    world, run = build()
    cluster = made(world, run)
    world.infrastructure.break_service(cluster.id, "c1-worker-0", "datanode")
    checked = run.next_check(cluster)
    assert checked.verification.status == "YELLOW"
    assert "out of memory" in checked.verification.checks[0]["description"]
    assert checked.reason is None
    assert world.infrastructure.node(cluster.id, "c1-worker-0").failed == {}
    assert (checked.next_run_at - world.clock.now()).total_seconds() <= 5
    shown = events.steps(world.env.db, cluster.id, True)[-1]
    assert (shown.step_name, shown.successful) == ("Repair instances", True)
    (event,) = shown.events
    assert event.instance_name == "c1-worker-0"
    assert "Repaired: c1-worker-0/datanode failed" in event.event_info
    assert run.next_check(cluster).verification.status == "GREEN"


def test_a_lost_node_is_made_again(build):
    world, run = build()
    cluster = made(world, run)
    world.infrastructure.lose(cluster.id, "c1-worker-1")
    run.next_check(cluster)
    assert status(world, cluster) == "Active"
    assert len(world.infrastructure.nodes) == 3
    assert run.next_check(cluster).verification.status == "GREEN"


class NodesCannotBeMadeNow(fakes.FakeInfrastructure):
    """``broken`` decides."""

    broken = False

    def _create(self, cluster, name, wanted):
        if self.broken:
            raise exceptions.Transient(
                "No valid host was found.", hint="Take a smaller flavor."
            )
        super()._create(cluster, name, wanted)


def test_a_cluster_that_cannot_be_repaired_stays_active_and_says_so(build):
    world, run = build(NodesCannotBeMadeNow)
    cluster = made(world, run)
    world.infrastructure.broken = True
    world.infrastructure.lose(cluster.id, "c1-worker-1")
    for _ in range(30):
        checked = run.next_check(cluster)
        assert states.cluster_status(checked) == "Active"
    assert checked.verification.status == "RED"
    assert checked.reason.code == health.UNHEALTHY
    assert "c1-worker-1 does not exist" in checked.reason.sentence
    assert "No valid host was found." in checked.reason.sentence
    assert "2030-01-01T12:00:30" in checked.reason.sentence
    assert checked.reason.hint == "Take a smaller flavor."
    world.infrastructure.broken = False
    run.next_check(cluster)
    checked = run.next_check(cluster)
    assert checked.verification.status == "GREEN"
    assert checked.reason is None


def test_a_service_that_dies_again_and_again_is_not_restarted_in_haste(build):
    world, run = build(conductor__health_interval=30)
    cluster = made(world, run)
    waits = []
    for _ in range(4):
        world.infrastructure.break_service(cluster.id, "c1-worker-0", "datanode")
        checked = run.next_check(cluster)
        waits.append((checked.next_run_at - world.clock.now()).total_seconds())
    assert waits == [2, 30, 30, 30]
    assert checked.verification.status == "RED"
    assert checked.reason.code == health.UNHEALTHY


def test_what_the_plugin_finds_sick_is_told_and_forgotten(build):
    world, run = build()
    cluster = made(world, run)
    world.plugin.sick.append("1 of 2 datanodes is dead.")
    checked = run.next_check(cluster)
    assert checked.verification.status == "RED"
    assert "1 of 2 datanodes is dead." in checked.reason.sentence
    world.plugin.sick.clear()
    checked = run.next_check(cluster)
    assert (checked.verification.status, checked.reason) == ("GREEN", None)


def test_a_verification_that_is_asked_for_comes_at_once(build):
    world, run = build(conductor__health_interval=3600)
    cluster = made(world, run)
    world.plugin.sick.append("Dead.")
    now = world.clock.advance(5)
    clusters.set_intent(world.env.db, cluster.id, now, verify_asked=1)
    assert status(world, cluster) == "Active"
    run.passes()
    checked = read(world, cluster)
    assert checked.verify_done == 1
    assert checked.verification.status == "RED"
    assert states.cluster_status(checked) == "Active"


def test_a_verification_asked_for_during_another_comes_right_after_it(build):
    world, run = build(conductor__health_interval=3600)
    cluster = made(world, run)

    def sick(cluster, reach):
        del world.plugin.health
        now = world.clock.now()
        clusters.set_intent(world.env.db, cluster.id, now, verify_asked=1)
        return ()

    world.plugin.health = sick
    run.next_check(cluster)
    assert read(world, cluster).verify_done == 1


def test_a_forced_deletion_leaves_the_rest_to_the_janitor(build):
    world, run = build(fakes.DeleteNeverEnds)
    cluster = made(world, run)
    delete(world, cluster)
    run.passes()
    assert read(world, cluster).waiting_for == "The stack is being deleted."
    delete(world, cluster, force=True)
    run.settle()
    assert is_gone(world, cluster)
    assert world.secrets.values == {}
    assert len(world.infrastructure.nodes) == 3


@pytest.mark.parametrize("error", [exceptions.Transient, exceptions.Permanent])
def test_a_forced_deletion_does_not_hang_on_a_cloud_that_refuses(build, error):
    class Refuses(fakes.FakeInfrastructure):
        def delete(self, cluster):
            raise error("No.")

    world, run = build(Refuses)
    cluster = made(world, run)
    delete(world, cluster, force=True)
    run.settle(seconds=60)
    assert is_gone(world, cluster)


def test_a_deletion_that_never_ends_says_so_at_its_deadline(build):
    world, run = build(fakes.DeleteNeverEnds, conductor__delete_deadline=300)
    cluster = made(world, run)
    delete(world, cluster)
    run.settle()
    failed = read(world, cluster)
    assert states.cluster_status(failed) == "Deleting"
    assert failed.reason.code == "DEADLINE_PASSED"
    assert "The stack is being deleted." in failed.reason.sentence
    assert "with force" in failed.reason.hint


def test_a_cluster_in_error_can_be_deleted(build):
    world, run = build(fakes.FlavorGone)
    cluster = records.cluster(world.env)
    run.settle()
    delete(world, cluster)
    run.settle()
    assert is_gone(world, cluster)


def test_a_transient_cluster_goes_after_its_last_job(build):
    world, run = build()
    cluster = made(world, run, is_transient=True)
    for _ in range(3):
        run.next_check(cluster)
    assert status(world, cluster) == "Active", "it has had no job yet"
    template = records.job_template(world.env)
    records.job(world.env, cluster, template)
    run.until(lambda: is_gone(world, cluster))
    assert world.infrastructure.nodes == {}
    assert [*world.infrastructure.starts.values()] == [1]


def test_a_transient_cluster_does_not_wait_for_its_next_health_check(build):
    world, run = build(conductor__health_interval=3600)
    cluster = made(world, run, is_transient=True)
    job = records.job(world.env, cluster, records.job_template(world.env))
    run.until(lambda: status(world, cluster) == "Deleting")
    ended = jobs.get(world.env.db, job.id).end_time
    assert (world.clock.now() - ended).total_seconds() < 10


def test_a_transient_cluster_without_a_job_goes_after_a_while(build):
    world, run = build(conductor__transient_idle=600)
    cluster = made(world, run, is_transient=True)
    lasting = made(world, run, name="lasting")
    since = read(world, cluster).active_at
    run.until(lambda: is_gone(world, cluster))
    assert 600 <= (world.clock.now() - since).total_seconds() < 700
    assert status(world, lasting) == "Active"


def test_a_transient_cluster_that_goes_shows_it(build):
    world, run = build()
    cluster = made(world, run, is_transient=True)
    records.job(world.env, cluster, records.job_template(world.env))
    run.until(lambda: read(world, cluster).step == "drop_infrastructure")
    assert status(world, cluster) == "Deleting"
    found = clusters.page(
        world.env.db, None, model.Query(filters={"status": "Deleting"})
    )
    assert [each.id for each in found.items] == [cluster.id]


def test_secrets_are_the_same_for_all_of_a_clusters_life(build):
    world, run = build()
    cluster = made(world, run)
    before = dict(world.secrets.values)
    records.resize(world.env, cluster, 0, 1, 2)
    run.settle()
    assert world.secrets.values == before
    assert read(world, cluster).secret_refs == {"cluster": next(iter(before))}
