# SPDX-License-Identifier: Apache-2.0
"""The way to nodes that are servers: SSH, to each through its cluster's gateway.

Keys derive from the cluster's seed, the nodes' host keys too, so that no connection is
made to anything else than the node that is meant. All that is asked of a node is asked
of the program ``sparkaas-node`` there, with what is asked on its stdin: the one line
that a shell sees is constant.
"""

from __future__ import annotations

import contextlib
import functools
import json
import select
import struct
import threading
import time
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any

import paramiko
from oslo_config import cfg

from sparkaas import exceptions
from sparkaas import interfaces
from sparkaas import keys
from sparkaas import manifest
from sparkaas import model
from sparkaas.remote import connections

#: What the login shell of a node is told, always.
_COMMAND = "/usr/local/sbin/sparkaas-node call"
#: Exit codes of the calls themselves (``sparkaas/node/calls.py``).
_LATE, _MISSING, _FAILED, _FULL = 120, 121, 122, 123
_MOST_OUTPUT = 1 << 20
_CHUNK = 1 << 15
#: Seconds that a node has to tell that the time is over, before nobody listens.
_GRACE = 3.0
_ROOT = "/opt/sparkaas/node"
_PACKAGES = "/var/lib/sparkaas/packages.json"


class SshRemote:
    """An ``interfaces.Remote`` for one node and user. ``addresses`` are what manifest
    symbols of that kind mean."""

    python = "/usr/bin/python3"

    def __init__(
        self,
        kept: connections.Connections,
        target: connections.Target,
        *,
        home: str,
        addresses: Mapping[str, str],
    ) -> None:
        self.work_directory = f"{home}/jobs"
        self._kept = kept
        self._target = target
        self._addresses = addresses

    def expand(self, text: str) -> str:
        """Raises ``exceptions.Permanent`` for a secret, or a symbol without meaning."""

        def resolve(kind: str, name: str) -> str:
            if kind == "package":
                return self._packages[name]
            known = {"address": self._addresses, "root": {"": _ROOT}}
            return known[kind][name]

        try:
            return manifest.render(text, resolve)
        except LookupError as error:
            raise exceptions.Permanent(
                f"{text} means nothing on this node: {error} is unknown."
            ) from error

    @functools.cached_property
    def _packages(self) -> Mapping[str, str]:
        """Where the node found its packages."""
        text = self.read_file(_PACKAGES, limit=_CHUNK, deadline=15)
        try:
            found = dict(json.loads(text))
        except ValueError as error:
            raise exceptions.Transient("The node's packages make no sense.") from error
        return {str(name): str(place) for name, place in found.items()}

    def run(
        self,
        argv: Sequence[str],
        *,
        deadline: float,
        environment: Mapping[str, str] | None = None,
        directory: str | None = None,
        input: bytes = b"",
    ) -> interfaces.Completed:
        """A command that cannot be started exits with 127, as from a shell."""
        header = {
            "call": "run",
            "argv": list(argv),
            "environment": dict(environment or {}),
            "directory": directory,
        }
        return self._call(header, [input], deadline, most=_MOST_OUTPUT)

    def write_file(
        self,
        path: str,
        chunks: Iterable[bytes],
        *,
        mode: int = 0o600,
        deadline: float,
    ) -> None:
        """The bytes go in pieces with their length before them, and an empty one at
        the end: a connection that breaks leaves the old file."""
        header = {"call": "write", "path": path, "mode": mode}
        self._done(self._call(header, _framed(chunks), deadline), path)

    def read_file(
        self, path: str, *, offset: int = 0, limit: int, deadline: float
    ) -> bytes:
        """Only plain files."""
        header = {"call": "read", "path": path, "offset": offset, "limit": limit}
        return self._done(self._call(header, (), deadline, most=limit), path)

    def fetch(self, url: str, *, limit: int, deadline: float) -> bytes:
        """Asked for on the node itself."""
        header = {"call": "fetch", "url": url, "limit": limit}
        made = self._call(header, (), deadline, most=limit)
        if made.exit_code:
            raise exceptions.Transient(f"{url}: {_words(made)}")
        return made.stdout

    def _done(self, made: interfaces.Completed, path: str) -> bytes:
        """What was read; raises for a call that failed."""
        if made.exit_code == _MISSING:
            raise exceptions.NotFound(f"There is no file {path}: {_words(made)}")
        if made.exit_code == _FULL:
            raise exceptions.Permanent(
                f"The disk with {path} is full.",
                code="DISK_FULL",
                hint="Take a flavor with a larger disk, or volumes.",
            )
        if made.exit_code:
            raise exceptions.Transient(f"{path}: {_words(made)}")
        return made.stdout

    def _call(
        self,
        header: Mapping[str, Any],
        input: Iterable[bytes],
        deadline: float,
        *,
        most: int = _MOST_OUTPUT,
    ) -> interfaces.Completed:
        """One call of ``sparkaas-node``, whatever its exit code."""
        what = header["argv"][0] if "argv" in header else header["call"]
        late = exceptions.DeadlineExceeded(
            f"{what} on {self._target.host} took longer than {deadline:g} s."
        )
        end = time.monotonic() + deadline
        line = json.dumps({**header, "deadline": deadline}).encode() + b"\n"
        channel = self._kept.channel(self._target, deadline)
        last = end + _GRACE
        try:
            with _watched(channel, last):
                channel.exec_command(_COMMAND)
                made = _exchange(channel, line, input, last, most)
        except (paramiko.SSHException, OSError, EOFError) as error:
            # Whatever holds it up must not hold up the next call.
            self._kept.drop(self._target)
            if time.monotonic() >= last:
                raise late from None
            raise exceptions.Transient(
                f"The connection to {self._target.host} broke: {error}."
            ) from error
        finally:
            channel.close()
        if made.exit_code == _LATE:
            raise late
        if made.exit_code < 0:
            raise exceptions.Transient(f"{self._target.host} ended the connection.")
        return made


def _framed(chunks: Iterable[bytes]) -> Iterator[bytes]:
    for chunk in chunks:
        if chunk:
            yield struct.pack(">I", len(chunk)) + chunk
    yield struct.pack(">I", 0)


def _words(made: interfaces.Completed) -> str:
    return made.stderr.decode(errors="replace").strip()[-300:] or "it failed."


@contextlib.contextmanager
def _watched(channel: paramiko.Channel, end: float) -> Iterator[None]:
    """Break the channel's connection at ``end``: some of paramiko's calls wait for an
    answer, or for room to send, and know no deadline."""
    transport = channel.get_transport()
    guard = threading.Timer(max(0.0, end - time.monotonic()), transport.close)
    guard.daemon = True
    guard.start()
    try:
        yield
    finally:
        guard.cancel()


def _exchange(
    channel: paramiko.Channel,
    line: bytes,
    input: Iterable[bytes],
    end: float,
    most: int,
) -> interfaces.Completed:
    """Send all, read all: at once, so that neither side waits for the other. Output
    past ``most`` bytes is read and dropped."""
    outputs = (bytearray(), bytearray())
    source = iter(input)
    pending: bytes | None = line
    poll = select.poll()
    poll.register(channel.fileno(), select.POLLIN)
    while (left := end - time.monotonic()) > 0:
        moved = False
        if pending is not None and channel.send_ready():
            if not pending:
                pending = next(source, None)
                if pending is None:
                    channel.shutdown_write()
            else:
                pending = pending[channel.send(pending[:_CHUNK]) :]
            moved = True
        for output, is_ready, receive in (
            (outputs[0], channel.recv_ready, channel.recv),
            (outputs[1], channel.recv_stderr_ready, channel.recv_stderr),
        ):
            if is_ready():
                data = receive(_CHUNK)
                output += data[: max(0, most - len(output))]
                moved = True
        if moved:
            continue
        if channel.exit_status_ready() and (channel.eof_received or channel.closed):
            code = channel.recv_exit_status()
            return interfaces.Completed(code, bytes(outputs[0]), bytes(outputs[1]))
        if channel.closed:
            return interfaces.Completed(-1, b"", b"")
        # While there is something to send, room for it does not wake the poll.
        poll.poll(min(left, 0.02 if pending is not None else 0.5) * 1000)
    raise TimeoutError


class SshReach:
    """An ``interfaces.Reach`` for clusters whose nodes are servers."""

    def __init__(
        self,
        secrets: interfaces.Secrets,
        *,
        port: int = 22,
        user: str = "spark",
        home: str = "/home/spark",
        connect_seconds: float = 10.0,
    ) -> None:
        self._secrets = secrets
        self._port = port
        self._user = user
        self._home = home
        self._kept = connections.Connections(connect_seconds)

    def to(self, cluster: model.Cluster, instance: model.Instance) -> SshRemote:
        """As the user of services and jobs."""
        return self._remote(cluster, instance, self._user, self._home)

    def administer(self, cluster: model.Cluster, instance: model.Instance) -> SshRemote:
        """As root."""
        return self._remote(cluster, instance, "root", "/root")

    def logins(self, cluster: model.Cluster) -> tuple[interfaces.Login, ...]:
        """None while the cluster has no keys."""
        reference = cluster.secret_refs.get(keys.REFERENCE)
        if reference is None:
            return ()
        seed = self._secrets.get(reference)[keys.SEED]
        gateway = _gateway(cluster)
        found = []
        for each in sorted(cluster.instances, key=lambda each: each.name):
            direct = gateway is None or gateway.name == each.name
            host = each.management_ip if direct else each.internal_ip
            if host is None:
                continue
            key = keys.public_key(keys.derive(seed, keys.host(each.name)))
            via = None if direct or gateway is None else gateway.name
            found.append(interfaces.Login(each.name, host, self._port, key, via))
        return tuple(found)

    def close(self) -> None:
        """Close all connections."""
        self._kept.close()

    def _remote(
        self, cluster: model.Cluster, instance: model.Instance, user: str, home: str
    ) -> SshRemote:
        reference = cluster.secret_refs.get(keys.REFERENCE)
        if reference is None:
            raise exceptions.Transient("The cluster's keys are not made yet.")
        seed = self._secrets.get(reference)[keys.SEED]
        gateway = _gateway(cluster)
        through = None
        if gateway is not None and gateway.name != instance.name:
            through = self._target(seed, gateway, self._user)
        return SshRemote(
            self._kept,
            self._target(seed, instance, user, through),
            home=home,
            addresses={
                one.name: one.internal_ip
                for one in cluster.instances
                if one.internal_ip is not None
            },
        )

    def _target(
        self,
        seed: str,
        instance: model.Instance,
        user: str,
        via: connections.Target | None = None,
    ) -> connections.Target:
        inside, outside = instance.internal_ip, instance.management_ip
        host = outside if via is None else inside
        if host is None:
            raise exceptions.Transient(f"{instance.name} has no address yet.")
        return connections.Target(
            host=host,
            port=self._port,
            user=user,
            host_key=keys.public_key(keys.derive(seed, keys.host(instance.name))),
            private_key=keys.private_key(keys.derive(seed, keys.MANAGEMENT)),
            via=via,
        )


def _gateway(cluster: model.Cluster) -> model.Instance | None:
    """The node through which the others are reached: a proxy gateway, else one that
    has an address outside the cluster's network; None: all are reached directly."""
    groups = {group.id: group for group in cluster.node_groups}
    open_ = [
        each
        for each in sorted(cluster.instances, key=lambda each: each.name)
        if each.management_ip not in (None, each.internal_ip)
    ]
    proxies = [
        each
        for each in open_
        if each.node_group_id in groups and groups[each.node_group_id].is_proxy_gateway
    ]
    return next(iter(proxies or open_), None)


def from_conf(conf: cfg.ConfigOpts, secrets: interfaces.Secrets) -> SshReach:
    """The way to clusters of the driver ``openstack``."""
    return SshReach(secrets)
