# SPDX-License-Identifier: Apache-2.0
"""Every method and every command of python-saharaclient, in both of its versions.

All in one file, so that one worker sees all results: the last test holds them against
what the documentation says.
"""

import json
import shlex

import pytest

from tests.conformance import commands
from tests.conformance import compat
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
def test_method(row, version, served, clients, made, outcome):
    arguments = made_.fill(row.arguments, made)
    expect = made_.fill(row.expect, made)
    served.requests()
    answer = clients.call(version, row.method, arguments)
    requests = served.requests()
    if row.fails:
        assert row.fails.shown in str(answer["error"])
    else:
        assert answer["error"] is None
    assert rows.differs(answer["result"], expect) == {}
    if row.then:
        made.later(*made_.fill(row.then, made))
    outcome(row, version, requests)


@pytest.mark.parametrize(("row", "version"), _cases(commands.COMMANDS))
def test_command(row, version, served, clients, made, outcome, tmp_path):
    words = [made_.fill(word, made) for word in shlex.split(row.words)]
    expect = made_.fill(row.expect, made)
    for file_name, content in row.files.items():
        made.file(file_name, content)
    served.requests()
    done = clients.openstack(
        version,
        *row.command.split(),
        *words,
        *(["-f", "json"] if expect else []),
        directory=tmp_path,
    )
    requests = served.requests()
    if row.fails:
        assert done["code"] == 1
        assert row.fails.shown in done["err"]
    else:
        assert done["code"] == 0, done
        assert row.says in done["out"]
        if expect:
            assert rows.differs(_data(done["out"]), expect) == {}
        for file_name, content in row.writes.items():
            _check(tmp_path / file_name, made_.fill(content, made))
    if row.then:
        made.later(*made_.fill(row.then, made))
    outcome(row, version, requests)


def _data(out):
    """The JSON that comes after what the command tells first."""
    lines = out.splitlines()
    while lines and lines[0][:1] not in ("{", "["):
        lines.pop(0)
    return json.loads("\n".join(lines))


def _check(path, expect):
    if isinstance(expect, str):
        assert path.read_text() == expect
    else:
        assert rows.differs(json.loads(path.read_text()), expect) == {}


def test_every_method_and_command_is_in_the_tables(clients):
    found = clients.inventory()
    for version in rows.BOTH:
        for kind, table in (
            ("methods", managers.METHODS),
            ("commands", commands.COMMANDS),
        ):
            named = {row.name for row in table if version in row.versions}
            assert sorted(named) == found[kind][version]


def test_the_page_about_the_clients_is_up_to_date(request, outcomes):
    if set(outcomes) != compat.expected():
        pytest.skip("only a run of everything in this file tells")
    page = compat.page(outcomes)
    if request.config.getoption("--write-compat", default=False):
        compat.write(page)
    assert page == compat.PAGE.read_text(encoding="utf-8"), (
        "stale: run .venv/bin/python -m pytest tests/conformance --write-compat"
    )
