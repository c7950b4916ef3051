# SPDX-License-Identifier: Apache-2.0
"""Lists ask the database the same number of questions, however long they are."""

import contextlib

import pytest
import sqlalchemy as sa
import werkzeug.test

from sparkaas.api import app
from sparkaas.testing import records
from sparkaas.testing import service
from tests.functional import fixtures


@contextlib.contextmanager
def counting(engine):
    statements = []

    def note(connection, cursor, statement, *rest):
        if statement.lstrip().upper().startswith("SELECT"):
            statements.append(statement)

    sa.event.listen(engine, "before_cursor_execute", note)
    yield statements
    sa.event.remove(engine, "before_cursor_execute", note)


@pytest.mark.parametrize("version", ["1.1", "2.0", "2.1"])
def test_a_longer_list_of_clusters_costs_no_more_queries(version):
    with service.World() as world:
        client = werkzeug.test.Client(app.create_app(world.env, fixtures.believing))

        def ask():
            with counting(world.env.db.engine) as statements:
                response = client.get(
                    "/v1.1/clusters" if version == "1.1" else "/v2/clusters",
                    headers={
                        "X-Auth-Token": "token",
                        "X-Project-Id": records.PROJECT,
                        "X-User-Id": "u",
                        "X-Roles": "reader",
                        "OpenStack-API-Version": f"data-processing {version}",
                    },
                )
            return len(response.json["clusters"]), len(statements)

        records.cluster(world.env, "c0")
        found, few = ask()
        assert found == 1
        for n in range(1, 12):
            records.cluster(world.env, f"c{n}")
        assert ask() == (12, few)
