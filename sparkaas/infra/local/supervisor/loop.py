# SPDX-License-Identifier: Apache-2.0
"""The supervisor's loop: one thread, one selector, everything of one node."""

from __future__ import annotations

import os
import pathlib
import selectors
import signal
import time
import traceback
from typing import Any

from sparkaas.infra.local.supervisor import children
from sparkaas.infra.local.supervisor import files
from sparkaas.infra.local.supervisor import logs
from sparkaas.infra.local.supervisor import service

#: The loop looks at least this often (seconds), should a wake-up be lost.
_LONGEST = 1.0


class Supervisor:
    """Runs what ``services.json`` in the node's directory says."""

    def __init__(self, node: pathlib.Path) -> None:
        self._node = node
        self._selector = selectors.DefaultSelector()
        self._services: dict[str, service.Service] = {}
        self._digest = ""
        self._revision = ""
        self._written: Any = None
        self._reload = False
        self._stop = False

    def open(self) -> None:
        """Read what to run and say so; raises ``OSError``, ``ValueError`` and the like
        when that cannot be done."""
        reader, writer = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        self._selector.register(reader, selectors.EVENT_READ)
        signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.signal(signal.SIGHUP, self._on_reload)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._on_stop)
        self._read()
        self._tell()
        pid = os.getpid()
        value = {"pid": pid, "start": files.start_time(pid)}
        files.write_json(self._node / files.PROCESS, value)

    def run(self) -> None:
        """Until told to stop and everything has ended."""
        while True:
            now = time.monotonic()
            if self._reload and not self._stop:
                self._reload = False
                self._read_again()
            if self._stop:
                for one in self._services.values():
                    if not one.leaving:
                        one.leave(now)
            self._reap(now)
            self._tick(now)
            self._try_to_tell()
            if self._stop and not self._services:
                self._end_orphans()
                return
            self._wait()

    def _on_reload(self, *_: object) -> None:
        self._reload = True

    def _on_stop(self, *_: object) -> None:
        self._stop = True

    def _read(self) -> None:
        """Take up ``services.json``, changing only what differs."""
        value = files.read_json(self._node / files.SERVICES)
        specs = [service.Spec.load(entry) for entry in value["services"]]
        limit = int(value["log_file_bytes"])
        now = time.monotonic()
        for name, one in self._services.items():
            if name not in {spec.name for spec in specs}:
                one.leave(now)
        for spec in specs:
            had = self._services.get(spec.name)
            if had is None:
                path = self._node / files.LOGS / f"{spec.name}.log"
                log = logs.Log(path, limit)
                self._services[spec.name] = service.Service(spec, log, self._selector)
            else:
                had.log.limit = limit
                if had.leaving or (had.replacement or had.spec) != spec:
                    had.become(spec, now)
        self._digest = str(value["digest"])
        self._revision = str(value["revision"])

    def _read_again(self) -> None:
        """What cannot be read leaves everything as it is; the driver sees that from
        the digest."""
        try:
            self._read()
        except (OSError, KeyError, TypeError, ValueError):
            traceback.print_exc()

    def _reap(self, now: float) -> None:
        while True:
            try:
                found = os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
            except ChildProcessError:
                return
            if found is None:
                return
            for one in self._services.values():
                if one.process is not None and one.process.pid == found.si_pid:
                    one.ended(now)
                    break
                if one.probe is not None and one.probe.owns(found.si_pid):
                    one.probe.poll()
                    break
            else:
                # A grandchild that outlived its parent.
                os.waitpid(found.si_pid, os.WNOHANG)

    def _tick(self, now: float) -> None:
        ended = service.Phase.ENDED
        for name, one in list(self._services.items()):
            if one.leaving and one.phase is ended:
                one.log.close()
                del self._services[name]
        # One that is gone from the node holds nobody up.
        here = self._services
        absent = {n for one in here.values() for n in one.spec.after if n not in here}
        before: set[str] | None = None
        while before != (ready := {n for n, one in here.items() if one.ready}):
            before = ready
            for one in here.values():
                one.tick(now, frozenset(ready | absent))

    def _tell(self) -> None:
        """Write ``state.json`` if it changed."""
        value = {
            "digest": self._digest,
            "revision": self._revision,
            "services": {name: one.state() for name, one in self._services.items()},
        }
        if value != self._written:
            files.write_json(self._node / files.STATE, value)
            self._written = value

    def _try_to_tell(self) -> None:
        """A full disk must not end the services: the loop comes back soon."""
        try:
            self._tell()
        except OSError:
            self._written = None

    def _wait(self) -> None:
        now = time.monotonic()
        due = min((one.due(now) for one in self._services.values()), default=now + 1)
        for key, _ in self._selector.select(min(_LONGEST, max(0.0, due - now))):
            if isinstance(key.data, service.Service):
                key.data.pump()
            elif isinstance(key.fileobj, int):
                self._drain(key.fileobj)

    @staticmethod
    def _drain(descriptor: int) -> None:
        try:
            while os.read(descriptor, 4096):
                pass
        except BlockingIOError:
            return

    @staticmethod
    def _end_orphans() -> None:
        """Kill what left its service's process group and outlived it."""
        while left := children.of(os.getpid()):
            for pid in left:
                os.kill(pid, signal.SIGKILL)
                os.waitpid(pid, 0)
