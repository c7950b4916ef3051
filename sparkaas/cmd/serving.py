# SPDX-License-Identifier: Apache-2.0
"""A WSGI application behind cheroot's threaded HTTP server."""

from __future__ import annotations

import errno
import ipaddress
import logging
import socket
import threading
import traceback as traceback_
from collections.abc import Callable
from typing import Any

from cheroot import wsgi

from sparkaas import exceptions

LOG = logging.getLogger(__name__)

#: Seconds that requests under way have at a stop; long polls are cut off.
_STOP_SECONDS = 2
_BACKLOG = 128


def is_loopback(host: str) -> bool:
    """Whether every address that ``host`` stands for reaches this machine only."""
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except socket.gaierror:
        return False
    addresses = {str(entry[4][0]).partition("%")[0] for entry in found}
    return all(ipaddress.ip_address(address).is_loopback for address in addresses)


def refuse_open_door(auth: str, host: str) -> None:
    """A single token in a file protects one person's machine, not a network."""
    if auth == "token" and not is_loopback(host):
        raise exceptions.Permanent(
            f"Refusing to listen on {host} with auth = token.",
            hint="Listen on 127.0.0.1, or use Keystone: [api] auth = keystone.",
        )


class _Server(wsgi.Server):
    """cheroot on a socket bound by us, with its complaints in our log."""

    def __init__(self, bound: socket.socket, *args: Any, **options: Any) -> None:
        super().__init__(bound.getsockname()[:2], *args, **options)
        self._bound = bound

    def bind(self, family: int, type: int, proto: int = 0) -> socket.socket:
        # cheroot's own leaves a socket open when the port is taken.
        self.socket = self._bound
        return self._bound

    def error_log(
        self, msg: str = "", level: int = logging.INFO, traceback: bool = False
    ) -> None:
        LOG.log(level, "%s%s", msg, f"\n{traceback_.format_exc()}" if traceback else "")


def bind(host: str, port: int) -> socket.socket:
    """A listening socket; raises ``exceptions.Permanent``."""
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        bound = socket.create_server((host, port), family=family, backlog=_BACKLOG)
        # An accepted connection inherits it. Without, the body of an answer waits
        # until the client has acknowledged the head: 40 ms.
        bound.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return bound
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise exceptions.Permanent(
                f"Port {port} on {host} is taken by another program.",
                hint="Choose another with --api-port, or 0 for any free one.",
            ) from error
        raise exceptions.Permanent(
            f"Cannot listen on {host} port {port}: {error.strerror}."
        ) from error


class Listener:
    """Takes connections from the moment it is made; answers after ``start``."""

    def __init__(
        self, application: Callable[..., Any], host: str, port: int, threads: int
    ) -> None:
        self._server = _Server(
            bind(host, port),
            application,
            numthreads=threads,
            max=threads,
            server_name="sparkaas",
            request_queue_size=_BACKLOG,
            shutdown_timeout=_STOP_SECONDS,
        )

    @property
    def url(self) -> str:
        """Where it listens; the port is the real one when 0 was asked for."""
        host, port = self._server.bind_addr
        return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"

    def start(self) -> None:
        """Serve, in threads. They are daemons, as threads of a daemon are, or a
        request that waits would keep the process from ending."""
        # In this thread, so that whoever starts the server hears why it cannot.
        self._server.prepare()
        threading.Thread(target=self._server.serve, name="http", daemon=True).start()

    def stop(self) -> None:
        """Take no more requests; those under way have a moment to end."""
        stopper = threading.Thread(target=self._server.stop, daemon=True)
        stopper.start()
        stopper.join(timeout=_STOP_SECONDS + 1)
