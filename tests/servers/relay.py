# SPDX-License-Identifier: Apache-2.0
"""A way to a TCP server that can be cut, or fall silent, in the middle of anything."""

import contextlib
import socket
import threading
from collections.abc import Iterator

_CHUNK = 1 << 16


class Relay:
    """Passes bytes on both ways between its own ``port`` and a server's."""

    def __init__(self, target: int, address: str = "127.0.0.1") -> None:
        self._target = ("127.0.0.1", target)
        self._listening = socket.create_server((address, 0))
        self.port: int = self._listening.getsockname()[1]
        #: Connections so far.
        self.count = 0
        self._lock = threading.Lock()
        self._ends: list[socket.socket] = []
        self._flows = threading.Event()
        self._flows.set()
        self._threads = [threading.Thread(target=self._accept)]
        self._threads[0].start()

    def cut(self) -> None:
        """Break every connection that there is."""
        with self._lock:
            ends, self._ends = self._ends, []
        for end in ends:
            # The thread that reads it sees that; closing would leave it waiting.
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def freeze(self) -> None:
        """Pass nothing on: connections stay open, new ones are taken."""
        self._flows.clear()

    def thaw(self) -> None:
        """Go on."""
        self._flows.set()

    def close(self) -> None:
        """Stop; again is fine."""
        with contextlib.suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)
        self.thaw()
        self.cut()
        for thread in self._threads:
            thread.join()
        self._listening.close()

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listening.accept()
            except OSError:
                return
            far = socket.create_connection(self._target)
            with self._lock:
                self.count += 1
                self._ends += [near, far]
            pair = _Pair(near, far)
            for ends in ((near, far), (far, near)):
                thread = threading.Thread(target=self._pass_on, args=(*ends, pair))
                self._threads.append(thread)
                thread.start()

    def _pass_on(self, source: socket.socket, sink: socket.socket, pair: "_Pair"):
        with contextlib.suppress(OSError):
            while data := source.recv(_CHUNK):
                self._flows.wait()
                sink.sendall(data)
        with contextlib.suppress(OSError):
            sink.shutdown(socket.SHUT_RDWR)
        pair.done()


class _Pair:
    """Closes two sockets when both who read them are done."""

    def __init__(self, *ends: socket.socket) -> None:
        self._ends = ends
        self._left = 2
        self._lock = threading.Lock()

    def done(self) -> None:
        with self._lock:
            self._left -= 1
            if self._left == 0:
                for end in self._ends:
                    end.close()


@contextlib.contextmanager
def to(port: int, address: str = "127.0.0.1") -> Iterator[Relay]:
    """A relay to a server on the loopback interface."""
    relay = Relay(port, address)
    try:
        yield relay
    finally:
        relay.close()
