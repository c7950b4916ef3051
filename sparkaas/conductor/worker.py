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

from sparkaas import interfaces
from sparkaas import meters
from sparkaas import rpc
from sparkaas.conductor import endpoint
from sparkaas.service import cluster_plans
from sparkaas.service import env as service_env
from sparkaas.service import janitor
from sparkaas.service import job_plans
from sparkaas.service import outbox
from sparkaas.service import reconciler

LOG = logging.getLogger(__name__)

#: Least seconds between two looks that found nothing, unless the bell rings: the
#: next due record may be in another conductor's hands.
_SHORTEST_WAIT = 0.02
#: Seconds that passes under way have to finish at a stop.
_STOP_SECONDS = 60.0
#: ... and then notifications to be sent.
_POST_SECONDS = 5.0
#: Seconds between looks for notifications that others left behind.
_ADOPT_SECONDS = 30.0

_Reconciler = reconciler.Reconciler[Any]
_Claim = reconciler.Claim[Any]


class Conductor:
    """Makes records come true until told to stop. ``transport`` (of oslo.messaging)
    brings the bell's rings; without one ``wakeup.wake`` does, or the poll. Without a
    ``notifier`` nobody is told."""

    def __init__(
        self,
        env: service_env.Env,
        transport: Any = None,
        notifier: interfaces.Notifier | None = None,
    ) -> None:
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
        self._outbox: outbox.Outbox | None = None
        if notifier is not None:
            self._outbox = outbox.Outbox(env, notifier, self.owner)
        self._recorded = threading.Event()
        self._scout = threading.Lock()
        self._stopping = threading.Event()
        self._finished = threading.Event()
        self._threads: list[threading.Thread] = []
        self._heartbeat = threading.Thread(
            target=self._beat, name="heartbeat", daemon=True
        )
        self._sender: threading.Thread | None = None
        self._running: dict[_Claim, float] = {}
        self._running_lock = threading.Lock()

    def start(self) -> None:
        """Begin to work."""
        if self._transport is not None:
            self._server = rpc.serve(self._env.conf, self._transport, self.wakeup.wake)
        for number in range(self._env.conf.conductor.workers):
            self._thread(f"worker-{number}", self._work)
        self._thread("janitor", self._sweep)
        if self._outbox is not None:
            self._sender = threading.Thread(
                target=self._post, args=(self._outbox,), name="outbox", daemon=True
            )
            self._sender.start()
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
        if self._sender is not None:
            # What a broker that is away keeps it from sending stays in the database.
            self._recorded.set()
            self._sender.join(_POST_SECONDS)
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
                            self._meter_lag(each, claim)
                            # The other kind has its turn first next time.
                            self._reconcilers.append(self._reconcilers.pop(index))
                            return each, claim
                    seconds = self._until_due()
                except Exception:
                    LOG.exception("Cannot look for work")
                    meters.LOOP_ERRORS.inc()
                    seconds = self._env.conf.conductor.poll_interval
                self.wakeup.wait(seconds)
        return None

    def _meter_lag(self, each: _Reconciler, claim: _Claim) -> None:
        due = claim.record.next_run_at
        if due is not None:
            lag = (self._env.clock.now() - due).total_seconds()
            meters.LAG_SECONDS.labels(each.kind.name).observe(max(lag, 0.0))

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
            meters.LOOP_ERRORS.inc()
        finally:
            with self._running_lock:
                del self._running[claim]
        self._recorded.set()
        # Its next step may be due by now.
        self.wakeup.poke()

    def _beat(self) -> None:
        """Extend the leases of passes that take long, also while a stop waits."""
        seconds = min(self._env.conf.conductor.lease_seconds / 3, outbox.BEAT)
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
        if self._outbox is not None:
            try:
                self._outbox.beat()
            except Exception:
                LOG.exception("Cannot hold on to the notifications")

    def _sweep(self) -> None:
        while not self._stopping.wait(self._env.conf.conductor.janitor_interval):
            for sweep in (self._janitor.sweep, self._janitor.sweep_keys):
                try:
                    sweep()
                except Exception:
                    LOG.exception("The sweep failed")
                    meters.LOOP_ERRORS.inc()

    def _post(self, box: outbox.Outbox) -> None:
        """Send notifications; at the stop once more."""
        while True:
            last = self._finished.is_set()
            self._recorded.clear()
            try:
                box.adopt()
                box.send()
            except Exception:
                LOG.exception("Cannot send notifications")
            if last:
                return
            self._recorded.wait(_ADOPT_SECONDS)
