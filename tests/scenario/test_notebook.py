# SPDX-License-Identifier: Apache-2.0
"""JupyterLab on a cluster: its example runs there, and only with the token."""

from __future__ import annotations

import importlib.util

import pytest
import requests

from sparkaas.client import entrances
from tests.scenario import harness
from tests.scenario import jupyter

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(600),
    pytest.mark.skipif(
        not all(map(importlib.util.find_spec, ("jupyterlab", "ipykernel"))),
        reason="no JupyterLab here",
    ),
]


@pytest.fixture(scope="module")
def entrance(service):
    made = service.cli(
        *("cluster", "create", "lab", "--workers", "1", "--flavor", "small"),
        *("--with", "notebook", "--wait", "--timeout", "240"),
    )
    assert made.returncode == 0, made.stderr
    (cluster,) = service.call("GET", "clusters").json()["clusters"]
    answer = service.call("GET", f"clusters/{cluster['id']}/entrances")
    (found,) = answer.json()["entrances"]
    return entrances.Entrance.load(found)


def test_the_example_runs_on_the_cluster(service, entrance):
    server = jupyter.Server(entrance.url, entrance.token)
    master, table, count, _ = server.run(server.cells("examples/movies.ipynb"))
    assert master.startswith("'spark://127.")
    assert "|    0|" in table
    assert "10000 ratings of 100 movies" in count


def test_nobody_else_is_let_in(entrance):
    base = entrance.url.removesuffix("/lab")
    for headers in ({}, {"Authorization": f"token {'0' * 64}"}):
        for path in ("contents", "kernels", "terminals"):
            answer = requests.get(f"{base}/api/{path}", headers=headers, timeout=30)
            assert answer.status_code == 403, path
        made = requests.post(f"{base}/api/kernels", headers=headers, timeout=30)
        assert made.status_code == 403
    page = requests.get(entrance.url, timeout=30, allow_redirects=False)
    assert page.status_code == 302
    assert "/login" in page.headers["Location"]


def test_the_command_prints_a_page_that_lets_in(service, entrance):
    told = service.cli("cluster", "notebook", "lab")
    assert told.returncode == 0, told.stderr
    assert told.stdout.strip() == entrances.page_url(entrance)
    page = requests.get(told.stdout.strip(), timeout=60)
    assert page.status_code == 200
    assert "JupyterLab" in page.text


def test_the_token_stands_where_its_owner_reads_it_only(service, entrance):
    assert entrance.token not in service.cli("cluster", "show", "lab").stdout
    assert entrance.token not in service.output()
    for process in harness.processes_below(service.state):
        assert entrance.token not in " ".join(process.cmdline())
    for log in (service.state / "nodes").rglob("*.log"):
        assert entrance.token not in log.read_text(errors="replace"), log
