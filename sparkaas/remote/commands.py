# SPDX-License-Identifier: Apache-2.0
"""Runs a command on this machine to its end, within a deadline and bounded memory."""

from __future__ import annotations

import os
import selectors
import signal
import subprocess
import time
from collections.abc import Mapping
from collections.abc import Sequence

from sparkaas import exceptions
from sparkaas import interfaces

#: Each output is cut here; the rest is read and dropped.
OUTPUT_MOST = 1024 * 1024
_CHUNK = 64 * 1024


def run(
    argv: Sequence[str],
    *,
    environment: Mapping[str, str],
    directory: str,
    input: bytes,
    deadline: float,
) -> interfaces.Completed:
    """Raises ``exceptions.DeadlineExceeded`` after killing the command's process
    group; processes that left the group on purpose live on."""
    end = time.monotonic() + deadline
    try:
        process = subprocess.Popen(
            list(argv),
            env=dict(environment),
            cwd=directory,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            bufsize=0,
            start_new_session=True,
        )
    except (OSError, ValueError) as error:
        return interfaces.Completed(127, b"", f"{argv[0]}: {error}\n".encode())
    with process, _Exchange(process, input) as exchange:
        while not exchange.ended:
            left = end - time.monotonic()
            if left <= 0:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
                raise exceptions.DeadlineExceeded(
                    f"{argv[0]} took longer than {deadline:g} s."
                )
            exchange.step(left)
        process.wait()
        return interfaces.Completed(
            process.returncode, bytes(exchange.stdout), bytes(exchange.stderr)
        )


class _Exchange:
    """The process's three pipes and its end, in one selector.

    It is over when the process ends, not when its pipes close: a detached child
    may keep them open for hours.
    """

    def __init__(self, process: subprocess.Popen[bytes], input: bytes) -> None:
        self.ended = False
        self.stdout = bytearray()
        self.stderr = bytearray()
        self._process = process
        self._input = memoryview(input)
        self._selector = selectors.DefaultSelector()
        self._handle = os.pidfd_open(process.pid)
        self._selector.register(self._handle, selectors.EVENT_READ)
        self._outputs: dict[int, bytearray] = {}
        for stream, kept in (
            (process.stdout, self.stdout),
            (process.stderr, self.stderr),
        ):
            if stream is not None:
                os.set_blocking(stream.fileno(), False)
                self._outputs[stream.fileno()] = kept
                self._selector.register(stream.fileno(), selectors.EVENT_READ)
        if process.stdin is not None:
            os.set_blocking(process.stdin.fileno(), False)
            self._selector.register(process.stdin.fileno(), selectors.EVENT_WRITE)

    def __enter__(self) -> _Exchange:
        return self

    def __exit__(self, *error: object) -> None:
        self._selector.close()
        os.close(self._handle)

    def step(self, seconds: float) -> None:
        """Wait for something to happen, at most ``seconds``, and take part in it."""
        for key, _ in self._selector.select(seconds):
            if key.fd in self._outputs:
                self._receive(key.fd)
            elif key.fd == self._handle:
                self.ended = True
            else:
                self._send()
        if self.ended:
            for descriptor in list(self._outputs):
                while self._receive(descriptor):
                    pass

    def _receive(self, descriptor: int) -> bool:
        """Whether there may be more at once."""
        kept = self._outputs[descriptor]
        try:
            data = os.read(descriptor, _CHUNK)
        except BlockingIOError:
            return False
        if not data:
            self._selector.unregister(descriptor)
            del self._outputs[descriptor]
            return False
        kept += data[: max(0, OUTPUT_MOST - len(kept))]
        return True

    def _send(self) -> None:
        stream = self._process.stdin
        if stream is None:
            return
        try:
            written = os.write(stream.fileno(), self._input[:_CHUNK])
            self._input = self._input[written:]
        except BlockingIOError:
            return
        except BrokenPipeError:
            self._input = memoryview(b"")
        if not self._input:
            self._selector.unregister(stream.fileno())
            stream.close()
