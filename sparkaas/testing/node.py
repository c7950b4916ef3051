# SPDX-License-Identifier: Apache-2.0
"""A node in memory: files, services that are ready after a while, job drivers."""

from __future__ import annotations

import dataclasses
import datetime

from sparkaas import interfaces
from sparkaas import manifest

#: How a driver that a signal ended reports itself.
TERMINATED = -15
KILLED = -9


@dataclasses.dataclass(frozen=True)
class Script:
    """What a fake driver does: writes its output evenly over ``seconds``, exits.

    A ``stubborn`` one ends only by force. ``events`` is its event log, once it ends.
    """

    seconds: float = 2.0
    stdout: bytes = b"one\ntwo\nthree\n"
    stderr: bytes = b"INFO done\n"
    exit_code: int = 0
    stubborn: bool = False
    stages: int = 4
    events: bytes = b""


@dataclasses.dataclass
class FakeDriver:
    """A driver on a node. It writes ``stdout`` and ``stderr`` in its directory."""

    script: Script
    started_at: datetime.datetime
    exit_code: int | None = None
    part: float = 0.0

    def advance(self, now: datetime.datetime) -> None:
        """Do what a driver would have done by ``now``."""
        if self.exit_code is not None:
            return
        lived = (now - self.started_at).total_seconds()
        self.part = min(1.0, lived / self.script.seconds) if self.script.seconds else 1
        if self.part >= 1:
            self.exit_code = self.script.exit_code

    def written(self, stream: str) -> bytes:
        """What a stream holds so far."""
        whole: bytes = getattr(self.script, stream)
        return whole[: int(len(whole) * self.part)]

    def signal(self, kill: bool) -> None:
        """End, as far as a driver obeys."""
        if self.exit_code is None and (kill or not self.script.stubborn):
            self.exit_code = KILLED if kill else TERMINATED


@dataclasses.dataclass
class FakeNode:
    """A node. ``pages`` are the URLs that answer on it."""

    instance_id: str
    cluster_id: str
    name: str
    address: str
    created_at: datetime.datetime
    description: manifest.Manifest
    digest: str = ""
    files: dict[str, bytes] = dataclasses.field(default_factory=dict)
    modes: dict[str, int] = dataclasses.field(default_factory=dict)
    pages: dict[str, bytes] = dataclasses.field(default_factory=dict)
    drivers: dict[str, FakeDriver] = dataclasses.field(default_factory=dict)
    #: Service -> its last words; it stays failed until the manifest changes.
    failed: dict[str, str] = dataclasses.field(default_factory=dict)

    def follow(self, wanted: manifest.Manifest) -> None:
        """Become what ``wanted`` says; failed services get a fresh start."""
        self.description = wanted
        self.digest = wanted.digest()
        self.failed.clear()

    def advance(self, now: datetime.datetime) -> None:
        """Let the drivers do what they would have done by ``now``."""
        for directory, driver in self.drivers.items():
            driver.advance(now)
            for stream in ("stdout", "stderr"):
                self.files[f"{directory}/{stream}"] = driver.written(stream)
            if driver.exit_code is not None and driver.script.events:
                self.files.setdefault(f"{directory}/events", driver.script.events)

    def state(self, ready: bool) -> interfaces.NodeState:
        """As ``observe`` tells it."""
        services = {}
        for service in self.description.services:
            if service.name in self.failed:
                detail = self.failed[service.name]
                services[service.name] = interfaces.ServiceState("failed", detail)
            elif ready:
                services[service.name] = interfaces.ServiceState("ready")
            else:
                services[service.name] = interfaces.ServiceState("starting", "boots")
        return interfaces.NodeState(True, "", self.digest, services)
