# SPDX-License-Identifier: Apache-2.0
"""A client of JupyterLab: what a browser would ask it."""

from __future__ import annotations

import importlib
import json
import uuid
from typing import Any

import pytest
import requests


class Server:
    """JupyterLab's own API; ``url`` is that of its page."""

    def __init__(self, url: str, token: str) -> None:
        self.url = url.removesuffix("/lab")
        self.headers = {"Authorization": f"token {token}"}

    def cells(self, path: str) -> list[str]:
        """The code of a notebook's cells."""
        found = self.call("GET", f"contents/{path}")["content"]["cells"]
        return [each["source"] for each in found if each["cell_type"] == "code"]

    def call(self, method: str, path: str, **options: Any) -> Any:
        """One request; its answer's JSON, if any."""
        url = f"{self.url}/api/{path}"
        answer = requests.request(
            method, url, headers=self.headers, timeout=60, **options
        )
        answer.raise_for_status()
        return answer.json() if answer.content else None

    def run(self, cells: list[str]) -> list[str]:
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

    def _execute(self, line: Any, code: str) -> str:
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
