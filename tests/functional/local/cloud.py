# SPDX-License-Identifier: Apache-2.0
"""A local cloud for tests: the real driver over a directory of its own."""

from __future__ import annotations

import dataclasses
import os
import pathlib
import socket
import sys
import time
import uuid
from collections.abc import Callable
from collections.abc import Mapping

from sparkaas import manifest
from sparkaas import model
from sparkaas.infra.local import archives
from sparkaas.infra.local import driver
from sparkaas.infra.local import java
from sparkaas.infra.local import layout
from sparkaas.infra.local import packages
from sparkaas.infra.local import processes
from sparkaas.infra.local.supervisor import files

DEADLINE = 60.0


def until(condition: Callable[[], object], what: str = "") -> object:
    """Poll until ``condition`` answers something true; return that."""
    end = time.monotonic() + DEADLINE
    while not (found := condition()):
        assert time.monotonic() < end, what or "it never came true"
        time.sleep(0.02)
    return found


def settle(step: Callable[[], model.Outcome]) -> model.Done:
    """Repeat a step as the reconciler does, until it is done."""
    end = time.monotonic() + DEADLINE
    while isinstance(outcome := step(), model.Wait):
        assert time.monotonic() < end, outcome.why
        time.sleep(0.02)
    return outcome


def fake_java(directory: pathlib.Path, version: str = "17.0.9") -> pathlib.Path:
    """A JAVA_HOME whose java only tells that version."""
    program = directory / "java" / "bin" / "java"
    program.parent.mkdir(parents=True, exist_ok=True)
    program.write_text(f"#!/bin/sh\necho 'openjdk version \"{version}\"' >&2\n")
    program.chmod(0o755)
    return program.parent.parent


def cluster(
    *names: str, flavor: model.Flavor | None = None, id: str = ""
) -> model.Cluster:
    """A cluster ``c`` that wants one instance in each group of ``names``."""
    return model.Cluster(
        id=id or str(uuid.uuid4()),
        project_id="p",
        name="c",
        plugin_name="fake",
        plugin_version="1",
        node_groups=tuple(
            model.NodeGroup(
                id=f"group-{name}",
                name=name,
                flavor_id="1",
                flavor=flavor,
                node_processes=(),
                count=1,
                indices=(0,),
            )
            for name in names
        ),
    )


def free_port() -> int:
    """A port that nobody uses on any address of this machine."""
    with socket.socket() as probe:
        probe.bind(("", 0))
        port: int = probe.getsockname()[1]
        return port


def web(node: str, port: int, **changes: object) -> manifest.Service:
    """A web server on the own address of the instance ``node``, with a probe."""
    address = manifest.address(node)
    service = manifest.Service(
        name="web",
        argv=(
            *(sys.executable, "-I", "-m", "http.server", str(port)),
            *("--bind", address),
        ),
        probe=manifest.Probe(url=f"http://{address}:{port}/"),
        ports=(port,),
        stop_seconds=5,
    )
    return dataclasses.replace(service, **changes)  # type: ignore[arg-type]


def shell(name: str, script: str, **changes: object) -> manifest.Service:
    """A service that is a shell script."""
    service = manifest.Service(name=name, argv=("/bin/sh", "-c", script))
    return dataclasses.replace(service, **changes)  # type: ignore[arg-type]


class Cloud:
    """``make`` gives drivers over the same directory, as processes after each other
    have them; ``close`` ends everything that still runs."""

    def __init__(self, path: pathlib.Path) -> None:
        self.path = path / "state"
        self.layout = layout.Layout(self.path)
        self._java = fake_java(path)
        self._clusters: dict[str, model.Cluster] = {}
        self.infrastructure = self.make()

    def make(self, **options: object) -> driver.LocalInfrastructure:
        """A driver that knows nothing of the others."""
        software = packages.Packages(
            {}, archives.Archives(self.layout.packages), java.Java(str(self._java))
        )
        values: dict[str, object] = {
            "network": "127.64.0.0/10",
            "software": software,
            "log_file_bytes": 65536,
            **options,
        }
        return driver.LocalInfrastructure(self.path, **values)  # type: ignore[arg-type]

    def ensure(
        self,
        wanted: model.Cluster,
        manifests: Mapping[str, manifest.Manifest],
        secrets: Mapping[str, str] | None = None,
    ) -> model.Cluster:
        """The cluster with its nodes, once they follow."""
        done = settle(
            lambda: self.infrastructure.ensure(wanted, manifests, secrets or {})
        )
        return dataclasses.replace(wanted, instances=done.facts["instances"])

    def one(
        self, *services: manifest.Service, **contents: object
    ) -> tuple[model.Cluster, layout.Node]:
        """A cluster of the one node ``c-n-0`` with these services."""
        manifest_ = manifest.Manifest(services=services, **contents)  # type: ignore[arg-type]
        made = self.ensure(cluster("n"), {"c-n-0": manifest_})
        return made, self.layout.node(made.id, "c-n-0")

    def state(self, node: layout.Node, service: str) -> Mapping[str, object]:
        """What the supervisor says of a service."""
        state = files.read_json(node.state)
        entry: Mapping[str, object] = state["services"][service]
        return entry

    def ready(self, node: layout.Node, *services: str) -> None:
        """Wait for services to be ready."""
        for name in services:
            until(
                lambda name=name: self.state(node, name)["state"] == "ready",
                f"{name} is never ready: {self.state(node, name)}",
            )

    def pid(self, node: layout.Node, service: str) -> int:
        """The process of a service that runs."""
        pid = until(lambda: self.state(node, service)["pid"])
        assert isinstance(pid, int)
        return pid

    def close(self) -> None:
        """Delete every cluster, whatever state a test left it in."""
        for cluster_id in {owned.cluster_id for owned in self.make().list_owned()}:
            settle(lambda id=cluster_id: self.make().delete(cluster(id=id)))


def lives(pid: int) -> bool:
    """Whether a process runs (a zombie does not)."""
    return files.start_time(pid) is not None


def parent(pid: int) -> int:
    """The process that a process belongs to."""
    text = pathlib.Path(f"/proc/{pid}/stat").read_text()
    return int(text.rpartition(")")[2].split()[1])


def supervisors(path: pathlib.Path) -> list[int]:
    """The supervisors that run below a state path."""
    found = []
    for entry in pathlib.Path("/proc").iterdir():
        if entry.name.isdigit() and lives(int(entry.name)):
            try:
                words = (entry / "cmdline").read_bytes().split(b"\0")
            except (FileNotFoundError, ProcessLookupError):
                continue
            if words[3:4] == [processes.supervisor.__file__.encode()] and words[
                4
            ].startswith(os.fsencode(path)):
                found.append(int(entry.name))
    return found
