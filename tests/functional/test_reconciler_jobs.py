# SPDX-License-Identifier: Apache-2.0
"""What becomes of jobs: every way to run, to end, and to be ended."""

import dataclasses

import pytest

from sparkaas import exceptions
from sparkaas import states
from sparkaas.db import clusters
from sparkaas.db import jobs
from sparkaas.testing import driving
from sparkaas.testing import engine as fake_engine
from sparkaas.testing import ground
from sparkaas.testing import infrastructure as fakes
from sparkaas.testing import node
from sparkaas.testing import records
from sparkaas.testing import service

NODE = "c1-head-0"


@pytest.fixture
def build():
    """Make a world with an Active cluster, and its conductor."""
    worlds = []

    def build(engine=None, infrastructure=fakes.FakeInfrastructure, **options):
        clock = ground.FakeClock()
        world = service.World(
            clock=clock, engine=engine, infrastructure=infrastructure(clock), **options
        )
        worlds.append(world)
        run = driving.Conductor(world.env, clock)
        cluster = records.cluster(world.env)
        run.settle()
        return world, run, cluster

    yield build
    for each in worlds:
        each.close()


def read(world, job):
    return jobs.get(world.env.db, job.id)


def status(world, job):
    return states.job_status(read(world, job))


def launch(world, cluster, script=None, **fields):
    if script is not None:
        world.engine.script = script
    return records.job(world.env, cluster, records.job_template(world.env), **fields)


def running(world, run, cluster, script, **fields):
    job = launch(world, cluster, script, **fields)
    run.until(lambda: read(world, job).step == "watch")
    return job


def ask(world, job, target):
    jobs.set_intent(world.env.db, job.id, world.clock.now(), target=target)


def cancel(world, job):
    ask(world, job, states.JobTarget.KILLED)


def delete_cluster(world, cluster):
    now = world.clock.now()
    target = states.Target.DELETED
    clusters.set_intent(world.env.db, cluster.id, now, target=target)


def log(world, job, stream="stdout"):
    return world.store.objects.get(f"jobs/{job.id}/{stream}", b"")


def node_files(world, cluster, name=NODE):
    return world.infrastructure.node(cluster.id, name).files


def long(**fields):
    return dataclasses.replace(
        node.Script(seconds=1000, stdout=b"0123456789" * 100), **fields
    )


def test_a_job_shows_how_it_runs(build):
    world, run, cluster = build()
    job = launch(world, cluster, node.Script(seconds=10, stages=5))
    seen = [status(world, job)]
    progress = set()

    def look():
        now = read(world, job)
        if seen[-1] != states.job_status(now):
            seen.append(states.job_status(now))
        if now.progress is not None:
            progress.add((now.progress.stages_done, now.progress.stages_total))
        return now.outcome

    began = world.clock.now()
    run.until(look)
    assert seen == ["PENDING", "RUNNING", "SUCCEEDED"]
    assert progress >= {(done, 5) for done in range(6)}
    ended = read(world, job)
    assert ended.return_code == "0"
    assert ended.reason is None
    assert ended.start_time == began
    assert 10 <= (ended.end_time - ended.start_time).total_seconds() <= 10.5
    assert ended.next_run_at is None
    assert ended.observed_generation == ended.generation
    assert log(world, job) == world.engine.script.stdout
    assert log(world, job, "stderr") == world.engine.script.stderr
    assert node_files(world, cluster) == {}


def test_the_engine_gets_files_arguments_and_secrets(build):
    world, run, cluster = build()
    secret = world.secrets.put(records.PROJECT, {"fs.s3a.secret.key": "hush"})
    job = launch(
        world,
        cluster,
        secret_ref=secret,
        job_configs={
            "configs": {"spark.executor.memory": "1g", "fs.s3a.secret.key": ""},
            "args": ["a b", "$(reboot)", "é\n"],
            "params": {},
        },
    )
    run.until(lambda: read(world, job).step == "watch")
    given = world.engine.submissions[job.id]
    assert given.directory == f"/srv/jobs/{job.id}"
    assert given.args == ("a b", "$(reboot)", "é\n")
    assert given.configs["spark.executor.memory"] == "1g"
    assert given.secrets == {"fs.s3a.secret.key": "hush"}
    files = node_files(world, cluster)
    assert files[given.mains[0]] == b"# count.py\n"
    assert files[given.libs[0]] == b"# count-lib.zip\n"
    modes = world.infrastructure.node(cluster.id, NODE).modes
    assert modes[given.mains[0]] == 0o600
    run.settle()
    assert secret not in world.secrets.values


def test_output_is_in_the_store_while_the_job_runs(build):
    world, run, cluster = build()
    job = running(world, run, cluster, long())
    world.clock.advance(500)
    run.passes()
    assert log(world, job) == long().stdout[:500]
    assert status(world, job) == "RUNNING"


def test_much_output_is_copied_in_parts_and_complete_at_the_end(build):
    lines = b"".join(b"line %d\n" % number for number in range(1_500_000))
    assert len(lines) > 16 * 1024**2
    world, run, cluster = build()
    job = launch(world, cluster, node.Script(seconds=1, stdout=lines))
    sizes = []

    def look():
        sizes.append(len(log(world, job)))
        return read(world, job).outcome

    run.until(look)
    assert log(world, job) == lines
    assert max(b - a for a, b in zip(sizes, sizes[1:], strict=False)) <= 4 * 1024**2


def test_output_past_the_limit_is_cut_and_says_so(build):
    world, run, cluster = build(edp__max_log_bytes=1024)
    job = launch(world, cluster, node.Script(stdout=b"x" * 1024, stderr=b"y" * 1025))
    run.settle()
    assert log(world, job) == b"x" * 1024
    assert log(world, job, "stderr") == (
        b"y" * 1024 + b"\n[sparkaas: stderr was cut here, after 1024 bytes]\n"
    )
    assert status(world, job) == "SUCCEEDED"


def test_a_job_waits_for_its_cluster(build):
    world, run, _ = build()
    world.infrastructure.boot_seconds = 60
    cluster = records.cluster(world.env, "c2")
    job = launch(world, cluster)
    run.until(lambda: read(world, job).waiting_for)
    run.until(lambda: "Starting" in read(world, job).waiting_for)
    assert status(world, job) == "PENDING"
    assert read(world, job).waiting_for == "The cluster c2 is Starting, not Active."
    run.settle()
    assert status(world, job) == "SUCCEEDED"


def test_a_job_does_not_wait_for_ever(build):
    world, run, _ = build(
        infrastructure=fakes.FakeInfrastructure, edp__pending_deadline=120
    )
    cluster = records.cluster(world.env, "c2", plugin_name="gone")
    job = launch(world, cluster)
    run.settle()
    ended = read(world, job)
    assert states.job_status(ended) == "FAILED"
    assert ended.reason.code == "CLUSTER_NOT_ACTIVE"
    assert "it is Error" in ended.reason.sentence
    assert ended.start_time == ended.end_time


def test_a_job_that_cannot_be_launched_fails_with_the_reason(build):
    world, run, cluster = build(engine=fake_engine.RefusesToLaunch())
    job = launch(world, cluster)
    run.settle()
    ended = read(world, job)
    assert states.job_status(ended) == "FAILED"
    assert (ended.reason.code, ended.reason.hint) == (
        "LAUNCH_FAILED",
        "Use an image that has Spark.",
    )
    assert ended.start_time == ended.end_time
    assert node_files(world, cluster) == {}


def test_a_type_that_the_cluster_does_not_run_fails(build):
    world, run, cluster = build()
    job = launch(world, cluster, type="Storm")
    run.settle()
    assert read(world, job).reason.code == "JOB_TYPE_UNSUPPORTED"
    assert status(world, job) == "FAILED"


def test_a_binary_that_was_deleted_meanwhile_fails_the_job(build):
    world, run, cluster = build()
    job = launch(world, cluster)
    for key in [key for key in world.store.objects if key.startswith("binaries/")]:
        world.store.delete(key)
    run.settle()
    assert status(world, job) == "FAILED"
    assert read(world, job).reason.code == "NOT_FOUND"
    assert node_files(world, cluster) == {}


def test_a_lost_answer_starts_no_second_driver(build):
    world, run, cluster = build(engine=fake_engine.LoseAnswerAfterSubmit())
    job = launch(world, cluster)
    run.settle()
    assert status(world, job) == "SUCCEEDED"
    assert world.infrastructure.starts[job.id] == 1


def test_a_driver_that_fails(build):
    world, run, cluster = build()
    job = launch(world, cluster, node.Script(exit_code=3))
    run.settle()
    ended = read(world, job)
    assert states.job_status(ended) == "DONEWITHERROR"
    assert ended.return_code == "3"
    assert ended.reason.sentence == "The job's driver ended with exit code 3."


@pytest.mark.parametrize("code", [-9, 137])
def test_a_driver_that_something_else_killed(build, code):
    world, run, cluster = build()
    job = launch(world, cluster, node.Script(exit_code=code))
    run.settle()
    ended = read(world, job)
    assert states.job_status(ended) == "DONEWITHERROR"
    assert ended.reason.code == "DRIVER_KILLED"
    assert "signal 9" in ended.reason.sentence


def test_a_driver_whose_node_was_replaced_is_lost(build):
    world, run, cluster = build()
    job = running(world, run, cluster, long())
    world.infrastructure.lose(cluster.id, NODE)
    run.settle()
    ended = read(world, job)
    assert states.job_status(ended) == "DONEWITHERROR"
    assert ended.reason.code == "DRIVER_LOST"
    assert ended.return_code is None


def test_a_driver_whose_node_left_the_cluster_is_lost(build):
    world, run, cluster = build()
    job = running(world, run, cluster, long())
    # The engine would choose another node by now; the job's is in the record.
    head, worker = clusters.get(world.env.db, cluster.id).node_groups
    head = dataclasses.replace(head, indices=(1,))
    now = world.clock.now()
    clusters.set_intent(world.env.db, cluster.id, now, node_groups=(head, worker))
    run.settle()
    ended = read(world, job)
    assert states.job_status(ended) == "DONEWITHERROR"
    assert ended.reason.code == "NODE_GONE"


def test_a_node_out_of_reach_for_long_ends_the_job(build):
    world, run, cluster = build()
    job = running(world, run, cluster, long())
    world.reach.unreachable.add(NODE)
    run.settle(seconds=1200)
    ended = read(world, job)
    assert states.job_status(ended) == "DONEWITHERROR"
    assert ended.reason.sentence == f"{NODE} does not answer."
    assert status(world, job) in states.JOB_TERMINAL


def test_a_node_out_of_reach_for_a_while_changes_nothing(build):
    world, run, cluster = build()
    job = running(world, run, cluster, node.Script(seconds=20))
    world.reach.unreachable.add(NODE)
    run.until(lambda: read(world, job).attempts == 4)
    assert read(world, job).reason.code == "TRANSIENT_FAILURE"
    assert status(world, job) == "RUNNING"
    world.reach.unreachable.clear()
    run.settle()
    assert status(world, job) == "SUCCEEDED"
    assert read(world, job).reason is None
    assert log(world, job) == node.Script().stdout


def test_a_job_that_waits_is_cancelled_at_once(build):
    world, run, _ = build()
    world.infrastructure.boot_seconds = 600
    cluster = records.cluster(world.env, "c2")
    job = launch(world, cluster)
    run.until(lambda: read(world, job).waiting_for)
    cancel(world, job)
    assert status(world, job) == "TOBEKILLED"
    run.passes()
    assert status(world, job) == "KILLED"
    assert read(world, job).start_time is None
    assert read(world, job).end_time == world.clock.now()


def test_a_running_job_is_cancelled(build):
    world, run, cluster = build()
    job = running(world, run, cluster, long())
    world.clock.advance(300)
    cancel(world, job)
    assert status(world, job) == "TOBEKILLED"
    run.settle(seconds=5)
    ended = read(world, job)
    assert states.job_status(ended) == "KILLED"
    assert ended.reason.code == "CANCELLED"
    assert ended.return_code == "-15"
    assert log(world, job) == long().stdout[:300]
    assert node_files(world, cluster) == {}


def test_a_driver_that_does_not_obey_is_killed(build):
    world, run, cluster = build(edp__cancel_seconds=10)
    job = running(world, run, cluster, long(stubborn=True))
    cancel(world, job)
    began = world.clock.now()
    run.settle()
    assert status(world, job) == "KILLED"
    assert read(world, job).return_code == "-9"
    assert 10 <= (world.clock.now() - began).total_seconds() < 12


def test_a_driver_that_ended_before_its_cancel_has_succeeded(build):
    world, run, cluster = build()
    job = running(world, run, cluster, node.Script(seconds=60))
    world.clock.advance(61)
    cancel(world, job)
    run.settle()
    assert status(world, job) == "SUCCEEDED"


def test_a_cancel_of_a_finished_job_changes_nothing(build):
    world, run, cluster = build()
    job = launch(world, cluster)
    run.settle()
    before = read(world, job)
    cancel(world, job)
    run.settle()
    after = read(world, job)
    assert (after.outcome, after.end_time) == (before.outcome, before.end_time)
    assert after.next_run_at is None


def test_a_cancel_on_a_node_out_of_reach_comes_to_an_end(build):
    world, run, cluster = build(conductor__max_attempts=4)
    job = running(world, run, cluster, long())
    world.reach.unreachable.add(NODE)
    cancel(world, job)
    run.settle(seconds=600)
    ended = read(world, job)
    assert states.job_status(ended) == "KILLED"
    assert ended.reason.sentence == f"{NODE} does not answer."


def is_gone(world, job):
    try:
        read(world, job)
    except exceptions.NotFound:
        return True
    return False


@pytest.mark.parametrize("finished", [True, False])
def test_a_deleted_job_leaves_nothing(build, finished):
    world, run, cluster = build()
    secret = world.secrets.put(records.PROJECT, {"x": "y"})
    job = running(world, run, cluster, long(), secret_ref=secret)
    if finished:
        world.clock.advance(2000)
        run.settle()
        assert log(world, job)
    ask(world, job, states.JobTarget.DELETED)
    run.settle()
    assert is_gone(world, job)
    assert log(world, job) == b""
    assert secret not in world.secrets.values
    assert node_files(world, cluster) == {}
    assert world.infrastructure.node(cluster.id, NODE).drivers == {}


def test_a_deletion_that_fails_waits_for_a_new_one(build):
    world, run, cluster = build(conductor__max_attempts=3)
    job = running(world, run, cluster, long())
    world.reach.unreachable.add(NODE)
    ask(world, job, states.JobTarget.DELETED)
    run.settle()
    failed = read(world, job)
    assert failed.reason.sentence == f"{NODE} does not answer."
    assert failed.next_run_at is None
    world.reach.unreachable.clear()
    world.clock.advance(3600)
    assert run.reconcilers[1].pass_once() is False
    ask(world, job, states.JobTarget.DELETED)
    run.settle()
    assert is_gone(world, job)


def test_a_deleted_cluster_ends_its_jobs_and_leaves_their_output(build):
    world, run, cluster = build()
    job = running(world, run, cluster, long())
    waiting = launch_second(world, cluster)
    world.clock.advance(700)
    delete_cluster(world, cluster)
    run.settle(seconds=20)
    ended = read(world, job)
    assert states.job_status(ended) == "KILLED"
    assert ended.reason.code == "CLUSTER_DELETED"
    assert ended.cluster_id is None
    assert log(world, job) == long().stdout[:700]
    assert status(world, waiting) == "KILLED"
    assert world.infrastructure.nodes == {}


def launch_second(world, cluster):
    template = records.job_template(world.env, name="second")
    return records.job(world.env, cluster, template)


def test_a_cluster_is_not_kept_by_a_job_that_cannot_end(build):
    world, run, cluster = build()
    job = running(world, run, cluster, long())
    world.reach.unreachable.add(NODE)
    delete_cluster(world, cluster)
    run.settle(seconds=300)
    assert world.infrastructure.nodes == {}
    ended = read(world, job)
    assert states.job_status(ended) == "KILLED"
    assert ended.cluster_id is None


def test_a_job_of_a_cluster_that_is_gone_is_killed(build):
    world, run, cluster = build()
    job = running(world, run, cluster, long())
    clusters.delete(world.env.db, cluster.id)
    run.settle()
    ended = read(world, job)
    assert states.job_status(ended) == "KILLED"
    assert ended.reason.code == "CLUSTER_DELETED"


def test_a_job_on_a_cluster_that_goes_is_not_started(build):
    world, run, cluster = build()
    delete_cluster(world, cluster)
    job = launch(world, cluster)
    run.settle()
    assert status(world, job) == "KILLED"
    assert world.infrastructure.starts[job.id] == 0


def test_jobs_run_on_while_the_cluster_is_resized(build):
    world, run, cluster = build()
    job = running(world, run, cluster, node.Script(seconds=30))
    world.infrastructure.boot_seconds = 60
    records.resize(world.env, cluster, 0, 1, 2)
    run.until(lambda: read(world, job).outcome)
    assert states.cluster_status(clusters.get(world.env.db, cluster.id)) != "Active"
    assert status(world, job) == "SUCCEEDED"
