# SPDX-License-Identifier: Apache-2.0
"""Plans are pure functions of records: every case, without a database."""

import dataclasses
import datetime
import itertools

import pytest

from sparkaas import model
from sparkaas import states
from sparkaas.service import cluster_plans
from sparkaas.service import health
from sparkaas.service import job_endings
from sparkaas.service import job_plans
from sparkaas.service import job_site
from sparkaas.testing import service

NOW = datetime.datetime(2030, 1, 1, tzinfo=datetime.UTC)
CLUSTER = model.Cluster(
    id="c", project_id="p", name="c", plugin_name="fake", plugin_version="0.1"
)
JOB = model.Job(id="j", project_id="p", name="j", job_template_id="t", cluster_id="c")
ACTIVE = states.Condition.ACTIVE
ERROR = states.Condition.ERROR
DELETED = states.Target.DELETED


@pytest.mark.parametrize(
    ("fields", "plan"),
    [
        ({}, "converge"),
        ({"observed_generation": 1, "condition": ACTIVE}, "watch"),
        ({"observed_generation": 1, "condition": ERROR}, "rest"),
        ({"generation": 2, "observed_generation": 1, "condition": ACTIVE}, "converge"),
        ({"generation": 2, "observed_generation": 1, "condition": ERROR}, "converge"),
        ({"target": DELETED}, "teardown"),
        ({"target": DELETED, "observed_generation": 1, "condition": ERROR}, "rest"),
        ({"target": DELETED, "observed_generation": 1, "condition": ACTIVE}, "rest"),
        (
            {
                "observed_generation": 1,
                "condition": ACTIVE,
                "checkpoint": {health.SPENT: True},
            },
            "teardown",
        ),
        (
            {
                "observed_generation": 1,
                "condition": ERROR,
                "checkpoint": {health.SPENT: True},
            },
            "rest",
        ),
    ],
)
def test_the_plan_of_a_cluster(fields, plan):
    cluster = dataclasses.replace(CLUSTER, **fields)
    assert cluster_plans.plan_for(cluster).name == plan


ABORT = {"outcome": "FAILED", "code": "X", "sentence": "x", "hint": ""}


@pytest.mark.parametrize(
    ("fields", "plan"),
    [
        ({}, "run"),
        ({"outcome": states.JobStatus.SUCCEEDED}, "rest"),
        ({"target": states.JobTarget.KILLED}, "kill"),
        (
            {
                "target": states.JobTarget.KILLED,
                "outcome": states.JobStatus.SUCCEEDED,
            },
            "rest",
        ),
        ({"target": states.JobTarget.DELETED}, "delete"),
        (
            {
                "target": states.JobTarget.DELETED,
                "outcome": states.JobStatus.SUCCEEDED,
            },
            "delete",
        ),
        ({"target": states.JobTarget.DELETED, "observed_generation": 1}, "rest"),
        ({"checkpoint": {job_site.ABORT: ABORT}}, "discard"),
        (
            {"checkpoint": {job_site.ABORT: ABORT, job_site.SUBMITTING: True}},
            "abort",
        ),
        (
            {
                "checkpoint": {job_site.ABORT: ABORT},
                "target": states.JobTarget.KILLED,
            },
            "kill",
        ),
    ],
)
def test_the_plan_of_a_job(fields, plan):
    assert job_plans.plan_for(dataclasses.replace(JOB, **fields)).name == plan


def all_plans():
    return [
        *(cluster_plans.CONVERGE, cluster_plans.TEARDOWN, cluster_plans.WATCH),
        *(job_plans.RUN, job_plans.KILL, job_plans.ABORT, job_plans.DISCARD),
        job_plans.DELETE,
    ]


@pytest.mark.parametrize("plan", all_plans(), ids=lambda plan: plan.name)
def test_steps_have_names_of_their_own_and_deadlines_that_exist(plan):
    names = [step.name for step in plan.steps]
    assert len(names) == len(set(names))
    conf = service.configuration()
    for step in plan.steps:
        assert step.deadline is None or step.deadline(conf) > 0
        assert bool(step.title) == all(step.types)
    assert plan.find("no such step") is None
    assert plan.after(plan.steps[-1]) is None


def test_what_users_wait_for_has_a_deadline():
    """Only these have no end: a health check, a job's own running, and a wait that
    bounds itself."""
    endless = {
        step.name
        for plan in all_plans()
        for step in plan.steps
        if step.deadline is None
    }
    assert endless == {"check_health", "watch", "drop_jobs"}


def test_every_converging_step_has_a_word():
    for step in cluster_plans.CONVERGE.steps:
        assert step.name in states.STEP_WORDS
    for step in cluster_plans.TEARDOWN.steps:
        assert step.name.startswith(states.TEARDOWN_PREFIX)


def _every_cluster():
    for target, condition, generation, active, spent in itertools.product(
        states.Target, states.Condition, (1, 2), (None, NOW), ({}, {"spent": True})
    ):
        if spent and generation == 2:
            continue  # a new request forgets that
        yield dataclasses.replace(
            CLUSTER,
            target=target,
            condition=condition,
            observed_generation=1,
            generation=generation,
            active_at=active,
            checkpoint=spent,
        )


def test_giving_a_cluster_up_leads_to_rest_or_to_an_idle_plan():
    """Else the loop would go round with no pause."""
    for cluster in _every_cluster():
        plan = cluster_plans.plan_for(cluster)
        for step in plan.steps:
            reason = model.Reason(code="X", sentence="x")
            changes = cluster_plans.given_up(cluster, plan, step, reason, NOW)
            after = dataclasses.replace(cluster, **changes)
            next_plan = cluster_plans.plan_for(after)
            assert not next_plan.steps or next_plan.idle


def test_giving_a_job_up_leads_to_its_end():
    for target, launched, abort in itertools.product(
        states.JobTarget, ({}, {job_site.SUBMITTING: True}), ({}, {"abort": ABORT})
    ):
        job = dataclasses.replace(JOB, target=target, checkpoint={**launched, **abort})
        for step in job_plans.plan_for(job).steps:
            assert _given_up_ends(job, step)


def _given_up_ends(job, step):
    """Whether giving up, and giving up again, comes to rest."""
    reason = model.Reason(code="X", sentence="x")
    for _ in range(3):
        plan = job_plans.plan_for(job)
        changes = job_plans.given_up(job, plan, step, reason, NOW)
        job = dataclasses.replace(job, **changes)
        plan = job_plans.plan_for(job)
        if not plan.steps:
            return True
        step = plan.steps[0]
    return False


def exit(code, asked=False, **more):
    return {
        job_site.SUBMITTING: True,
        job_site.EXIT: {"code": code, "asked": asked, "reason": None},
        **more,
    }


GONE = {"outcome": "KILLED", "code": "GONE", "sentence": "gone", "hint": ""}


@pytest.mark.parametrize(
    ("target", "checkpoint", "outcome", "code"),
    [
        ("FINISHED", exit(0), "SUCCEEDED", None),
        ("FINISHED", exit(1), "DONEWITHERROR", "DRIVER_FAILED"),
        ("FINISHED", exit(-11), "DONEWITHERROR", "DRIVER_KILLED"),
        ("FINISHED", exit(None), "DONEWITHERROR", "DRIVER_LOST"),
        ("FINISHED", {"abort": ABORT}, "FAILED", "X"),
        ("FINISHED", exit(-15, True, abort=GONE), "KILLED", "GONE"),
        ("FINISHED", exit(0, abort=GONE), "SUCCEEDED", None),
        ("KILLED", {}, "KILLED", "CANCELLED"),
        ("KILLED", exit(-15, True), "KILLED", "CANCELLED"),
        ("KILLED", exit(-15), "KILLED", "CANCELLED"),
        ("KILLED", exit(143), "KILLED", "CANCELLED"),
        ("KILLED", exit(0, True), "KILLED", "CANCELLED"),
        ("KILLED", exit(0), "SUCCEEDED", None),
        ("KILLED", exit(7), "DONEWITHERROR", "DRIVER_FAILED"),
        ("KILLED", exit(None), "KILLED", "CANCELLED"),
    ],
)
def test_what_became_of_a_job(target, checkpoint, outcome, code):
    job = dataclasses.replace(
        JOB, target=states.JobTarget(target), checkpoint=checkpoint
    )
    facts = job_endings.verdict(job, NOW)
    assert facts["outcome"] == outcome
    assert (facts["reason"] and facts["reason"].code) == code
    number = checkpoint.get(job_site.EXIT, {}).get("code")
    assert facts["return_code"] == (None if number is None else str(number))


def test_a_success_without_all_of_its_output_says_so():
    job = dataclasses.replace(JOB, checkpoint=exit(0))
    facts = job_endings.verdict(job, NOW, complete=False)
    assert facts["outcome"] == "SUCCEEDED"
    assert facts["reason"].code == "OUTPUT_INCOMPLETE"


def _group(name, *indices):
    return model.NodeGroup(
        id=name,
        name=name,
        count=len(indices),
        indices=indices,
        flavor_id="1",
        node_processes=("datanode",),
    )


def _instance(name, group):
    return model.Instance(id=name, name=name, node_group_id=group, instance_id=name)


def test_as_built_a_settled_cluster_is_itself():
    cluster = dataclasses.replace(
        CLUSTER,
        node_groups=(_group("a", 0, 2), _group("b")),
        instances=(_instance("c-a-0", "a"), _instance("c-a-2", "a")),
    )
    assert health.as_built(cluster) == cluster


def test_as_built_a_cluster_has_what_it_has():
    cluster = dataclasses.replace(
        CLUSTER,
        node_groups=(_group("a", 0, 1, 2), _group("b", 0)),
        instances=(_instance("c-a-0", "a"), _instance("c-b-0", "b")),
    )
    cluster = dataclasses.replace(cluster, instances=cluster.instances[::-1])
    built = health.as_built(cluster)
    assert set(model.wanted_instances(built)) == {"c-a-0", "c-b-0"}


@pytest.mark.parametrize(
    ("verify_asked", "checkpoint", "seconds"),
    [
        (0, {}, 30),
        (1, {}, 0),
        (0, {health.LOOK_AGAIN: 2}, 2),
        (0, {health.LOOK_AGAIN: 90}, 30),
    ],
)
def test_when_a_cluster_is_looked_at_again(verify_asked, checkpoint, seconds):
    cluster = dataclasses.replace(
        CLUSTER, verify_asked=verify_asked, checkpoint=checkpoint
    )
    assert cluster_plans.delay(cluster, service.configuration()) == seconds
