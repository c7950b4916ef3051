# SPDX-License-Identifier: Apache-2.0
"""The bell: one cast, ``wake(kind, id)``, over oslo.messaging.

It says "look at that record" and nothing else, so a lost message costs a conductor
one poll interval and a false one a look in vain. Neither side waits for the
broker: the API hands a ring to a thread, and a conductor works before it is
connected.
"""

from __future__ import annotations

import contextlib
import logging
import socket
import sys
import threading
import uuid
from collections.abc import Callable
from collections.abc import Iterator
from typing import Any

from oslo_config import cfg
from oslo_service import backend

# Before oslo.messaging, which would choose eventlet. Whoever imported that first
# gets an exception here.
backend.init_backend(backend.BackendType.THREADING)

import oslo_messaging  # noqa: E402

from sparkaas import exceptions  # noqa: E402
from sparkaas import model  # noqa: E402

LOG = logging.getLogger(__name__)

EXCHANGE = "sparkaas"
TOPIC = "sparkaas-conductor"
VERSION = "1.0"
KINDS = frozenset({"cluster", "job"})

#: Rings that wait for the broker; more are dropped.
_MOST_WAITING = 1000
#: Threads that hand messages to ``on_wake``.
_THREADS = 2


def connect(
    conf: cfg.ConfigOpts, transport_url: str = ""
) -> oslo_messaging.RPCTransport:
    """The way to the broker that ``[DEFAULT]transport_url`` names, else to that of
    the argument. Nothing is connected yet.

    ``fake://`` stays within the process (and the returned object). Raises
    ``exceptions.Permanent`` for a URL that is none, or of an unknown kind.
    """
    _register(conf)
    with _explained("[DEFAULT]"):
        return oslo_messaging.get_rpc_transport(conf, url=_url(conf, transport_url))


def _url(conf: cfg.ConfigOpts, default: str) -> str:
    # parsing registers the option; its default is no sign of being wanted
    oslo_messaging.TransportURL.parse(conf)
    found = conf.get_location("transport_url")
    given = found is not None and found.location is not cfg.Locations.opt_default
    url: str = conf.transport_url if given or not default else default
    return url


@contextlib.contextmanager
def _explained(group: str) -> Iterator[None]:
    try:
        yield
    except (
        oslo_messaging.DriverLoadFailure,
        oslo_messaging.InvalidTransportURL,
        ValueError,
    ) as error:
        # The URL holds a password, and is never repeated.
        raise exceptions.Permanent(
            f"{group} transport_url is not the URL of a message broker that can be "
            "used.",
            hint="It looks like rabbit://user:password@host:5672/.",
        ) from error


def _register(conf: cfg.ConfigOpts) -> None:
    """Options that oslo.messaging registers on the global configuration only, and
    then looks for on ours."""
    for name in ("tracing", "metrics"):
        module = sys.modules.get(f"oslo_messaging._{name}.client")
        group = f"oslo_messaging_{name}"
        if module is not None:
            conf.register_opts(getattr(module, group), group=group)


class MessageNotifier:
    """``interfaces.Notifier``: oslo.messaging's notifications."""

    def __init__(self, transport: oslo_messaging.NotificationTransport) -> None:
        publisher = transport.conf.notifications.publisher_id
        self._transport = transport
        # without an end: whoever sends has a thread for it
        self._notifier = oslo_messaging.Notifier(
            transport, publisher_id=publisher, retry=-1
        )

    def send(self, notice: model.Notice) -> None:
        """Waits for the broker as long as it takes. What the broker does not take for
        another reason is logged, and lost."""
        send = self._notifier.error if notice.failure else self._notifier.info
        who = {key: notice.payload.get(key) for key in ("project_id", "user_id")}
        send(who, notice.event_type, dict(notice.payload))

    def close(self) -> None:
        """Disconnect."""
        self._transport.cleanup()


def notifier(conf: cfg.ConfigOpts, transport_url: str = "") -> MessageNotifier | None:
    """What [oslo_messaging_notifications] says, over the same broker as the bell
    unless it names another; None where it has no ``driver``. Nothing is connected yet.

    Raises ``exceptions.Permanent`` as ``connect`` does.
    """
    _register(conf)
    with _explained("[oslo_messaging_notifications]"):
        url = _url(conf, transport_url)
        # where Sahara's consumers look
        conf.set_default("control_exchange", "sahara")
        transport = oslo_messaging.get_notification_transport(conf)
        own = conf.oslo_messaging_notifications
        if own.transport_url is None:
            transport.cleanup()
            transport = oslo_messaging.get_notification_transport(conf, url=url)
    if not [name for name in own.driver if name != "noop"]:
        transport.cleanup()
        return None
    return MessageNotifier(transport)


class MessageBell:
    """``interfaces.Bell``. The same ring twice in the queue is one message."""

    def __init__(self, transport: oslo_messaging.RPCTransport) -> None:
        target = oslo_messaging.Target(exchange=EXCHANGE, topic=TOPIC, version=VERSION)
        # one more try: a pooled connection may have died unnoticed
        self._client = oslo_messaging.get_rpc_client(transport, target, retry=1)
        self._waiting: dict[tuple[str, str], None] = {}
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None
        self._closed = False

    def ring(self, kind: str, id: str) -> None:
        """Returns at once, whatever the state of the broker."""
        with self._changed:
            if len(self._waiting) >= _MOST_WAITING:
                LOG.warning("The bell for %s %s is lost: too many wait", kind, id)
                return
            self._waiting[kind, id] = None
            # also after a fork, which takes no thread along
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(
                    target=self._send, name="bell", daemon=True
                )
                self._closed = False
                self._thread.start()
            self._changed.notify_all()

    def close(self, seconds: float = 5.0) -> None:
        """Send what waits, within that time, and end the thread."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        if self._thread is not None:
            self._thread.join(seconds)

    def _send(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._waiting or self._closed)
                if not self._waiting:
                    return
                kind, id = next(iter(self._waiting))
                del self._waiting[kind, id]
            try:
                self._client.cast({}, "wake", kind=kind, id=id)
            except Exception as error:  # whatever a driver raises: the poll will see
                LOG.warning("The bell for %s %s is lost: %s", kind, id, error)


class Listener:
    """Hears the bell until stopped."""

    def __init__(self, server: Any) -> None:
        self._server = server
        self._thread = threading.Thread(
            target=self._listen, name="bell-listener", daemon=True
        )
        self._ready = threading.Event()

    def start(self) -> None:
        """Connect, however long the broker takes, in a thread of its own."""
        self._thread.start()

    def listens(self, seconds: float) -> bool:
        """Whether it is connected, after at most that time."""
        return self._ready.wait(seconds)

    def stop(self) -> None:
        """Hear no more. A thread that still waits for the broker is left behind."""
        if self._ready.is_set():
            self._server.stop()

    def wait(self) -> None:
        """Return when the messages under way are done."""
        if self._ready.is_set():
            self._server.wait()

    def _listen(self) -> None:
        try:
            self._server.start(override_pool_size=_THREADS)
        except Exception:  # the poll goes on without
            LOG.exception("The bell cannot be heard; records are polled")
        else:
            self._ready.set()


class _Endpoint:
    """What can be called: trusted no further than that it names a record."""

    target = oslo_messaging.Target(version=VERSION)

    def __init__(self, on_wake: Callable[[str, str], None]) -> None:
        self._on_wake = on_wake

    def wake(self, context: object, kind: object, id: object) -> None:
        if isinstance(kind, str) and kind in KINDS and isinstance(id, str):
            self._on_wake(kind, id)
        else:
            LOG.warning("A message asks to wake a %.80r %.80r", kind, id)


def serve(
    conf: cfg.ConfigOpts,
    transport: oslo_messaging.RPCTransport,
    on_wake: Callable[[str, str], None],
) -> Listener:
    """Call ``on_wake(kind, id)``, from other threads, for each ring. One of several
    conductors hears a ring."""
    target = oslo_messaging.Target(
        exchange=EXCHANGE,
        topic=TOPIC,
        server=f"{socket.gethostname()}-{uuid.uuid4().hex[:8]}",
    )
    server = oslo_messaging.get_rpc_server(
        transport,
        target,
        [_Endpoint(on_wake)],
        access_policy=oslo_messaging.DefaultRPCAccessPolicy,
    )
    listener = Listener(server)
    listener.start()
    return listener
