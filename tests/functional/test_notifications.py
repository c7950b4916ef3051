# SPDX-License-Identifier: Apache-2.0
"""What other services are told: once for each transition, whatever comes between."""

import itertools
import queue
import time

import pytest
from oslo_config import cfg

from sparkaas import exceptions
from sparkaas import rpc
from sparkaas import states
from sparkaas.cmd import wiring
from sparkaas.conductor import worker
from sparkaas.db import clusters
from sparkaas.db import notifications
from sparkaas.service import outbox
from sparkaas.testing import driving
from sparkaas.testing import records
from sparkaas.testing import service

# After rpc, which chooses what it runs on.
import oslo_messaging  # isort: skip

_SECONDS = 60


class Told:
    """A notifier that remembers; ``broken`` is raised once, instead."""

    def __init__(self):
        self.notices = []
        self.broken = None

    def send(self, notice):
        if self.broken is not None:
            broken, self.broken = self.broken, None
            raise broken
        self.notices.append(notice)

    def types(self, prefix="sparkaas."):
        names = [notice.event_type for notice in self.notices]
        return [name for name in names if name.startswith(prefix)]


@pytest.fixture
def told():
    return Told()


@pytest.fixture
def world():
    with service.World() as made:
        made.change(announces=True)
        yield made


@pytest.fixture
def box(world, told):
    return outbox.Outbox(world.env, told, "conductor")


@pytest.fixture
def conductor(world):
    return driving.Conductor(world.env, world.clock)


def delete(world, cluster):
    clusters.set_intent(
        world.env.db, cluster.id, world.clock.now(), target=states.Target.DELETED
    )


def test_the_life_of_a_cluster(world, conductor, box, told):
    cluster = records.cluster(world.env, workers=1)
    conductor.settle()
    records.resize(world.env, cluster, 0, 1)
    conductor.settle()
    world.clock.advance(3600)
    conductor.passes()
    delete(world, cluster)
    conductor.settle()
    box.send()

    assert told.types() == [
        "sparkaas.cluster.create.start",
        "sparkaas.cluster.create.end",
        "sparkaas.cluster.update.start",
        "sparkaas.cluster.update.end",
        "sparkaas.cluster.delete.start",
        "sparkaas.cluster.delete.end",
    ]
    sahara = told.types("sahara.")
    assert sahara[0] == "sahara.cluster.create"
    assert sahara[-1] == "sahara.cluster.delete"
    assert sahara.count("sahara.cluster.create") == 1
    assert sahara.count("sahara.cluster.delete") == 1
    statuses = [
        notice.payload["cluster_status"]
        for notice in told.notices
        if notice.event_type.startswith("sahara.") and "health" not in notice.event_type
    ]
    assert [one for one, next in itertools.pairwise(statuses) if one == next] == []
    assert statuses.count("Active") == 2
    assert statuses[-1] == "Deleting"
    assert notifications.waiting(world.env.db) == 0


def test_what_a_meter_needs(world, conductor, box, told):
    cluster = records.cluster(world.env, workers=3)
    conductor.settle()
    box.send()

    (ended,) = [n for n in told.notices if n.event_type.endswith("create.end")]
    expected = {
        "project_id": cluster.project_id,
        "user_id": cluster.user_id,
        "cluster_id": cluster.id,
        "cluster_name": cluster.name,
        "name": cluster.name,
        "cluster_status": "Active",
        "plugin_name": "fake",
        "plugin_version": cluster.plugin_version,
        "node_count": 4,
    }
    assert ended.payload.items() >= expected.items()
    assert [(g["name"], g["count"]) for g in ended.payload["node_groups"]] == [
        ("head", 1),
        ("worker", 3),
    ]


def test_a_cluster_that_cannot_be_made(world, conductor, box, told):
    def refuse(*_):
        raise exceptions.Permanent("No.", code="NO")

    world.infrastructure.ensure = refuse
    cluster = records.cluster(world.env)
    conductor.settle()
    delete(world, cluster)
    conductor.settle()
    box.send()

    assert told.types() == [
        "sparkaas.cluster.create.start",
        "sparkaas.cluster.create.error",
        "sparkaas.cluster.delete.start",
        "sparkaas.cluster.delete.end",
    ]
    error = next(n for n in told.notices if n.event_type.endswith(".error"))
    assert error.failure
    assert error.payload["reason_code"] == "NO"


def test_a_deletion_that_fails_and_is_asked_again(world, conductor, box, told):
    cluster = records.cluster(world.env, workers=1)
    conductor.settle()
    works = world.infrastructure.delete

    def refuse(_):
        raise exceptions.Permanent("No.")

    world.infrastructure.delete = refuse
    delete(world, cluster)
    conductor.settle()
    world.infrastructure.delete = works
    delete(world, cluster)
    conductor.settle()
    box.send()

    assert told.types()[2:] == [
        "sparkaas.cluster.delete.start",
        "sparkaas.cluster.delete.error",
        "sparkaas.cluster.delete.start",
        "sparkaas.cluster.delete.end",
    ]


def test_a_transient_cluster_tells_when_it_goes(world, conductor, box, told):
    records.cluster(world.env, workers=1, is_transient=True)
    conductor.settle()
    world.clock.advance(100_000)
    conductor.settle()
    box.send()

    assert told.types() == [
        "sparkaas.cluster.create.start",
        "sparkaas.cluster.create.end",
        "sparkaas.cluster.delete.start",
        "sparkaas.cluster.delete.end",
    ]


def test_the_life_of_a_job(world, conductor, box, told):
    cluster = records.cluster(world.env, workers=1)
    conductor.settle()
    job = records.job(world.env, cluster, records.job_template(world.env))
    conductor.settle()
    box.send()

    types = told.types("sparkaas.job.")
    assert types[0] == "sparkaas.job.run.start"
    assert types[-1] == "sparkaas.job.run.end"
    assert set(types[1:-1]) == {"sparkaas.job.update"}
    last = told.notices[-1].payload
    assert last["job_id"] == job.id
    assert last["job_status"] == "SUCCEEDED"
    assert last["cluster_id"] == cluster.id


def test_saharas_can_be_left_out(told):
    with service.World(notifications__sahara_events=False) as world:
        world.change(announces=True)
        records.cluster(world.env)
        driving.Conductor(world.env, world.clock).settle()
        outbox.Outbox(world.env, told, "conductor").send()
    assert told.types("sahara.") == []
    assert told.types()


def test_nothing_is_kept_where_nobody_is_told(world):
    world.change(announces=False)
    records.cluster(world.env)
    driving.Conductor(world.env, world.clock).settle()
    assert notifications.waiting(world.env.db) == 0


def test_a_pass_that_came_too_late_tells_nothing(world, conductor):
    records.cluster(world.env)
    claim = conductor.reconcilers[0].claim()
    world.clock.advance(world.env.conf.conductor.lease_seconds + 1)
    other = driving.Conductor(world.env, world.clock, "other")
    second = other.reconcilers[0].claim()
    conductor.reconcilers[0].run(claim)
    assert notifications.waiting(world.env.db) == 0
    other.reconcilers[0].run(second)
    assert notifications.waiting(world.env.db) > 0


def test_what_was_sent_is_not_sent_again_when_the_database_forgets_late(
    world, conductor, box, told
):
    records.cluster(world.env)
    conductor.settle()
    told.broken = OSError("no")
    with pytest.raises(OSError, match="no"):
        box.send()
    count = notifications.waiting(world.env.db)

    assert box.send() == count == len(told.notices)
    assert box.send() == 0


def test_another_conductor_takes_what_a_dead_one_left(world, conductor, told):
    records.cluster(world.env)
    conductor.settle()
    count = notifications.waiting(world.env.db)
    first = outbox.Outbox(world.env, told, "conductor")
    second = outbox.Outbox(world.env, told, "second")

    assert second.adopt() == 0
    world.clock.advance(notifications.HANDOVER - 1)
    first.beat()
    world.clock.advance(2)
    assert second.adopt() == 0

    world.clock.advance(notifications.HANDOVER)
    assert second.adopt() == count
    assert second.send() == count
    assert first.send() == 0


class Listener:
    """Another service, on the real broker."""

    def __init__(self, url):
        self.heard = queue.SimpleQueue()
        conf = cfg.ConfigOpts()
        conf([], default_config_files=[], default_config_dirs=[])
        self._transport = oslo_messaging.get_notification_transport(conf, url=url)
        conf.set_override("control_exchange", "sahara")
        self._server = oslo_messaging.get_notification_listener(
            self._transport,
            [oslo_messaging.Target(topic="metering", exchange="sahara")],
            [self],
            executor="threading",
        )
        self._server.start()

    def info(self, ctxt, publisher_id, event_type, payload, metadata):
        self.heard.put((publisher_id, event_type, payload))

    def until(self, event_type):
        seen = []
        deadline = time.monotonic() + _SECONDS
        while not seen or seen[-1][1] != event_type:
            seen.append(self.heard.get(timeout=max(deadline - time.monotonic(), 0)))
        return seen

    def close(self):
        self._server.stop()
        self._server.wait()
        self._transport.cleanup()


@pytest.fixture
def running(rabbitmq):
    """A conductor that tells, and who listens."""
    listener = Listener(rabbitmq.url)
    clock = wiring.SystemClock()
    with service.World(clock=clock, conductor__poll_interval=0.05) as world:
        conf = world.env.conf
        messages = rpc.connect(conf, rabbitmq.url)
        assert rpc.notifier(conf, rabbitmq.url) is None
        conf.set_override("driver", ["messagingv2"], "oslo_messaging_notifications")
        conf.set_override("topics", ["metering"], "oslo_messaging_notifications")
        notifier = rpc.notifier(conf, rabbitmq.url)
        world.change(announces=True)
        conductor = worker.Conductor(world.env, messages, notifier)
        conductor.start()
        yield world, listener
        conductor.stop()
        notifier.close()
        messages.cleanup()
    listener.close()


@pytest.mark.slow
def test_through_a_broker_that_goes_away_and_comes_back(running, rabbitmq):
    world, listener = running
    records.cluster(world.env, "first")
    seen = listener.until("sparkaas.cluster.create.end")
    assert {publisher for publisher, _, _ in seen} == {"sparkaas"}
    assert seen[0][2]["project_id"] == records.PROJECT

    rabbitmq.process.stop()
    second = records.cluster(world.env, "second")
    deadline = time.monotonic() + _SECONDS
    while clusters.get(world.env.db, second.id).active_at is None:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert notifications.waiting(world.env.db) > 0
    rabbitmq.process.start()

    seen = listener.until("sparkaas.cluster.create.end")
    types = [name for _, name, told in seen if told["cluster_id"] == second.id]
    assert types.count("sparkaas.cluster.create.start") == 1
    assert types.count("sahara.cluster.create") == 1
    assert types.count("sparkaas.cluster.create.end") == 1
