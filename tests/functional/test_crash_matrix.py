# SPDX-License-Identifier: Apache-2.0
"""Sudden death at every point of every operation, and another request at each.

A point lies before and after each effect on the (fake) world and each commit. At
one of them the conductor dies; a new one finds the lease run out and goes on.
Whatever the point, the end must be exactly what was asked, with nothing left over.
"""

import contextlib
import copy
import dataclasses
import sqlite3
import uuid
from collections.abc import Callable
from typing import Self

import pytest

from sparkaas import exceptions
from sparkaas import model
from sparkaas import states
from sparkaas.db import clusters
from sparkaas.db import events
from sparkaas.db import jobs
from sparkaas.testing import crash
from sparkaas.testing import driving
from sparkaas.testing import ground
from sparkaas.testing import infrastructure as fakes
from sparkaas.testing import node
from sparkaas.testing import records
from sparkaas.testing import service

SCRIPT = node.Script(seconds=3, stdout=b"".join(b"%d\n" % n for n in range(500)))
#: What the fakes remember.
STATE = {
    *("nodes", "created", "changed", "deleted", "starts", "_addresses"),
    *("values", "objects", "decommissioned", "script", "scripts"),
}
LONG = dataclasses.replace(SCRIPT, seconds=1000)


class Fuse:
    """A point that is inert until it is given something to do."""

    def __init__(self) -> None:
        self.point: crash.Point = crash.no_crash

    def __call__(self, name: str) -> None:
        self.point(name)


class Run:
    """One world with one conductor, which may die."""

    def __init__(self, infrastructure=None) -> None:
        self.fuse = Fuse()
        self.make = infrastructure or fakes.FakeInfrastructure
        self.clock = ground.FakeClock()
        self.world = service.World(
            point=self.fuse,
            clock=self.clock,
            infrastructure=self.make(self.clock, boot_seconds=2, point=self.fuse),
        )
        self.conductor = driving.Conductor(self.env, self.clock, str(id(self)))

    @property
    def env(self):
        return self.world.env

    def fork(self) -> Self:
        """Another run in the very same state."""
        other = type(self)(self.make)
        other.clock.advance_to(self.clock.now())
        for name in ("infrastructure", "secrets", "store", "plugin", "engine"):
            state = vars(getattr(self.world, name))
            for field in STATE & state.keys():
                copied = copy.deepcopy(state[field])
                setattr(getattr(other.world, name), field, copied)
        file = "sparkaas.sqlite"
        with (
            contextlib.closing(sqlite3.connect(self.world.directory / file)) as here,
            contextlib.closing(sqlite3.connect(other.world.directory / file)) as there,
        ):
            here.backup(there)
        return other

    def cluster(self, id) -> model.Cluster | None:
        return _or_none(clusters.get, self.env.db, id)

    def job(self, id) -> model.Job | None:
        return _or_none(jobs.get, self.env.db, id)


def _or_none(get, db, id):
    try:
        return get(db, id)
    except exceptions.NotFound:
        return None


def check_active(run: Run, cluster_id: str) -> None:
    """The cluster is what its record asks for, and there is nothing else."""
    cluster = run.cluster(cluster_id)
    assert states.cluster_status(cluster) == "Active"
    assert cluster.reason is None
    wanted = run.world.plugin.describe(cluster)
    nodes = list(run.world.infrastructure.nodes.values())
    assert sorted(each.name for each in nodes) == sorted(wanted)
    assert {each.name: each.digest for each in nodes} == {
        name: manifest.digest() for name, manifest in wanted.items()
    }
    assert {(i.name, i.instance_id) for i in cluster.instances} == {
        (each.name, each.instance_id) for each in nodes
    }
    assert len(run.world.secrets.values) == 1
    shown = events.steps(run.env.db, cluster_id, False)
    assert all(step.successful is not None for step in shown), shown
    assert cluster.verification.status == "GREEN"


def check_gone(run: Run, cluster_id: str) -> None:
    assert run.cluster(cluster_id) is None
    assert run.world.infrastructure.nodes == {}
    assert run.world.secrets.values == {}


def check_job(run: Run, job_id: str, outcome: str, output: bytes | None) -> None:
    """The job ended so, its driver ran at most once and runs no more, its output
    (all that its driver wrote, if ``output`` is None) is kept, its files are gone."""
    job = run.job(job_id)
    assert states.job_status(job) == outcome
    assert run.world.infrastructure.starts[job_id] <= 1
    stored = run.world.store.read(f"jobs/{job_id}/stdout", 0, 1_000_000)
    assert stored == (run.written if output is None else output)
    assert job.end_time is not None
    check_no_traces(run)


def check_no_traces(run: Run) -> None:
    for each in run.world.infrastructure.nodes.values():
        assert each.files == {}
        assert each.drivers == {}


@dataclasses.dataclass
class Operation:
    """``prepare`` brings about what is there before, ``ask`` writes the request, both
    without crashes; ``check`` looks at the end."""

    name: str
    prepare: Callable[[Run], str]
    ask: Callable[[Run, str], str]
    check: Callable[[Run, str], None]


def nothing(run: Run) -> str:
    return ""


def a_cluster(run: Run, workers: int = 2) -> str:
    cluster = records.cluster(run.env, workers=workers)
    run.conductor.settle()
    check_active(run, cluster.id)
    return cluster.id


def a_running_job(run: Run) -> str:
    run.world.engine.script = LONG
    cluster = run.cluster(a_cluster(run))
    job = records.job(run.env, cluster, records.job_template(run.env))
    run.conductor.until(lambda: run.job(job.id).step == "watch")
    run.clock.advance(400)
    return job.id


def create(run: Run, _: str) -> str:
    return records.cluster(run.env).id


def resize_to(*indices: int) -> Callable[[Run, str], str]:
    def ask(run: Run, id: str) -> str:
        return records.resize(run.env, run.cluster(id), *indices).id

    return ask


def delete(run: Run, id: str) -> str:
    target = states.Target.DELETED
    return clusters.set_intent(run.env.db, id, run.world.clock.now(), target=target).id


def launch(run: Run, id: str) -> str:
    run.world.engine.script = SCRIPT
    template = records.job_template(run.env)
    secret = run.env.secrets.put(records.PROJECT, {"fs.s3a.secret.key": "x"})
    return records.job(run.env, run.cluster(id), template, secret_ref=secret).id


def end(target: states.JobTarget) -> Callable[[Run, str], str]:
    def ask(run: Run, id: str) -> str:
        jobs.set_intent(run.env.db, id, run.world.clock.now(), target=target)
        return id

    return ask


def delete_cluster_of(run: Run, job_id: str) -> str:
    delete(run, run.job(job_id).cluster_id)
    return job_id


def check_succeeded(run: Run, id: str) -> None:
    check_job(run, id, "SUCCEEDED", SCRIPT.stdout)
    assert run.world.infrastructure.starts[id] == 1
    assert len(run.world.secrets.values) == 1  # the cluster's


def check_killed(run: Run, id: str) -> None:
    stored = run.world.store.read(f"jobs/{id}/stdout", 0, 1_000_000)
    assert stored
    check_job(run, id, "KILLED", stored)


def check_forgotten(run: Run, id: str) -> None:
    assert run.job(id) is None
    assert run.world.infrastructure.starts[id] == 1
    assert not [key for key in run.world.store.objects if key.startswith("jobs/")]
    check_no_traces(run)


def check_killed_with_cluster(run: Run, id: str) -> None:
    check_gone(run, "")
    check_killed(run, id)
    assert run.job(id).cluster_id is None
    assert clusters.page(run.env.db, None, model.Query()).items == ()


OPERATIONS = [
    Operation("create", nothing, create, check_active),
    Operation("resize up", a_cluster, resize_to(0, 1, 2, 3), check_active),
    Operation("resize down", a_cluster, resize_to(1), check_active),
    Operation("delete", a_cluster, delete, check_gone),
    Operation("job run", a_cluster, launch, check_succeeded),
    Operation("job cancel", a_running_job, end(states.JobTarget.KILLED), check_killed),
    Operation(
        "job delete", a_running_job, end(states.JobTarget.DELETED), check_forgotten
    ),
    Operation(
        "delete under a job",
        a_running_job,
        delete_cluster_of,
        check_killed_with_cluster,
    ),
]


def crash_everywhere(operation: Operation, make: Callable[[], Run] = Run) -> int:
    """Carry the operation out once, and keep at each point what a ``kill -9`` would
    leave there. Then go on from each. Return how many points there were."""
    left: list[tuple[str, Run]] = []
    with contextlib.ExitStack() as stack:

        def point(name: str) -> None:
            left.append((name, run.fork()))
            stack.callback(left[-1][1].world.close)

        run = make()
        stack.callback(run.world.close)
        id = operation.ask(run, operation.prepare(run))
        run.fuse.point = point
        run.conductor.settle()
        run.fuse.point = crash.no_crash
        operation.check(run, id)
        for number, (name, other) in enumerate(left, 1):
            try:
                other.conductor.settle()
                operation.check(other, id)
            except Exception as error:
                error.add_note(f"{operation.name}, killed at point {number}: {name}")
                raise
    return len(left)


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda each: each.name)
def test_a_crash_at_any_point_changes_nothing(operation):
    points = crash_everywhere(operation)
    print(operation.name, points)
    assert points > 20


def ask_everywhere(
    operation: Operation,
    then: Callable[[Run, str], str],
    check: Callable[[Run, str], None],
) -> int:
    """Carry the operation out again and again, and ask for something else right after
    its 1st, 2nd ... effect, in the midst of that pass. Return how many there were."""
    with contextlib.ExitStack() as stack:
        original = Run()
        stack.callback(original.world.close)
        id = operation.ask(original, operation.prepare(original))
        n = 0
        asked = True
        while asked:
            n += 1
            asked = _ask_at(n, original, id, then, check, operation.name)
    return n - 1


def _ask_at(n, original, id, then, check, name) -> bool:
    run = original.fork()
    count = 0

    def point(what: str) -> None:
        nonlocal count
        count += what.startswith("after")
        if count == n:
            run.fuse.point = crash.no_crash
            then(run, id)

    run.fuse.point = point
    try:
        run.conductor.settle()
        if count == n:
            check(run, id)
    except Exception as error:
        error.add_note(f"{name}, asked after effect {n}")
        raise
    finally:
        run.world.close()
    return count == n


def check_ended(run: Run, id: str) -> None:
    """Cancelled in time, or finished before."""
    outcome = states.job_status(run.job(id))
    assert outcome in ("KILLED", "SUCCEEDED")
    stored = run.world.store.read(f"jobs/{id}/stdout", 0, 1_000_000)
    assert stored == SCRIPT.stdout[: len(stored)]
    check_job(run, id, outcome, SCRIPT.stdout if outcome == "SUCCEEDED" else stored)
    assert len(run.world.secrets.values) == 1


def check_ended_with_cluster(run: Run, id: str) -> None:
    check_gone(run, "")
    assert states.job_status(run.job(id)) in ("KILLED", "SUCCEEDED")
    assert run.world.infrastructure.starts[id] <= 1
    assert run.job(id).cluster_id is None


def check_forgotten_if_started(run: Run, id: str) -> None:
    assert run.job(id) is None
    assert run.world.infrastructure.starts[id] <= 1
    assert not [key for key in run.world.store.objects if key.startswith("jobs/")]
    check_no_traces(run)


BY_NAME = {each.name: each for each in OPERATIONS}


@pytest.mark.parametrize(
    ("name", "then", "check"),
    [
        ("create", delete, check_gone),
        ("create", resize_to(0, 2, 3), check_active),
        ("resize up", delete, check_gone),
        ("resize up", resize_to(1), check_active),
        ("resize down", resize_to(0, 1, 2), check_active),
        ("job run", end(states.JobTarget.KILLED), check_ended),
        ("job run", end(states.JobTarget.DELETED), check_forgotten_if_started),
        ("job run", delete_cluster_of, check_ended_with_cluster),
    ],
    ids=[
        *("create, delete", "create, resize"),
        *("resize up, delete", "resize up, resize down", "resize down, resize up"),
        *("job run, cancel", "job run, delete", "job run, delete cluster"),
    ],
)
def test_another_request_at_any_point_is_what_comes_true(name, then, check):
    assert ask_everywhere(BY_NAME[name], then, check) > 10


class Forgetful(fakes.FakeInfrastructure):
    """A driver that makes the mistake which names derived from ids prevent: it knows
    nodes by what the record says, and calls each something new."""

    _made = frozenset()

    def ensure(self, cluster, manifests, secrets):
        self._made = frozenset()
        return super().ensure(cluster, manifests, secrets)

    def of(self, cluster):
        known = {instance.instance_id for instance in cluster.instances} | self._made
        return {self.nodes[id].name: self.nodes[id] for id in known & set(self.nodes)}

    def new_instance_id(self, cluster, name):
        id = str(uuid.uuid4())
        self._made |= {id}
        return id


def test_random_names_would_leave_orphans_and_be_noticed():
    with pytest.raises(AssertionError, match="worker"):
        crash_everywhere(BY_NAME["create"], lambda: Run(Forgetful))
