# SPDX-License-Identifier: Apache-2.0
"""The real service, as its users run it: ``sparkaas-all`` in a process of its own."""

from __future__ import annotations

import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

import psutil
import pytest
import requests

#: Scripts of the same environment as this interpreter.
BIN = pathlib.Path(sys.executable).parent
ROOT = pathlib.Path(__file__).parents[2]
HEADERS = {"OpenStack-API-Version": "data-processing 2.1"}


def wait_for(
    condition: Callable[[], Any], seconds: float, what: str, *, every: float = 0.1
) -> Any:
    """The first truthy value of ``condition``, tried ``every`` so many seconds; fails
    after ``seconds``."""
    deadline = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            pytest.fail(f"not within {seconds} s: {what}")
        time.sleep(every)


def environment(state: pathlib.Path, **more: str) -> dict[str, str]:
    """This process's environment without any cloud's, for one state directory."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith("OS_")}
    return {**kept, "SPARKAAS_STATE": str(state), **more}


def processes_below(state: pathlib.Path) -> list[psutil.Process]:
    """Every process that works in, or was started from, the directory."""
    found = []
    for process in psutil.process_iter():
        try:
            words = [process.cwd(), *process.cmdline()]
        except psutil.Error:
            continue
        if any(str(state) in word for word in words):
            found.append(process)
    return found


_TEMPORARY = "/tmp"
#: What JVMs put where temporary files go, and leave there when they are killed: web
#: applications, native libraries, Spark's, Hive's and a Connect server's directories.
LITTER = re.compile(
    r"(jetty-|lib(lz4-java|netlib|snappy|zstd|leveldb|rocksdb)|commons-crypto-"
    r"|(spark|artifacts|blockmgr|connect)-[0-9a-f]{8}-).*"
    r"|[0-9a-f-]{36}_resources|(spark_connect_|hadoop-).*"
)


class Litter:
    """What the clusters of a test run leave in the machine's own temporary directory
    from now on, which is nothing. ``state`` is a directory of that run. Nobody says who
    made a file: while somebody else's Java runs, too, nothing is known."""

    def __init__(self, state: pathlib.Path) -> None:
        runs = [one for one in state.parents if re.fullmatch(r"pytest-\d+", one.name)]
        self._run = str(runs[0] if runs else state)
        self._before = None if self._strangers() else self._now()

    def check(self) -> None:
        if self._before is not None and not self._strangers():
            left = self._now() - self._before
            assert not left, f"in {_TEMPORARY}: {sorted(left)}"

    def _strangers(self) -> bool:
        for process in psutil.process_iter():
            try:
                words = process.cmdline()
            except psutil.Error:
                continue
            is_java = words[:1] and words[0].endswith("java")
            if is_java and not any(self._run in word for word in words):
                return True
        return False

    @staticmethod
    def _now() -> set[str]:
        return {name for name in os.listdir(_TEMPORARY) if LITTER.fullmatch(name)}


def have_jars(kind: str) -> None:
    """Make the tree of jars of that ``kind`` where the service looks for it, unless it
    is there; skips where nothing can."""
    if shutil.which("mvn") is None:
        pytest.skip("there is no mvn here (apt install maven)")
    command = [str(BIN / "sparkaas-image"), kind]
    subprocess.run(command, check=True, timeout=600, capture_output=True)


class Service:
    """One ``sparkaas-all`` on a free port. It can be stopped, killed, started again."""

    def __init__(self, state: pathlib.Path, *options: str) -> None:
        self.state = state
        self.options = options
        self._process: subprocess.Popen[bytes] | None = None
        self._http = requests.Session()
        self._litter = Litter(state)

    @property
    def endpoint(self) -> dict[str, Any]:
        """What the client finds: url, token, pid."""
        return json.loads((self.state / "endpoint.json").read_text())

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    @property
    def weakness(self) -> pathlib.Path:
        """Names the effect beside which it kills itself, if it was started mortal."""
        return self.state.parent / "dies-at"

    def start(self, *, mortal: bool = False) -> None:
        """Start it and wait until it answers. ``mortal``: see ``mortal.py``."""
        program = [str(BIN / "sparkaas-all")]
        if mortal:
            words = ("-m", "tests.scenario.mortal", str(self.weakness))
            program = [sys.executable, *words]
        self.state.parent.mkdir(parents=True, exist_ok=True)
        endpoint = self.state / "endpoint.json"
        endpoint.unlink(missing_ok=True)
        with (self.state.parent / "service.out").open("ab") as out:
            self._process = subprocess.Popen(
                [*program, "--api-port", "0", *self.options],
                cwd=ROOT,
                env=environment(self.state),
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                start_new_session=True,
            )
        wait_for(
            lambda: endpoint.exists() or self._process.poll() is not None,
            60,
            "the service is ready",
        )
        assert self._process.poll() is None, self.output()

    def output(self) -> str:
        """What it printed, and the end of its log."""
        log = self.state / "sparkaas.log"
        text = log.read_text() if log.exists() else ""
        return (self.state.parent / "service.out").read_text() + text[-8000:]

    def end(self, number: int = signal.SIGTERM) -> int:
        """Signal it and wait; returns its exit code."""
        assert self._process is not None
        self._process.send_signal(number)
        return self._process.wait(30)

    def wait(self, seconds: float) -> int:
        """Its exit code, once it has ended by itself."""
        assert self._process is not None
        return self._process.wait(seconds)

    def kill(self) -> None:
        """``kill -9``: no chance to tidy up."""
        assert self.end(signal.SIGKILL) == -signal.SIGKILL

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def call(
        self, method: str, path: str, body: Any = None, **options: Any
    ) -> requests.Response:
        """One request below /v2, at 2.1."""
        endpoint = self.endpoint
        headers = {**HEADERS, "X-Auth-Token": endpoint["token"]}
        headers.update(options.pop("headers", {}))
        return self._http.request(
            method,
            f"{endpoint['url']}/v2/{path}",
            json=body,
            headers=headers,
            timeout=60,
            **options,
        )

    def cli(self, *arguments: str, seconds: float = 240) -> subprocess.CompletedProcess:
        """The ``sparkaas`` command."""
        return subprocess.run(
            [BIN / "sparkaas", *arguments],
            env=environment(self.state),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=seconds,
        )

    def clean(self) -> None:
        """Delete every cluster, stop, and see that no process is left, nor a file."""
        if not self.running:
            self.start()
        for cluster in self.call("GET", "clusters").json()["clusters"]:
            self.call("DELETE", f"clusters/{cluster['id']}")
        wait_for(
            lambda: not self.call("GET", "clusters").json()["clusters"],
            60,
            "all clusters are deleted",
        )
        assert self.end() == 0, self.output()
        self._http.close()
        wait_for(lambda: not processes_below(self.state), 10, "no process is left")
        self._litter.check()
