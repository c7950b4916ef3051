# SPDX-License-Identifier: Apache-2.0
"""The service in its embedded default on a state directory of its own, with a cluster:
what benchmarks on real Spark start from."""

from __future__ import annotations

import contextlib
import json
import os
import pathlib
import subprocess
import sys
import time
from collections.abc import Callable
from collections.abc import Iterator
from typing import Any

import requests

BIN = pathlib.Path(sys.executable).parent
CLUSTER = "benchmark"
TERMINAL = {"SUCCEEDED", "FAILED", "KILLED", "DONEWITHERROR"}


class Service:
    """A running ``sparkaas-all`` and the ways to talk to it."""

    def __init__(self, state: pathlib.Path) -> None:
        kept = {k: v for k, v in os.environ.items() if not k.startswith("OS_")}
        self.environ = {**kept, "SPARKAAS_STATE": str(state)}
        self._state = state
        self._http = requests.Session()
        self._http.headers["OpenStack-API-Version"] = "data-processing 2.1"

    @contextlib.contextmanager
    def up(self) -> Iterator[None]:
        """Running, and stopped afterwards."""
        with (self._state / "out").open("wb") as out:
            process = subprocess.Popen(
                [BIN / "sparkaas-all", "--api-port", "0"],
                env=self.environ,
                stdout=out,
                stderr=out,
            )
        file = self._state / "endpoint.json"
        try:
            until(lambda: file.exists() or process.poll() is not None, 60)
            if process.poll() is not None:
                sys.exit((self._state / "out").read_text())
            endpoint = json.loads(file.read_text())
            self._url = endpoint["url"] + "/v2/"
            self._http.headers["X-Auth-Token"] = endpoint["token"]
            yield
        finally:
            process.terminate()
            process.wait(30)

    @contextlib.contextmanager
    def cluster(self, *options: str) -> Iterator[None]:
        """An Active one of such options, gone afterwards."""
        self.cli("cluster", "create", CLUSTER, *options, "--wait")
        try:
            yield
        finally:
            self.cli("cluster", "delete", CLUSTER, "--wait")

    def cli(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """One ``sparkaas`` command; ends the run when it fails."""
        done = subprocess.run(
            [BIN / "sparkaas", *arguments],
            env=self.environ,
            capture_output=True,
            text=True,
        )
        if done.returncode:
            sys.exit(f"sparkaas {' '.join(arguments)}:\n{done.stdout}{done.stderr}")
        return done

    def call(self, method: str, path: str, body: object = None) -> dict[str, Any]:
        """One request below /v2."""
        answer = self._http.request(method, self._url + path, json=body, timeout=60)
        if not answer.ok:
            sys.exit(f"{method} {path}: {answer.status_code} {answer.text}")
        return answer.json()

    def template(self, name: str, program: str) -> str:
        """A PySpark job template with the program uploaded; returns its id."""
        binary = self.call("POST", "job-binaries", {"name": f"{name}.py"})
        id = binary["job_binary"]["id"]
        answer = self._http.put(
            f"{self._url}job-binaries/{id}/data", data=program.encode(), timeout=60
        )
        answer.raise_for_status()
        made = self.call(
            "POST", "job-templates", {"name": name, "type": "PySpark", "mains": [id]}
        )
        return made["job_template"]["id"]

    def log(self, job_id: str) -> str:
        """What the driver wrote on its standard output."""
        answer = self._http.get(
            f"{self._url}jobs/{job_id}/logs/stdout?offset=0", timeout=60
        )
        answer.raise_for_status()
        return answer.text


def until(condition: Callable[[], bool], seconds: float, pause: float = 0.05) -> None:
    """Wait; ends the run when it takes longer."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            sys.exit(f"nothing happened in {seconds} s")
        time.sleep(pause)
