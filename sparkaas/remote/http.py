# SPDX-License-Identifier: Apache-2.0
"""One GET, straight to the server, bounded in time and size as a whole."""

from __future__ import annotations

import http.client
import socket
import threading
import urllib.parse

from sparkaas import exceptions

_REDIRECTIONS = frozenset({301, 302, 303, 307, 308})
_HOPS_MOST = 3
_CHUNK = 64 * 1024


def fetch(url: str, *, limit: int, deadline: float) -> bytes:
    """The body of a 2xx answer. Raises ``exceptions.DeadlineExceeded``, or
    ``exceptions.Transient`` for any other answer or none."""
    with _Alarm(deadline) as alarm:
        for _ in range(_HOPS_MOST):
            try:
                body, location = _get(url, limit, alarm)
            except (OSError, http.client.HTTPException, ValueError) as error:
                alarm.check(url)
                raise exceptions.Transient(
                    f"{url} does not answer: {error}."
                ) from error
            alarm.check(url)
            if location is None:
                return body
            url = _next(url, location)
    raise exceptions.Transient(f"{url} redirects too often.")


class _Alarm:
    """Shuts the connection down when the time is over, whatever it is doing: a
    server that sends a byte now and then must not hold anybody up."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._rung = False
        self._socket: socket.socket | None = None
        self._lock = threading.Lock()
        self._timer = threading.Timer(seconds, self._ring)
        self._timer.daemon = True

    def __enter__(self) -> _Alarm:
        self._timer.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._timer.cancel()

    def watch(self, connected: socket.socket | None) -> None:
        """The connection to shut down; None: it is closed."""
        with self._lock:
            self._socket = connected
            if connected is not None and self._rung:
                raise TimeoutError("too late")

    def check(self, url: str) -> None:
        """Raise ``exceptions.DeadlineExceeded`` when the time is over."""
        if self._rung:
            raise exceptions.DeadlineExceeded(
                f"{url} took longer than {self.seconds:g} s."
            )

    def _ring(self) -> None:
        with self._lock:
            self._rung = True
            if self._socket is not None:
                try:
                    self._socket.shutdown(socket.SHUT_RDWR)
                except OSError:
                    return


def _get(url: str, limit: int, alarm: _Alarm) -> tuple[bytes, str | None]:
    """The body of a good answer, or where it says to look instead."""
    parts = urllib.parse.urlsplit(url)
    if parts.scheme != "http" or not parts.hostname:
        raise ValueError("not an http URL")
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    connection = http.client.HTTPConnection(
        parts.hostname, parts.port or 80, timeout=alarm.seconds
    )
    try:
        connection.connect()
        alarm.watch(connection.sock)
        connection.request("GET", target, headers={"Connection": "close"})
        answer = connection.getresponse()
        location = answer.getheader("Location")
        if answer.status in _REDIRECTIONS and location:
            return b"", location
        if not 200 <= answer.status < 300:
            raise exceptions.Transient(f"{url} answers {answer.status}.")
        return _body(answer, url, limit), None
    finally:
        alarm.watch(None)
        connection.close()


def _body(answer: http.client.HTTPResponse, url: str, limit: int) -> bytes:
    body = bytearray()
    while part := answer.read(_CHUNK):
        body += part
        if len(body) > limit:
            raise exceptions.Transient(f"{url} answers more than {limit} bytes.")
    if answer.length:
        raise http.client.IncompleteRead(bytes(body), answer.length)
    return bytes(body)


def _next(url: str, location: str) -> str:
    there = urllib.parse.urljoin(url, location)
    if urllib.parse.urlsplit(there)[:2] != urllib.parse.urlsplit(url)[:2]:
        raise exceptions.Transient(f"{url} sends elsewhere.")
    return there
