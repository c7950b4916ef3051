# SPDX-License-Identifier: Apache-2.0
"""A further proxy of the cloud's Swift, with faults on demand.

It is Swift's own, with the configuration of the cloud's, the same storage servers and
Keystone. But it forgets keys after ``FORGETS`` seconds, and before the storage stands
the filter of ``swift_faults.py``: what that answers, Swift itself tells S3's clients.
"""

from __future__ import annotations

import configparser
import contextlib
import json
import os
import pathlib
import shutil
from collections.abc import Iterator

import requests

from tests.scenario.cloud import openstack_cloud
from tests.servers import process

#: Seconds that Swift takes a key for good without asking Keystone.
FORGETS = 2


class Proxy:
    """The running one."""

    def __init__(self, directory: pathlib.Path, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self._directory = directory
        self._rules: list[dict[str, str | int]] = []
        (directory / "answered").touch()
        self._write()

    def answer(self, status: int, times: int, *asked: str) -> None:
        """Have Swift get that status for so many of each of these requests: ``METHOD
        PATH``, of which the path may be a part (``/container/object?query``)."""
        for request in asked:
            method, path = request.split(" ", 1)
            rule = {"method": method, "path": path, "status": status, "times": times}
            self._rules.append(rule)
        self._write()

    def answered(self, request: str) -> int:
        """How many of such requests were answered so."""
        method, path = request.split(" ", 1)
        lines = (self._directory / "answered").read_text().splitlines()
        return sum(each.startswith(f"{method} ") and path in each for each in lines)

    def _write(self) -> None:
        new = self._directory / "rules.new"
        new.write_text(json.dumps(self._rules))
        new.replace(self._directory / "rules")


@contextlib.contextmanager
def running() -> Iterator[Proxy]:
    """One, until the block ends."""
    cloud = openstack_cloud.directory()
    port = process.free_port()
    with process.directory("root") as directory:
        shutil.copy(pathlib.Path(__file__).with_name("swift_faults.py"), directory)
        file = directory / "proxy-server.conf"
        with open(os.open(file, os.O_CREAT | os.O_WRONLY, 0o600), "w") as stream:
            _configuration(cloud, directory, port).write(stream)
        proxy = Proxy(directory, port)
        server = process.Process(
            [str(cloud / "venv" / "bin" / "swift-proxy-server"), str(file), "-v"],
            user="root",
            cwd=directory,
            ready=lambda: _answers(proxy.url),
            environment={"PYTHONPATH": str(directory)},
        )
        server.start()
        try:
            yield proxy
        finally:
            server.stop()


def _configuration(
    cloud: pathlib.Path, directory: pathlib.Path, port: int
) -> configparser.RawConfigParser:
    conf = configparser.RawConfigParser()
    conf.read(cloud / "etc" / "swift" / "proxy-server.conf")
    *others, last = conf["pipeline:main"]["pipeline"].split()
    changes = {
        "DEFAULT": {"bind_port": port, "workers": 0},
        "pipeline:main": {"pipeline": " ".join([*others, "faults", last])},
        "filter:faults": {
            "paste.filter_factory": "swift_faults:filter_factory",
            "directory": directory,
        },
        # A key that Keystone does not answer for in time is refused.
        "filter:s3token": {"secret_cache_duration": FORGETS, "http_timeout": 60},
    }
    conf.read_dict(changes)
    return conf


def _answers(url: str) -> bool:
    try:
        return requests.get(f"{url}/healthcheck", timeout=5).ok
    except requests.RequestException:
        return False
