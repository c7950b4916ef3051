# SPDX-License-Identifier: Apache-2.0
"""Probes: is a service ready? They never block the supervisor, which ``accepts`` may:
for 0.2 seconds, while the address neither takes nor refuses a connection."""

from __future__ import annotations

import errno
import os
import selectors
import signal
import socket
import subprocess
import time
import urllib.parse
from collections.abc import Mapping
from typing import Any

from sparkaas.infra.local.supervisor import children

#: Seconds that one probe may take.
TIMEOUT = 5.0
#: And one look at another node, which is on this machine: a connection is made or
#: refused at once.
_INSTANT = 0.2


def accepts(endpoint: str) -> bool:
    """Whether ``ADDRESS:PORT`` accepts TCP. Blocks, for ``_INSTANT`` at the most."""
    address, _, port = endpoint.rpartition(":")
    try:
        with socket.create_connection((address, int(port)), _INSTANT):
            return True
    except OSError:
        return False


class Probe:
    """One look at a service. ``poll`` says True, False, or None: not known yet.

    A child has either a socket (``fileno``) or a process; both are let go by
    ``close``.
    """

    def __init__(self, selector: selectors.BaseSelector) -> None:
        self.deadline = time.monotonic() + TIMEOUT
        self._selector = selector

    def poll(self) -> bool | None:
        """The answer so far; past the deadline it is no."""
        answer = self._answer()
        if answer is None and time.monotonic() >= self.deadline:
            return False
        return answer

    def _answer(self) -> bool | None:
        raise AssertionError("each kind of probe has its own")

    def owns(self, pid: int) -> bool:
        """Whether a child that ended was this probe's."""
        return False

    def close(self) -> None:
        """Let go of what the probe holds."""


class SocketProbe(Probe):
    """A TCP connection; with ``request`` also the first line of an HTTP answer."""

    def __init__(
        self,
        selector: selectors.BaseSelector,
        address: str,
        port: int,
        request: bytes = b"",
    ) -> None:
        super().__init__(selector)
        self._request = request
        self._received = b""
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        self._socket = socket.socket(family, socket.SOCK_STREAM | socket.SOCK_NONBLOCK)
        self._error = self._socket.connect_ex((address, port))
        if self._error in (0, errno.EINPROGRESS):
            self._error = 0
            selector.register(self._socket, selectors.EVENT_WRITE)
        self._connected = False

    def _answer(self) -> bool | None:
        if self._error:
            return False
        if not self._connected:
            connected = self._connect()
            if connected is not None:
                return connected
        return self._read() if self._connected else None

    def _connect(self) -> bool | None:
        """True when that is all that was asked, False on failure."""
        self._error = self._socket.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if self._error:
            return False
        try:
            self._socket.getpeername()
        except OSError:
            return None
        self._connected = True
        if not self._request:
            return True
        self._selector.modify(self._socket, selectors.EVENT_READ)
        try:
            self._socket.send(self._request)
        except OSError:
            return False
        return None

    def _read(self) -> bool | None:
        try:
            data = self._socket.recv(4096)
        except BlockingIOError:
            return None
        except OSError:
            return False
        self._received += data
        line, end, _ = self._received.partition(b"\n")
        if not end and data and len(line) < 4096:
            return None
        words = line.split()
        return (
            len(words) >= 2 and words[0].startswith(b"HTTP/") and words[1][:1] == b"2"
        )

    def close(self) -> None:
        if self._socket in self._selector.get_map():
            self._selector.unregister(self._socket)
        self._socket.close()


class CommandProbe(Probe):
    """A command that must exit with 0."""

    def __init__(
        self,
        selector: selectors.BaseSelector,
        argv: list[str],
        environment: Mapping[str, str],
        directory: str,
    ) -> None:
        super().__init__(selector)
        self._process: subprocess.Popen[bytes] | None = None
        try:
            self._process = subprocess.Popen(
                argv,
                env=dict(environment),
                cwd=directory,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
                preexec_fn=children.die_with_parent,
            )
        except (OSError, subprocess.SubprocessError):
            self._process = None

    def _answer(self) -> bool | None:
        if self._process is None:
            return False
        code = self._process.poll()
        return None if code is None else code == 0

    def owns(self, pid: int) -> bool:
        return self._process is not None and self._process.pid == pid

    def close(self) -> None:
        if self._process is not None and self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()


def begin(
    selector: selectors.BaseSelector,
    probe: Mapping[str, Any],
    environment: Mapping[str, str],
    directory: str,
) -> Probe:
    """Start the look that ``probe`` (of ``services.json``) asks for."""
    if probe.get("command"):
        return CommandProbe(selector, list(probe["command"]), environment, directory)
    if probe.get("url"):
        url = urllib.parse.urlsplit(probe["url"])
        host = url.hostname or ""
        target = (url.path or "/") + (f"?{url.query}" if url.query else "")
        request = f"GET {target} HTTP/1.0\r\nHost: {url.netloc}\r\n\r\n".encode()
        return SocketProbe(selector, host, url.port or 80, request)
    return SocketProbe(selector, probe["address"], int(probe["port"]))


def describe(probe: Mapping[str, Any]) -> str:
    """What a service that is not ready does not do, as the end of a sentence."""
    if probe.get("command"):
        return f"{probe['command'][0]} does not succeed"
    if probe.get("url"):
        return f"{probe['url']} does not answer"
    return f"{probe['address']}:{probe['port']} does not accept connections"
