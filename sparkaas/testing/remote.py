# SPDX-License-Identifier: Apache-2.0
"""The way to nodes in memory."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence

from sparkaas import exceptions
from sparkaas import interfaces
from sparkaas import manifest
from sparkaas import model
from sparkaas.testing import infrastructure as fake_infrastructure
from sparkaas.testing import node as fake_node

#: What a command does: (node, argv without the name, input, deadline) -> result.
Command = Callable[
    [fake_node.FakeNode, Sequence[str], bytes, float], interfaces.Completed
]


def _echo(
    node: fake_node.FakeNode, words: Sequence[str], input: bytes, deadline: float
) -> interfaces.Completed:
    return interfaces.Completed(0, f"{' '.join(words)}\n".encode(), b"")


def _cat(
    node: fake_node.FakeNode, words: Sequence[str], input: bytes, deadline: float
) -> interfaces.Completed:
    if not words:
        return interfaces.Completed(0, input, b"")
    missing = [path for path in words if path not in node.files]
    if missing:
        return interfaces.Completed(1, b"", f"cat: {missing[0]}: missing\n".encode())
    return interfaces.Completed(0, b"".join(node.files[path] for path in words), b"")


def _rm(
    node: fake_node.FakeNode, words: Sequence[str], input: bytes, deadline: float
) -> interfaces.Completed:
    for word in words:
        if not word.startswith("-"):
            for path in list(node.files):
                if path == word or path.startswith(f"{word}/"):
                    del node.files[path]
            node.drivers.pop(word, None)
    return interfaces.Completed(0, b"", b"")


def _mv(
    node: fake_node.FakeNode, words: Sequence[str], input: bytes, deadline: float
) -> interfaces.Completed:
    source, target = words[-2:]
    if source not in node.files:
        return interfaces.Completed(1, b"", f"mv: {source}: missing\n".encode())
    node.files[target] = node.files.pop(source)
    return interfaces.Completed(0, b"", b"")


def _sleep(
    node: fake_node.FakeNode, words: Sequence[str], input: bytes, deadline: float
) -> interfaces.Completed:
    if float(words[0]) > deadline:
        raise exceptions.DeadlineExceeded(f"sleep took longer than {deadline} seconds")
    return interfaces.Completed(0, b"", b"")


def _exit(code: int) -> Command:
    return lambda node, words, input, deadline: interfaces.Completed(code, b"", b"")


COMMANDS: dict[str, Command] = {
    "echo": _echo,
    "cat": _cat,
    "mv": _mv,
    "rm": _rm,
    "sleep": _sleep,
    "true": _exit(0),
    "false": _exit(1),
}


class FakeRemote:
    """An ``interfaces.Remote`` to one ``FakeNode``. Knows the commands of its table
    ``commands``; each command that ran is in ``FakeReach.ran``."""

    python = "python3"
    work_directory = "/srv/jobs"

    def __init__(
        self,
        reach: FakeReach,
        cluster: model.Cluster,
        node: fake_node.FakeNode,
    ) -> None:
        self.node = node
        self.commands = {**COMMANDS, **reach.commands}
        self._reach = reach
        self._cluster = cluster

    def expand(self, text: str) -> str:
        def resolve(kind: str, name: str) -> str:
            if kind == "root":
                return ""
            if kind == "package":
                return f"/opt/{name}"
            if kind == "address":
                node = self._reach.infrastructure.node(self._cluster.id, name)
                return node.address
            raise LookupError(f"no symbol {kind} here")

        return manifest.render(text, resolve)

    def run(
        self,
        argv: Sequence[str],
        *,
        deadline: float,
        environment: Mapping[str, str] | None = None,
        directory: str | None = None,
        input: bytes = b"",
    ) -> interfaces.Completed:
        self._look()
        if argv[0] not in self.commands:
            return interfaces.Completed(127, b"", f"{argv[0]}: unknown\n".encode())
        self._point(f"before run {argv[0]}")
        with self._reach.infrastructure.lock:
            result = self.commands[argv[0]](self.node, argv[1:], input, deadline)
        self._reach.ran.append((self.node.name, tuple(argv)))
        self._point(f"after run {argv[0]}")
        return result

    def write_file(
        self,
        path: str,
        chunks: Iterable[bytes],
        *,
        mode: int = 0o600,
        deadline: float,
    ) -> None:
        self._look()
        data = b"".join(chunks)
        self._point("before write_file")
        self.node.files[path] = data
        self.node.modes[path] = mode
        self._point("after write_file")

    def read_file(
        self, path: str, *, offset: int = 0, limit: int, deadline: float
    ) -> bytes:
        self._look()
        if path not in self.node.files:
            raise exceptions.NotFound(f"There is no file {path}")
        return self.node.files[path][offset : offset + limit]

    def fetch(self, url: str, *, limit: int, deadline: float) -> bytes:
        self._look()
        page = self.node.pages.get(url)
        if page is None:
            raise exceptions.Transient(f"{url} does not answer.")
        if len(page) > limit:
            raise exceptions.Transient(f"{url} answers more than {limit} bytes.")
        return page

    def start_driver(
        self, job_id: str, directory: str, script: fake_node.Script
    ) -> None:
        """Start a driver, whether or not there is one (``FakeEngine`` looks first)."""
        infrastructure = self._reach.infrastructure
        self._point("before start driver")
        with infrastructure.lock:
            driver = fake_node.FakeDriver(script, infrastructure.clock.now())
            self.node.drivers[directory] = driver
            infrastructure.starts[job_id] += 1
            self.node.advance(infrastructure.clock.now())
        self._point("after start driver")

    def signal_driver(self, directory: str, kill: bool) -> None:
        """Ask the driver of that directory to end; none is fine."""
        self._look()
        self._point("before signal")
        if directory in self.node.drivers:
            self.node.drivers[directory].signal(kill)
        self._point("after signal")

    def driver(self, directory: str) -> fake_node.FakeDriver | None:
        """The driver of that directory as it is now."""
        self._look()
        return self.node.drivers.get(directory)

    def _look(self) -> None:
        self._reach.check(self.node.name)
        infrastructure = self._reach.infrastructure
        with infrastructure.lock:
            if self.node.instance_id not in infrastructure.nodes:
                raise exceptions.Transient(f"{self.node.name} does not answer.")
            self.node.advance(infrastructure.clock.now())

    def _point(self, name: str) -> None:
        self._reach.infrastructure.point(name)


class FakeReach:
    """An ``interfaces.Reach`` into a ``FakeInfrastructure``. Nodes whose names are in
    ``unreachable`` do not answer; ``commands`` are what they know beside the table."""

    def __init__(self, infrastructure: fake_infrastructure.FakeInfrastructure) -> None:
        self.infrastructure = infrastructure
        self.unreachable: set[str] = set()
        self.ran: list[tuple[str, tuple[str, ...]]] = []
        self.commands: dict[str, Command] = {}

    def to(self, cluster: model.Cluster, instance: model.Instance) -> FakeRemote:
        self.check(instance.name)
        try:
            node = self.infrastructure.node(cluster.id, instance.name)
        except LookupError:
            raise exceptions.Transient(f"{instance.name} does not answer.") from None
        return FakeRemote(self, cluster, node)

    def administer(
        self, cluster: model.Cluster, instance: model.Instance
    ) -> FakeRemote:
        return self.to(cluster, instance)

    def logins(self, cluster: model.Cluster) -> tuple[interfaces.Login, ...]:
        """All through the first, by keys that are none."""
        nodes = sorted(cluster.instances, key=lambda each: each.name)
        return tuple(
            interfaces.Login(
                name=each.name,
                host=each.internal_ip or "",
                host_key=f"ssh-ed25519 {each.name.replace('-', '/')}",
                via=None if each is nodes[0] else nodes[0].name,
            )
            for each in nodes
        )

    def check(self, name: str) -> None:
        """Raise ``Transient`` for a node out of reach."""
        if name in self.unreachable:
            raise exceptions.Transient(f"{name} does not answer.")
