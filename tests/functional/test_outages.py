# SPDX-License-Identifier: Apache-2.0
"""The broker, the database or Keystone is away for a while: nothing is lost."""

import contextlib
import gc
import json
import threading
import time

import pytest
import sqlalchemy as sa
import werkzeug.test

from sparkaas import exceptions
from sparkaas import model
from sparkaas import rpc
from sparkaas import states
from sparkaas.api import app
from sparkaas.cmd import wiring
from sparkaas.conductor import worker
from sparkaas.db import clusters
from sparkaas.db import migration
from sparkaas.db import session
from sparkaas.testing import catalog
from sparkaas.testing import plugin
from sparkaas.testing import service
from tests.functional import fixtures

pytestmark = [
    pytest.mark.slow,
    # amqp forgets a socket when it connects again in vain.
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]

_SECONDS = 90
_HEADERS = {
    "X-Auth-Token": "t",
    "X-Project-Id": "a" * 32,
    "X-User-Id": "somebody",
    "X-Roles": "member,reader",
    "OpenStack-API-Version": "data-processing 2.1",
}


def until(condition):
    """Wait for it."""
    deadline = time.monotonic() + _SECONDS
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


class Site:
    """The service in production's shape, in one process: an API and two conductors on
    a database server and a broker, with a world of fakes."""

    def __init__(self, world, url):
        self.world = world
        self.transports = [rpc.connect(world.env.conf, url) for _ in range(3)]
        self.bell = rpc.MessageBell(self.transports[0])
        world.change(bell=self.bell)
        wsgi = app.create_app(world.env, fixtures.believing)
        self._client = werkzeug.test.Client(wsgi)
        self.conductors = [
            worker.Conductor(world.env, transport) for transport in self.transports[1:]
        ]
        for conductor in self.conductors:
            conductor.start()

    def ask(self, method, path, body=None):
        """Status and body."""
        answer = self._client.open(
            path,
            method=method,
            data=body and json.dumps(body),
            content_type="application/json" if body else None,
            headers={**_HEADERS, **({"Idempotency-Key": body["name"]} if body else {})},
        )
        return answer.status_code, answer.get_json(silent=True)

    def create(self, name):
        body = {
            "name": name,
            "plugin_name": "fake",
            "plugin_version": plugin.VERSION,
            "default_image_id": catalog.FAKE_IMAGE,
            "neutron_management_network": catalog.NETWORK,
            "node_groups": [
                {
                    "name": "all",
                    "flavor_id": "2",
                    "count": 1,
                    "node_processes": [
                        "namenode",
                        "jobtracker",
                        "datanode",
                        "tasktracker",
                    ],
                }
            ],
        }
        return self.ask("POST", "/v2/clusters", body)

    def all_are(self, condition, number):
        found = clusters.page(self.world.env.db, None, model.Query()).items
        return len(found) == number and all(c.condition is condition for c in found)

    def close(self):
        for conductor in self.conductors:
            conductor.stop()
        self.bell.close()
        for transport in self.transports:
            transport.cleanup()


@pytest.fixture
def site(rabbitmq, mariadb):
    database = session.Database(mariadb.create())
    migration.upgrade(database)
    options = {
        "conductor__poll_interval": 0.5,
        "conductor__lease_seconds": 10,
        "conductor__workers": 4,
        "conductor__retry_max": 2,
    }
    with service.World(clock=wiring.SystemClock(), **options) as world:
        world.env.db.dispose()
        world.change(db=database)
        made = Site(world, rabbitmq.url)
        yield made
        made.close()
    gc.collect()


def test_the_broker_is_away(site, rabbitmq):
    status, _ = site.create("before")
    assert status == 202
    rabbitmq.process.stop()
    try:
        began = time.monotonic()
        answers = [site.create(f"during-{number}")[0] for number in range(5)]
        # Not a measurement: a request that waited for the broker takes for ever.
        assert time.monotonic() - began < 20
        assert answers == [202] * 5
        until(lambda: site.all_are(states.Condition.ACTIVE, 6))
        # A conductor can be stopped meanwhile.
        stopped = threading.Thread(target=site.conductors[0].stop)
        stopped.start()
        stopped.join(_SECONDS)
        assert not stopped.is_alive()
        del site.conductors[0]
    finally:
        rabbitmq.process.start()

    # The bell is heard again: nobody looks by themselves for a long time.
    site.world.env.conf.set_override("poll_interval", 3600, "conductor")
    time.sleep(1)
    names = iter(range(1000))

    def rung():
        site.create(f"after-{next(names)}")
        found = clusters.page(site.world.env.db, None, model.Query()).items
        return any(c.name.startswith("after-") and c.active_at for c in found)

    until(rung)


def test_the_database_is_restarted_in_the_middle_of_work(site, mariadb):
    answers = {}

    def ask(number):
        """As a client would: again, under the same key, until it is done."""
        statuses = answers.setdefault(number, [])
        while not statuses or statuses[-1] != 202:
            statuses.append(site.create(f"c-{number}")[0])
            time.sleep(0.05)

    askers = []
    for number in range(12):
        askers.append(threading.Thread(target=ask, args=(number,)))
        askers[-1].start()
        if number == 4:
            mariadb.process.stop()
            time.sleep(1)
            status, body = site.ask("GET", "/v2/clusters")
            assert status == 503
            assert body["error_name"] == "DATABASE_AWAY"
            assert site.ask("GET", "/healthcheck")[0] == 503
        if number == 8:
            mariadb.process.start()
    for asker in askers:
        asker.join(_SECONDS)
    assert {status for some in answers.values() for status in some} <= {202, 503}
    assert any(503 in some for some in answers.values())

    until(lambda: site.all_are(states.Condition.ACTIVE, 12))
    created = site.world.infrastructure.created
    assert len(created) == 12
    assert set(created.values()) == {1}
    assert site.ask("GET", "/healthcheck")[0] == 200


def test_a_server_that_goes_under_a_step(site, mariadb):
    """What the step did is recorded once the database is back. (It is asked to stop:
    when it is killed, the fixture's server forgets its last second.)"""
    entered, leave = threading.Event(), threading.Event()
    works = site.world.infrastructure.ensure
    seen = []

    def ensure(cluster, manifests, secrets):
        outcome = works(cluster, manifests, secrets)
        seen.append(cluster.name)
        entered.set()
        assert leave.wait(_SECONDS)
        return outcome

    site.world.infrastructure.ensure = ensure
    assert site.create("c")[0] == 202
    assert entered.wait(_SECONDS)
    mariadb.process.stop()
    try:
        leave.set()
        time.sleep(1)
    finally:
        mariadb.process.start()
    until(lambda: site.all_are(states.Condition.ACTIVE, 1))
    assert seen == ["c"]


def test_it_says_so_in_one_way(mariadb):
    database = session.Database(mariadb.create(), max_retries=0)
    migration.upgrade(database)
    mariadb.process.stop()
    try:
        for transaction in (database.reader, database.writer):
            with (
                pytest.raises(exceptions.DatabaseAway),
                transaction() as transaction_,
            ):
                transaction_.execute(sa.text("SELECT 1"))
    finally:
        mariadb.process.start()
    with contextlib.closing(database.engine.connect()) as connection:
        assert connection.scalar(sa.text("SELECT 1")) == 1
    with database.reader() as transaction_:
        assert transaction_.scalar(sa.text("SELECT 1")) == 1
    database.dispose()
