# SPDX-License-Identifier: Apache-2.0
"""Every method and every command of python-saharaclient, in both of its versions.

All in one file, so that one worker sees all results: the last test holds them against
what the documentation says.
"""

import json

import pytest

from tests.conformance import made as made_
from tests.conformance import managers
from tests.conformance import rows

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]


def _cases(table):
    return [
        pytest.param(row, version, id=f"{version} {row.title}")
        for row in table
        for version in row.versions
    ]


@pytest.mark.parametrize(("row", "version"), _cases(managers.METHODS))
def test_method(row, version, served, clients, made):
    arguments = made_.fill(row.arguments, made)
    expect = made_.fill(row.expect, made)
    served.requests()
    answer = clients.call(version, row.method, arguments)
    print(json.dumps(answer)[:3000])
    if row.fails:
        assert row.fails.shown in str(answer["error"])
    else:
        assert answer["error"] is None
    assert rows.differs(answer["result"], expect) == {}
    if row.then:
        made.later(*made_.fill(row.then, made))
    print(served.requests())
