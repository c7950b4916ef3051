# SPDX-License-Identifier: Apache-2.0
"""SSH connections that are kept: one for each user of each node, made when needed."""

from __future__ import annotations

import collections
import dataclasses
import io
import socket
import threading
import time

import paramiko

from sparkaas import exceptions

#: The most connections that are kept; the one not used for longest goes first.
MOST = 512
_KEEPALIVE = 20
_KEY_TYPE = "ssh-ed25519"
#: Seconds in which a gateway that is there answers.
_PROBE = 2.0
#: What is left of a time that is over: libraries take 0 for endless, or for an error.
_LEAST = 0.01


@dataclasses.dataclass(frozen=True)
class Target:
    """Whom to connect to. ``host_key`` is the only key (``ssh-ed25519 AAAA...``) that
    it may show; ``via`` is the node through which it is reached."""

    host: str
    port: int
    user: str
    host_key: str
    private_key: str = dataclasses.field(repr=False)
    via: Target | None = None


class Connections:
    """Gives channels to targets. Safe for threads."""

    def __init__(self, connect_seconds: float) -> None:
        self._seconds = connect_seconds
        self._lock = threading.Lock()
        self._kept: collections.OrderedDict[Target, paramiko.Transport] = (
            collections.OrderedDict()
        )
        self._making: dict[Target, threading.Lock] = {}

    def channel(self, target: Target, deadline: float) -> paramiko.Channel:
        """A new session channel. Raises ``exceptions.Transient`` when the target
        cannot be reached in time, or is not the one meant."""
        end = time.monotonic() + min(deadline, self._seconds)
        transport = self._transport(target, end)
        try:
            return transport.open_session(timeout=_left(end))
        except paramiko.ChannelException as error:
            # It answers, and has other calls to see to: they keep the connection.
            raise _unreachable(target, error) from error
        except (paramiko.SSHException, OSError, EOFError) as error:
            self.drop(target)
            raise _unreachable(target, error) from error

    def drop(self, target: Target) -> None:
        """Close the connection to a target, if there is one."""
        with self._lock:
            transport = self._kept.pop(target, None)
        if transport is not None:
            transport.close()

    def close(self) -> None:
        """Close them all."""
        with self._lock:
            kept = list(self._kept.values())
            self._kept.clear()
        for transport in kept:
            transport.close()

    def _transport(self, target: Target, end: float) -> paramiko.Transport:
        with self._lock:
            making = self._making.setdefault(target, threading.Lock())
        if not making.acquire(timeout=_left(end)):
            raise _unreachable(target, TimeoutError("the time is over"))
        try:
            with self._lock:
                found = self._kept.get(target)
                if found is not None and found.is_active():
                    self._kept.move_to_end(target)
                    return found
            made = self._connect(target, end)
            old = []
            with self._lock:
                self._kept[target] = made
                while len(self._kept) > MOST:
                    gone, transport = self._kept.popitem(last=False)
                    self._making.pop(gone, None)
                    old.append(transport)
        finally:
            making.release()
        for transport in old:
            transport.close()
        return made

    def _connect(self, target: Target, end: float) -> paramiko.Transport:
        transport = None
        try:
            transport = paramiko.Transport(self._socket(target, end))
            transport.banner_timeout = _left(end)
            transport.get_security_options().key_types = [_KEY_TYPE]
            transport.start_client(timeout=_left(end))
            self._check(transport, target)
            key = paramiko.Ed25519Key.from_private_key(io.StringIO(target.private_key))
            transport.auth_timeout = _left(end)
            transport.auth_publickey(target.user, key)
            transport.set_keepalive(_KEEPALIVE)
            return transport
        except BaseException as error:
            if transport is not None:
                transport.close()
            if isinstance(error, paramiko.SSHException | OSError | EOFError):
                raise _unreachable(target, error) from error
            raise

    def _socket(self, target: Target, end: float) -> socket.socket | paramiko.Channel:
        address = (target.host, target.port)
        if target.via is None:
            return socket.create_connection(address, _left(end))
        gateway = self._transport(target.via, end)
        try:
            return gateway.open_channel(
                "direct-tcpip", address, ("127.0.0.1", 0), timeout=_left(end)
            )
        except paramiko.ChannelException:
            raise
        except paramiko.SSHException:
            # It did not say no: is it the target that keeps silent, or the gateway?
            self._probe(target.via, gateway)
            raise

    def _probe(self, gateway: Target, transport: paramiko.Transport) -> None:
        """Give up a connection over which nothing comes back."""
        try:
            transport.open_session(timeout=_PROBE).close()
        except paramiko.ChannelException:
            return
        except (paramiko.SSHException, OSError, EOFError):
            self.drop(gateway)

    @staticmethod
    def _check(transport: paramiko.Transport, target: Target) -> None:
        shown = transport.get_remote_server_key()
        if f"{shown.get_name()} {shown.get_base64()}" != target.host_key:
            raise exceptions.Transient(
                f"{target.host} shows another host key than the one that was made "
                "for it: it has not set itself up yet, or it is not the node.",
                code="HOST_KEY_MISMATCH",
            )


def _left(end: float) -> float:
    """Seconds until ``end``."""
    return max(end - time.monotonic(), _LEAST)


def _unreachable(target: Target, error: BaseException) -> exceptions.Transient:
    through = f" through {target.via.host}" if target.via else ""
    words = str(error) or type(error).__name__
    return exceptions.Transient(
        f"{target.host}{through} cannot be reached by SSH: {words[:300]}.",
        code="NODE_UNREACHABLE",
    )
