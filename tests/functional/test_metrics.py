# SPDX-License-Identifier: Apache-2.0
"""What Prometheus is shown."""

import contextlib

import pytest
import requests
import requests_mock
import sqlalchemy as sa
import werkzeug.test
from keystoneauth1 import exceptions as keystone
from prometheus_client import parser

from sparkaas import exceptions
from sparkaas import meters
from sparkaas import states
from sparkaas.api import app
from sparkaas.cmd import metrics as cmd_metrics
from sparkaas.cmd import setup
from sparkaas.db import clusters
from sparkaas.infra.openstack import sessions
from sparkaas.testing import driving
from sparkaas.testing import records
from sparkaas.testing import service
from tests.functional import fixtures
from tests.servers import process


def read(text):
    """Values by name and labels."""
    return {
        (sample.name, *sorted(sample.labels.items())): sample.value
        for family in parser.text_string_to_metric_families(text)
        for sample in family.samples
    }


@pytest.fixture
def world():
    with service.World(metrics__enabled=True) as made:
        yield made


@pytest.fixture
def client(world):
    return werkzeug.test.Client(app.create_app(world.env, fixtures.believing))


@pytest.fixture
def scrape(client):
    def scrape():
        answer = client.get("/metrics")
        assert answer.status_code == 200
        assert answer.mimetype == "text/plain"
        return read(answer.get_data(as_text=True))

    return scrape


def test_it_is_closed_unless_it_is_opened():
    with service.World() as world:
        client = werkzeug.test.Client(app.create_app(world.env, fixtures.believing))
        assert client.get("/metrics").status_code == 401


def test_what_there_is(world, scrape):
    conductor = driving.Conductor(world.env, world.clock)
    cluster = records.cluster(world.env, "active", workers=3)
    conductor.settle()
    template = records.job_template(world.env)
    records.job(world.env, cluster, template)
    conductor.settle()
    world.infrastructure.ensure = _refuse
    records.cluster(world.env, "broken", workers=1)
    conductor.settle()
    records.cluster(world.env, "new", workers=1)
    records.job(world.env, cluster, template)
    world.clock.advance(20)
    records.job(world.env, cluster, template)
    world.clock.advance(5)

    found = scrape()

    by_status = {
        labels[0][1]: value
        for (name, *labels), value in found.items()
        if name == "sparkaas_clusters"
    }
    assert set(by_status) == {str(word) for word in states.ClusterStatus}
    assert {word: n for word, n in by_status.items() if n} == {
        "Active": 1,
        "Error": 1,
        "Validating": 1,
    }
    assert found["sparkaas_jobs", ("status", "SUCCEEDED")] == 1
    assert found["sparkaas_jobs", ("status", "PENDING")] == 2
    assert found[("sparkaas_nodes",)] == 8
    assert found["sparkaas_due_seconds", ("kind", "job")] == 25
    assert found[("sparkaas_pending_job_seconds",)] == 25
    assert found[("sparkaas_notifications_waiting",)] == 0


def _refuse(*_):
    raise exceptions.Permanent("No.")


def test_every_state_is_counted_as_the_api_shows_it(world, scrape):
    """Each of many states that a cluster goes through."""
    conductor = driving.Conductor(world.env, world.clock)
    cluster = records.cluster(world.env, workers=1)
    seen = set()

    def look():
        status = str(states.cluster_status(clusters.get(world.env.db, cluster.id)))
        seen.add(status)
        assert scrape()["sparkaas_clusters", ("status", status)] == 1
        return status == "Active"

    conductor.until(look)
    records.resize(world.env, cluster, 0, 1)
    look()
    conductor.until(look)
    assert len(seen) > 3


def test_it_takes_few_statements(world, client):
    records.cluster(world.env)
    statements = []

    def note(_connection, _cursor, statement, *_):
        statements.append(statement)

    engine = world.env.db.engine
    sa.event.listen(engine, "before_cursor_execute", note)
    try:
        client.get("/metrics")
    finally:
        sa.event.remove(engine, "before_cursor_execute", note)
    assert len([one for one in statements if one.startswith("SELECT")]) == 4


def test_requests_are_counted_by_route(client, scrape):
    def value(name, **labels):
        return scrape().get((name, *sorted(labels.items())), 0)

    counted = {
        "method": "GET",
        "route": "/v2/clusters/{id}",
        "status": "404",
    }
    unknown = {"method": "other", "route": "none", "status": "401"}
    before = value("sparkaas_api_requests_total", **counted)
    other = value("sparkaas_api_requests_total", **unknown)
    headers = {"X-Auth-Token": "t", "X-Project-Id": "a" * 32, "X-Roles": "reader"}
    for number in range(3):
        client.get(f"/v2/clusters/id-{number}", headers=headers)
    client.open("/v2/secret-hunter2", method="HUNTER2")

    assert value("sparkaas_api_requests_total", **counted) == before + 3
    assert value("sparkaas_api_requests_total", **unknown) == other + 1
    seconds = {"method": "GET", "route": counted["route"]}
    assert value("sparkaas_api_request_seconds_count", **seconds) >= 3
    assert "hunter2" not in str(scrape()).lower()


def test_a_conductor_counts_its_steps(world, scrape):
    name = "sparkaas_conductor_steps_total"
    labels = (("kind", "cluster"), ("outcome", "done"), ("step", "ensure_secrets"))
    refused = (
        ("kind", "cluster"),
        ("outcome", "permanent"),
        ("step", "ensure_infrastructure"),
    )
    given_up = (
        "sparkaas_conductor_given_up_total",
        ("kind", "cluster"),
        ("step", "ensure_infrastructure"),
    )
    before = scrape()
    world.infrastructure.ensure = _refuse
    records.cluster(world.env)
    driving.Conductor(world.env, world.clock).settle()
    after = scrape()
    for key in ((name, *labels), (name, *refused), given_up):
        assert after[key] == before.get(key, 0) + 1


def test_a_lost_lease_is_counted(world, scrape):
    key = ("sparkaas_conductor_lease_losses_total", ("kind", "cluster"))
    before = scrape().get(key, 0)
    records.cluster(world.env)
    first = driving.Conductor(world.env, world.clock).reconcilers[0]
    claim = first.claim()
    world.clock.advance(world.env.conf.conductor.lease_seconds + 1)
    assert driving.Conductor(world.env, world.clock, "other").reconcilers[0].claim()
    first.run(claim)
    assert scrape()[key] == before + 1


def test_a_conductor_shows_them_on_a_port_of_its_own(world):
    conf = world.env.conf
    assert cmd_metrics.serve(conf) is None
    conf.set_override("port", process.free_port(), "metrics")
    listener = cmd_metrics.serve(conf)
    try:
        answer = requests.get(f"{listener.url}/metrics", timeout=10)
        assert answer.status_code == 200
        assert "sparkaas_conductor_steps_total" in answer.text
        assert requests.get(listener.url, timeout=10).status_code == 404
    finally:
        listener.stop()


def test_calls_to_the_cloud_are_counted():
    conf = setup.options({})
    setup.load(conf, [], "x", "")
    made = sessions.Sessions(conf)
    cloud = made._cloud(None)
    before = read(meters.exposition().decode())
    where = {"service_type": "orchestration"}
    with requests_mock.Mocker() as mocked:
        mocked.get("http://heat/", text="{}")
        mocked.post("http://heat/", status_code=503)
        cloud.session.get(
            "http://heat/", authenticated=False, endpoint_filter=dict(where)
        )
        with contextlib.suppress(keystone.HttpError):
            cloud.session.post("http://heat/", authenticated=False)
    after = read(meters.exposition().decode())

    def grown(service, method, status):
        key = (
            "sparkaas_openstack_requests_total",
            ("method", method),
            ("service", service),
            ("status", status),
        )
        return after.get(key, 0) - before.get(key, 0)

    assert grown("orchestration", "GET", "200") == 1
    assert grown("identity", "POST", "503") == 1
