# SPDX-License-Identifier: Apache-2.0
"""The conductor: threads that run the loop, a heartbeat, and the janitor.

One thread at a time looks for due records, the *scout*; when it has claimed one,
another takes its place while it does the work. So a conductor asks the database
once when something may be due, however many threads it has.
"""

from __future__ import annotations

import logging
import os
import socket
import threading
import time
import uuid
from collections.abc import Callable
from typing import Any

from sparkaas import rpc
from sparkaas.conductor import endpoint
from sparkaas.service import cluster_plans
from sparkaas.service import env as service_env
from sparkaas.service import janitor
from sparkaas.service import job_plans
from sparkaas.service import reconciler

LOG = logging.getLogger(__name__)

#: Least seconds between two looks that found nothing, unless the bell rings: the
#: next due record may be in another conductor's hands.
_SHORTEST_WAIT = 0.02
#: Seconds that passes under way have to finish at a stop.
_STOP_SECONDS = 60.0

_Reconciler = reconciler.Reconciler[Any]
_Claim = reconciler.Claim[Any]


class Conductor:
    """Makes records come true until told to stop. ``transport`` (of oslo.messaging)
    brings the bell's rings; without one ``wakeup.wake`` does, or the poll."""

    def __init__(self, env: service_env.Env, transport: Any = None) -> None:
        self.owner = f"{socket.gethostname()}:{os.getpid()}:{uuid.uuid4().hex[:8]}"
        self.wakeup = endpoint.Wakeup()
        self._env = env
        self._transport = transport
        self._server: Any = None
        self._reconcilers: list[_Reconciler] = [
            reconciler.Reconciler(env, cluster_plans.KIND, self.owner),
            reconciler.Reconciler(env, job_plans.KIND, self.owner),
        ]
        self._janitor = janitor.Janitor(env)
        self._scout = threading.Lock()
        self._stopping = threading.Event()
        self._finished = threading.Event()
        self._threads: list[threading.Thread] = []
        self._heartbeat = threading.Thread(
            target=self._beat, name="heartbeat", daemon=True
        )
        self._running: dict[_Claim, float] = {}
        self._running_lock = threading.Lock()

    def start(self) -> None:
        """Begin to work."""
        if self._transport is not None:
            self._server = rpc.serve(self._env.conf, self._transport, self.wakeup.wake)
        for number in range(self._env.conf.conductor.workers):
            self._thread(f"worker-{number}", self._work)
        self._thread("janitor", self._sweep)
        self._heartbeat.start()
        LOG.info("Conductor %s works", self.owner)

    def stop(self) -> None:
        """Take nothing new, finish the passes under way, and return."""
        self._stopping.set()
        self.wakeup.poke()
        until = time.monotonic() + _STOP_SECONDS
        for thread in self._threads:
            thread.join(max(until - time.monotonic(), 0.0))
        late = [thread.name for thread in self._threads if thread.is_alive()]
        if late:
            # Their leases run out, and another conductor does the step again.
            LOG.warning("Conductor %s leaves %s behind", self.owner, late)
        self._finished.set()
        self._heartbeat.join()
        if self._server is not None:
            self._server.stop()
            self._server.wait()
        LOG.info("Conductor %s has stopped", self.owner)

    def _thread(self, name: str, target: Callable[[], None]) -> None:
        # A daemon: a pass that hangs must not keep the process from ending.
        thread = threading.Thread(target=target, name=name, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _work(self) -> None:
        while not self._stopping.is_set():
            found = self._next()
            if found is not None:
                self._run(*found)

    def _next(self) -> tuple[_Reconciler, _Claim] | None:
        """Be the scout until something is claimed; None: at the stop."""
        with self._scout:
            while not self._stopping.is_set():
                try:
                    for index, each in enumerate(self._reconcilers):
                        claim = each.claim()
                        if claim is not None:
                            # The other kind has its turn first next time.
                            self._reconcilers.append(self._reconcilers.pop(index))
                            return each, claim
                    seconds = self._until_due()
                except Exception:
                    LOG.exception("Cannot look for work")
                    seconds = self._env.conf.conductor.poll_interval
                self.wakeup.wait(seconds)
        return None

    def _until_due(self) -> float:
        """Seconds to wait: the next record's time, or that of the next poll."""
        most: float = self._env.conf.conductor.poll_interval
        now = self._env.clock.now()
        for each in self._reconcilers:
            due = each.next_due()
            if due is not None:
                most = min(most, (due - now).total_seconds())
        return max(most, _SHORTEST_WAIT)

    def _run(self, each: _Reconciler, claim: _Claim) -> None:
        with self._running_lock:
            self._running[claim] = time.monotonic()
        try:
            each.run(claim)
        except Exception:
            # What a step raises does not come here: this is the database.
            LOG.exception("%s %s: not recorded", each.kind.name, claim.record.id)
        finally:
            with self._running_lock:
                del self._running[claim]
        # Its next step may be due by now.
        self.wakeup.poke()

    def _beat(self) -> None:
        """Extend the leases of passes that take long, also while a stop waits."""
        seconds = self._env.conf.conductor.lease_seconds / 3
        while not self._finished.wait(seconds):
            self.beat_once()

    def beat_once(self) -> None:
        """Extend every lease in use, except of passes that must be hanging."""
        longest = self._env.conf.conductor.provision_deadline
        with self._running_lock:
            running = dict(self._running)
        for claim, began in running.items():
            if time.monotonic() - began > longest:
                LOG.error("The pass over %s hangs", claim.record.id)
                continue
            try:
                claim.extend()
            except Exception:
                LOG.exception("Cannot extend the lease on %s", claim.record.id)

    def _sweep(self) -> None:
        while not self._stopping.wait(self._env.conf.conductor.janitor_interval):
            try:
                self._janitor.sweep()
            except Exception:
                LOG.exception("The sweep failed")
