# SPDX-License-Identifier: Apache-2.0
"""JupyterLab on a cluster: its example runs there, and only with the token."""

from __future__ import annotations

import importlib.util
import json
import uuid

import pytest
import requests

from sparkaas.client import entrances
from tests.scenario import harness

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(600),
    pytest.mark.skipif(
        not all(map(importlib.util.find_spec, ("jupyterlab", "ipykernel"))),
        reason="no JupyterLab here",
    ),
]


class Server:
    """JupyterLab's own API."""

    def __init__(self, entrance):
        self.url = entrance.url.removesuffix("/lab")
        self.headers = {"Authorization": f"token {entrance.token}"}

    def call(self, method, path, **options):
        url = f"{self.url}/api/{path}"
        answer = requests.request(
            method, url, headers=self.headers, timeout=60, **options
        )
        answer.raise_for_status()
        return answer.json() if answer.content else None

    def run(self, cells):
        """What each of the cells showed, run one after the other by one kernel, which
        lives on: it must go with its cluster."""
        websocket = importlib.import_module("websocket")
        kernel = self.call("POST", "kernels", json={"name": "python3"})["id"]
        where = f"{self.url}/api/kernels/{kernel}/channels".replace("http", "ws", 1)
        line = websocket.create_connection(where, timeout=240, header=self.headers)
        try:
            return [self._execute(line, code) for code in cells]
        finally:
            line.close()

    def _execute(self, line, code):
        id = uuid.uuid4().hex
        line.send(
            json.dumps(
                {
                    "header": {
                        "msg_id": id,
                        "msg_type": "execute_request",
                        "session": "test",
                        "username": "test",
                        "version": "5.3",
                    },
                    "parent_header": {},
                    "metadata": {},
                    "content": {"code": code, "silent": False},
                    "channel": "shell",
                    "buffers": [],
                }
            )
        )
        shown = []
        while True:
            said = json.loads(line.recv())
            if said["parent_header"].get("msg_id") != id:
                continue
            content = said["content"]
            if said["msg_type"] == "stream" and content["name"] == "stdout":
                shown.append(content["text"])
            elif said["msg_type"] == "execute_result":
                shown.append(content["data"]["text/plain"])
            elif said["msg_type"] == "error":
                pytest.fail("\n".join(content["traceback"]))
            elif said["msg_type"] == "status" and content["execution_state"] == "idle":
                return "".join(shown)


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
    server = Server(entrance)
    example = server.call("GET", "contents/examples/movies.ipynb")["content"]
    cells = [c["source"] for c in example["cells"] if c["cell_type"] == "code"]
    master, table, count, _ = server.run(cells)
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
