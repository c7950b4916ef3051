# SPDX-License-Identifier: Apache-2.0
"""How many statements a request costs the database: as many as are written here,
however many rows there are, and whatever a row has below it.

(SQLAlchemy asks for what is below the rows of a list 500 rows at a time.)
"""

import contextlib

import pytest
import sqlalchemy as sa

from sparkaas.api import versions
from sparkaas.testing import catalog
from tests.functional.fuzz import ground as grounds

#: noun: (list, show, create).
STATEMENTS = {
    "clusters": (5, 5, 7),
    "cluster-templates": (2, 2, 4),
    "node-group-templates": (1, 1, 1),
    "data-sources": (1, 1, 1),
    "job-binaries": (1, 1, 1),
    "job-templates": (4, 4, 4),
    "jobs": (1, 1, 10),
}
_PLUGIN = {"plugin_name": "fake", "plugin_version": "0.1"}
_HEAD = {"name": "head", "count": 1, "flavor_id": "2", "node_processes": ["namenode"]}


@pytest.fixture
def ground(tmp_path):
    with grounds.Ground(tmp_path) as ground:
        yield ground


@contextlib.contextmanager
def counting(engine):
    statements = []

    def note(connection, cursor, statement, *rest):
        if not statement.startswith("BEGIN"):
            statements.append(statement)

    sa.event.listen(engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        sa.event.remove(engine, "before_cursor_execute", note)


@pytest.fixture(params=versions.MICROVERSIONS, ids=versions.text)
def ask(ground, request):
    """A request's answer, after how many statements."""

    def ask(method, path, **more):
        with counting(ground.world.env.db.engine) as statements:
            answer = ground.ask(method, f"/v2/{path}", version=request.param, **more)
        assert answer.status_code in {200, 202}, answer.text
        return answer.json, len(statements)

    return ask


def bodies(ground, noun):
    """What makes one more, and one more, each of several parts."""
    templates = ground.ids["node-group-templates"]
    binaries = ground.ids["job-binaries"]
    groups = [
        {"name": f"w{n}", "count": n, "node_group_template_id": template}
        for n, template in enumerate(templates)
    ]
    body = {
        "clusters": {
            **_PLUGIN,
            "default_image_id": catalog.FAKE_IMAGE,
            "neutron_management_network": catalog.NETWORK,
            "node_groups": [_HEAD, *groups],
        },
        "cluster-templates": {**_PLUGIN, "node_groups": [_HEAD, *groups]},
        "node-group-templates": {
            **_PLUGIN,
            "flavor_id": "2",
            "node_processes": ["datanode"],
        },
        "data-sources": {"type": "hdfs", "url": "hdfs://host/path"},
        "job-binaries": {
            "url": "swift://box/app.jar",
            "extra": {"user": "u", "password": "p"},
        },
        "job-templates": {
            "type": "MapReduce",
            "libs": binaries,
        },
        "jobs": {
            "job_template_id": ground.ids["job-templates"][-1],
            "cluster_id": ground.ids["clusters"][0],
        },
    }[noun]
    for number in range(12):
        yield body if noun == "jobs" else {**body, "name": f"more{number}"}


@pytest.mark.parametrize("noun", STATEMENTS)
def test_no_number_of_rows_makes_more_statements(ground, ask, noun):
    listing, showing, creating = STATEMENTS[noun]
    before, some = ask("GET", noun)
    ids = list(ground.ids[noun])
    for body in bodies(ground, noun):
        made, cost = ask("POST", noun, json=body)
        assert cost <= creating
        (one,) = made.values()
        ids.append(one["id"])
    after, many = ask("GET", noun)
    (key,) = after
    assert len(after[key]) == len(before[key]) + 12
    assert many == some <= listing
    page, cost = ask("GET", f"{noun}?limit=3&marker={ids[1]}&sort_by=-id")
    assert set(page) <= {key, "markers"}
    # the marker's place in the order, and where the page before begins
    assert cost <= listing + 2
    for id in ids:
        _, cost = ask("GET", f"{noun}/{id}")
        assert cost <= showing


def test_many_clusters_at_once_cost_two_statements_for_each(ground, ask):
    body = {**next(bodies(ground, "clusters")), "name": "many"}
    costs = [
        ask("POST", "clusters", json={**body, "name": f"n{count}", "count": count})[1]
        for count in (1, 2, 10)
    ]
    assert costs[1] - costs[0] == 2
    assert costs[2] - costs[0] == 18


@pytest.mark.parametrize("path", ["plugins", "plugins/fake", "plugins/fake/0.1"])
def test_a_plugin_costs_one(ask, path):
    assert ask("GET", path)[1] == 1


@pytest.mark.parametrize("path", ["images", "job-types", "job-types?type=Spark"])
def test_what_is_no_row_costs_next_to_none(ask, path):
    assert ask("GET", path)[1] <= 1
