# SPDX-License-Identifier: Apache-2.0
"""One supervised service: started, watched, restarted, stopped."""

from __future__ import annotations

import dataclasses
import enum
import os
import selectors
import signal
import subprocess
from collections.abc import Mapping
from typing import Any

from sparkaas.infra.local.supervisor import children
from sparkaas.infra.local.supervisor import files
from sparkaas.infra.local.supervisor import logs
from sparkaas.infra.local.supervisor import probes
from sparkaas.infra.local.supervisor import temporary

#: Seconds before the first restart; each further one doubles it, up to the most.
BACKOFF_FIRST = 0.5
BACKOFF_MOST = 30.0
#: A service that ran this long before it ended starts afresh in backoff.
LONG_RUN = 30.0
#: From this many short runs in a row on, a service counts as failed.
FAILED_AFTER = 3
#: A service without a probe is ready when it has run this long.
READY_WITHOUT_PROBE = 1.0
#: Seconds between two looks: while it starts, when it is ready, when it was ready
#: and did not answer the last time.
PROBE_STARTING = 0.15
PROBE_READY = 5.0
PROBE_DOUBT = 1.0
#: A ready service that fails so many looks in a row is no longer ready.
PROBE_FAILURES = 3
#: Seconds that others have to answer before a service that awaits them starts anyway.
PATIENCE = 60.0

_CHUNK = 64 * 1024


class Phase(enum.Enum):
    """Where a service is in its life."""

    PENDING = "waits for others, or for its backoff"
    RUNNING = "has a process"
    STOPPING = "has a process that was told to end"
    ENDED = "will not run again"


@dataclasses.dataclass(frozen=True)
class Spec:
    """A service as ``services.json`` has it; ``stamp`` changes when a file of the
    node does, so that an unequal spec means a restart."""

    name: str
    argv: tuple[str, ...]
    environment: Mapping[str, str]
    directory: str
    temporary: str
    restart: str
    probe: Mapping[str, Any] | None
    after: tuple[str, ...]
    awaits: tuple[str, ...]
    stop_seconds: float
    stamp: str

    @classmethod
    def load(cls, entry: Mapping[str, Any]) -> Spec:
        """From JSON; raises ``KeyError`` or ``TypeError`` for something else."""
        entry = {"awaits": (), "temporary": "", **entry}  # an older file has none
        values = {field.name: entry[field.name] for field in dataclasses.fields(cls)}
        values["argv"] = tuple(values["argv"])
        values["after"] = tuple(values["after"])
        values["awaits"] = tuple(values["awaits"])
        return cls(**values)


class Service:
    """Driven by the supervisor: ``tick`` regularly, ``pump`` when there is output,
    ``ended`` when its process did."""

    def __init__(
        self, spec: Spec, log: logs.Log, selector: selectors.BaseSelector
    ) -> None:
        self.spec = spec
        self.log = log
        self.phase = Phase.PENDING
        self.ready = False
        self.process: subprocess.Popen[bytes] | None = None
        self.probe: probes.Probe | None = None
        #: Takes the place of ``spec`` once the process has ended.
        self.replacement: Spec | None = None
        #: Does not run again once the process has ended.
        self.leaving = False
        self._selector = selector
        self._started_at = 0.0
        self._start_ticks: int | None = None
        self._next = 0.0
        self._kill_at = 0.0
        self._failures = 0
        self._bad_looks = 0
        self._restarts = 0
        self._exit: int | None = None
        self._place = temporary.Place()
        self._awaited: tuple[str, ...] = ()
        #: Until when it waits for other nodes; 0 while it does not.
        self._patient_until = 0.0
        #: How its last run ended, and what its probe said; forgotten when ready.
        self._ending = ""
        self._looks = ""

    # What the supervisor calls

    def tick(self, now: float, ready: frozenset[str]) -> None:
        """Do what is due at ``now`` (monotonic seconds); ``ready`` names the services
        that are."""
        if self.phase is Phase.PENDING:
            self._awaited = tuple(n for n in self.spec.after if n not in ready)
            if now >= self._next and not self._awaited:
                self._start_unless_held_up(now)
        elif self.phase is Phase.RUNNING:
            self._look(now)
        elif self.phase is Phase.STOPPING and now >= self._kill_at:
            self._signal(signal.SIGKILL)
            self._kill_at = now + BACKOFF_FIRST

    def due(self, now: float) -> float:
        """When ``tick`` has something to do next (monotonic seconds)."""
        if self.phase is Phase.STOPPING:
            return self._kill_at
        if self.phase is Phase.ENDED or (self._awaited and now >= self._next):
            return float("inf")
        if self.probe is not None:
            return self.probe.deadline
        return self._next

    def stop(self, now: float) -> None:
        """Tell the service's processes to end; force them after ``stop_seconds``."""
        self._drop_probe()
        self.ready = False
        if self.phase is Phase.RUNNING:
            self.phase = Phase.STOPPING
            self._kill_at = now + self.spec.stop_seconds
            self._signal(signal.SIGTERM)
        elif self.phase is Phase.PENDING:
            self._settle(now)

    def leave(self, now: float) -> None:
        """Stop for good."""
        self.leaving = True
        self.replacement = None
        self.stop(now)

    def become(self, spec: Spec, now: float) -> None:
        """Run as ``spec`` from now on: at once when nothing runs."""
        self.leaving = False
        self.replacement = spec
        if self.phase is Phase.ENDED:
            self._settle(now)
        else:
            self.stop(now)

    def pump(self) -> None:
        """Move output that is there to the log."""
        process = self.process
        if process is None or process.stdout is None or process.stdout.closed:
            return
        for _ in range(16):
            try:
                data = os.read(process.stdout.fileno(), _CHUNK)
            except BlockingIOError:
                return
            if not data:
                self._selector.unregister(process.stdout)
                process.stdout.close()
                return
            self.log.write(data)

    def ended(self, now: float) -> None:
        """The process has ended and waits to be reaped: end its whole group while
        the group's number is still ours, then decide what comes next."""
        process = self.process
        if process is None:
            return
        self._signal(signal.SIGKILL)
        self.pump()
        if process.stdout is not None and not process.stdout.closed:
            self._selector.unregister(process.stdout)
            process.stdout.close()
        self._exit = process.wait()
        self.process = None
        self._start_ticks = None
        self._drop_probe()
        self.ready = False
        if self.phase is Phase.STOPPING:
            self._settle(now)
        elif self.spec.restart == "always":
            self._failed(now, self._why_ended())
        else:
            self.phase = Phase.ENDED
            self.ready = self._exit == 0
            self._ending = "" if self.ready else self._why_ended()

    def state(self) -> dict[str, Any]:
        """The service's entry in ``state.json``."""
        if self.ready:
            word = "ready"
        elif self.phase is Phase.ENDED or self._failures >= FAILED_AFTER:
            word = "failed"
        else:
            word = "failed" if self._bad_looks >= PROBE_FAILURES else "starting"
        return {
            "state": word,
            "detail": self._detail(),
            "pid": None if self.process is None else self.process.pid,
            "start": self._start_ticks,
            "restarts": self._restarts,
            "exit": self._exit,
        }

    # Inside

    def _detail(self) -> str:
        if self.ready:
            return ""
        if self.phase is Phase.PENDING and self._awaited:
            return f"It waits for {', '.join(self._awaited)}."
        return self._ending or self._looks

    def _start_unless_held_up(self, now: float) -> None:
        self._patient_until = self._patient_until or now + PATIENCE
        silent = [each for each in self.spec.awaits if not probes.accepts(each)]
        if silent and now < self._patient_until:
            self._looks = f"It waits for {', '.join(silent)}."
            self._next = now + PROBE_STARTING
        else:
            self._patient_until = 0.0
            self._start(now)

    def _start(self, now: float) -> None:
        self._looks = ""
        try:
            process = subprocess.Popen(
                self.spec.argv,
                env={**self._place.make(self.spec.temporary), **self.spec.environment},
                cwd=self.spec.directory,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                bufsize=0,
                start_new_session=True,
                preexec_fn=children.die_with_parent,
            )
        except (OSError, subprocess.SubprocessError) as error:
            self._failed(now, f"{self.spec.argv[0]} cannot be started: {error}")
            return
        if process.stdout is not None:
            os.set_blocking(process.stdout.fileno(), False)
            self._selector.register(process.stdout, selectors.EVENT_READ, self)
        self.process = process
        self.phase = Phase.RUNNING
        self._start_ticks = files.start_time(process.pid)
        self._started_at = now
        self._bad_looks = 0
        self._next = now + (PROBE_STARTING if self.spec.probe else READY_WITHOUT_PROBE)

    def _look(self, now: float) -> None:
        if self.probe is None:
            if now < self._next:
                return
            if self.spec.probe is None:
                self._next = float("inf")
                self._seen_ready()
                return
            self.probe = probes.begin(
                self._selector,
                self.spec.probe,
                self.spec.environment,
                self.spec.directory,
            )
        answer = self.probe.poll()
        if answer is None:
            return
        self._drop_probe()
        if answer:
            self._bad_looks = 0
            self._seen_ready()
        elif self.ready:
            self._bad_looks += 1
            if self._bad_looks >= PROBE_FAILURES:
                self.ready = False
        if not answer and not self.ready and self.spec.probe is not None:
            since = "any more" if self._bad_looks else "yet"
            self._looks = f"It runs, but {probes.describe(self.spec.probe)} {since}."
        if self.ready:
            self._next = now + (PROBE_DOUBT if self._bad_looks else PROBE_READY)
        else:
            self._next = now + PROBE_STARTING

    def _seen_ready(self) -> None:
        self.ready = True
        self._ending = self._looks = ""

    def _failed(self, now: float, detail: str) -> None:
        long_run = self.phase is Phase.RUNNING and now - self._started_at >= LONG_RUN
        self._failures = 1 if long_run else self._failures + 1
        self._bad_looks = 0
        self._ending = detail
        if self.spec.restart == "always":
            self.phase = Phase.PENDING
            self._restarts += 1
            self._next = now + min(
                BACKOFF_MOST, BACKOFF_FIRST * 2 ** min(self._failures - 1, 16)
            )
        else:
            self.phase = Phase.ENDED

    def _settle(self, now: float) -> None:
        """Nothing runs: take up what was asked meanwhile."""
        self.phase = Phase.PENDING
        self._next = now
        self._failures = 0
        self._bad_looks = 0
        self._ending = self._looks = ""
        if self.leaving:
            self.phase = Phase.ENDED
        elif self.replacement is not None:
            self.spec, self.replacement = self.replacement, None

    def _why_ended(self) -> str:
        code = self._exit or 0
        if code < 0:
            try:
                name = signal.Signals(-code).name
            except ValueError:
                name = "unknown"
            text = f"It was ended by signal {-code} ({name})"
            if -code == signal.SIGKILL:
                text += ", as the kernel does when memory runs out"
        else:
            text = f"It exited with code {code}"
        end = self.log.end()
        return f"{text}. The end of its log:\n{end}" if end else f"{text}."

    def _drop_probe(self) -> None:
        if self.probe is not None:
            self.probe.close()
            self.probe = None

    def _signal(self, number: int) -> None:
        """To the whole process group, of which the leader is alive or a zombie."""
        if self.process is not None:
            try:
                os.killpg(self.process.pid, number)
            except ProcessLookupError:
                return
