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


class _Server(wsgi.Server):  # type: ignore[misc]
    """cheroot with its complaints in our log."""

    def error_log(
        self, msg: str = "", level: int = logging.INFO, traceback: bool = False
    ) -> None:
        LOG.log(level, "%s%s", msg, f"\n{traceback_.format_exc()}" if traceback else "")


class Listener:
    """Accepts connections from the moment it is made; serves after ``start``."""

    def __init__(
        self, application: Callable[..., Any], host: str, port: int, threads: int
    ) -> None:
        self._server = _Server(
            (host, port),
            application,
            numthreads=threads,
            max=threads,
            server_name="sparkaas",
            request_queue_size=128,
            shutdown_timeout=_STOP_SECONDS,
        )
        try:
            self._server.prepare()
        except OSError as error:
            raise _explain(error, host, port) from error
        self._thread = threading.Thread(
            target=self._server.serve, name="http", daemon=True
        )

    @property
    def url(self) -> str:
        """Where it listens; the port is the real one when 0 was asked for."""
        host, port = self._server.bind_addr[:2]
        return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"

    def start(self) -> None:
        """Serve, in threads."""
        self._thread.start()

    def stop(self) -> None:
        """Take no more requests, let those under way end for a moment."""
        self._server.stop()
        if self._thread.is_alive():
            self._thread.join(timeout=_STOP_SECONDS)


def _explain(error: OSError, host: str, port: int) -> exceptions.SparkaasError:
    # cheroot tries every address of the host and sums up in one text.
    if error.errno == errno.EADDRINUSE or "in use" in str(error):
        return exceptions.Permanent(
            f"Port {port} on {host} is taken by another program.",
            hint="Choose another with --api-port, or 0 for any free one.",
        )
    return exceptions.Permanent(f"Cannot listen on {host} port {port}: {error}.")
