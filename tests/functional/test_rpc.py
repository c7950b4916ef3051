# SPDX-License-Identifier: Apache-2.0
"""The bell, within the process and over a real RabbitMQ."""

import logging
import queue
import threading
import time

import pytest
from oslo_config import cfg
from oslo_service import backend

from sparkaas import rpc

_SECONDS = 30


@pytest.fixture
def conf():
    made = cfg.ConfigOpts()
    made([], default_config_files=[], default_config_dirs=[])
    return made


class Line:
    """Both ends of a transport."""

    def __init__(self, conf, url):
        self.transport = rpc.connect(conf, url)
        self.bell = rpc.MessageBell(self.transport)
        self.heard = queue.SimpleQueue()
        self.conf = conf
        self.listener = None

    def listen(self):
        self.listener = rpc.serve(
            self.conf, self.transport, lambda kind, id: self.heard.put((kind, id))
        )
        assert self.listener.listens(_SECONDS)

    def close(self):
        self.bell.close()
        if self.listener is not None:
            self.listener.stop()
            self.listener.wait()
        self.transport.cleanup()

    def hears(self, kind, id):
        """Whether that ring comes. The process has one ``fake://`` for all, and what
        other tests rang may come before."""
        deadline = time.monotonic() + _SECONDS
        while time.monotonic() < deadline:
            try:
                if self.heard.get(timeout=0.5) == (kind, id):
                    return True
            except queue.Empty:
                continue
        return False

    def rings_until_heard(self, kind, id):
        """Ring again and again, as requests do, until one is heard."""
        deadline = time.monotonic() + _SECONDS
        while time.monotonic() < deadline:
            self.bell.ring(kind, id)
            try:
                if self.heard.get(timeout=0.5) == (kind, id):
                    return True
            except queue.Empty:
                continue
        return False


@pytest.fixture(params=["fake", pytest.param("rabbitmq", marks=pytest.mark.slow)])
def line(request, conf):
    url = "fake://"
    if request.param == "rabbitmq":
        url = request.getfixturevalue("rabbitmq").url
    made = Line(conf, url)
    yield made
    made.close()


def test_nothing_runs_on_eventlet():
    assert backend.get_backend_type() is backend.BackendType.THREADING


def test_a_ring_is_heard(line):
    line.listen()

    line.bell.ring("cluster", "c1")
    assert line.hears("cluster", "c1")
    line.bell.ring("job", "j1")
    assert line.hears("job", "j1")


def test_many_rings_are_all_heard(line):
    line.listen()
    wanted = {("job", str(number)) for number in range(200)}

    for kind, id in wanted:
        line.bell.ring(kind, id)

    assert {line.heard.get(timeout=_SECONDS) for _ in wanted} == wanted


def test_one_of_two_listeners_hears(line):
    line.listen()
    others = queue.SimpleQueue()
    other = rpc.serve(
        line.conf, line.transport, lambda kind, id: others.put((kind, id))
    )
    assert other.listens(_SECONDS)

    for number in range(20):
        line.bell.ring("job", str(number))
    deadline = time.monotonic() + _SECONDS
    while line.heard.qsize() + others.qsize() < 20 and time.monotonic() < deadline:
        time.sleep(0.01)
    other.stop()
    other.wait()

    heard = [line.heard.get() for _ in range(line.heard.qsize())]
    heard += [others.get() for _ in range(others.qsize())]
    assert sorted(heard) == sorted(("job", str(number)) for number in range(20))


@pytest.mark.parametrize(
    ("kind", "id"), [("table", "x"), (1, "x"), ("job", None), (["job"], {})]
)
def test_a_message_that_names_no_record_is_dropped(conf, caplog, kind, id):
    line = Line(conf, "fake://")
    try:
        line.listen()
        client = rpc.oslo_messaging.get_rpc_client(
            line.transport,
            rpc.oslo_messaging.Target(exchange=rpc.EXCHANGE, topic=rpc.TOPIC),
        )
        client.cast({}, "wake", kind=kind, id=id)
        line.bell.ring("job", "good")

        assert line.heard.get(timeout=_SECONDS) == ("job", "good")
        assert line.heard.empty()
    finally:
        line.close()
    assert "asks to wake" in caplog.text


def test_the_configured_url_comes_first(conf):
    assert rpc.connect(conf, "fake://")._driver is not None
    rpc.oslo_messaging.TransportURL.parse(conf)
    conf.set_override("transport_url", "kombu+memory:////")

    transport = rpc.connect(conf, "fake://")

    assert transport._driver.__class__.__name__ == "RabbitDriver"


class _Stuck:
    """A client whose broker takes the connection and says nothing."""

    def __init__(self):
        self.begun = threading.Event()
        self.go = threading.Event()
        self.sent = []

    def cast(self, context, method, **arguments):
        self.begun.set()
        assert self.go.wait(_SECONDS)
        self.sent.append(arguments)


@pytest.fixture
def stuck(conf):
    bell = rpc.MessageBell(rpc.connect(conf, "fake://"))
    bell._client = _Stuck()
    yield bell
    bell._client.go.set()
    bell.close()


def test_a_broker_that_hangs_holds_up_no_request(stuck):
    for number in range(50):
        stuck.ring("job", str(number))

    assert stuck._client.begun.wait(_SECONDS)
    assert stuck._client.sent == []


def test_equal_rings_that_wait_are_one(stuck):
    stuck.ring("job", "first")
    assert stuck._client.begun.wait(_SECONDS)
    for _ in range(50):
        stuck.ring("job", "a")
        stuck.ring("job", "b")

    stuck._client.go.set()
    stuck.close(_SECONDS)

    assert [one["id"] for one in stuck._client.sent] == ["first", "a", "b"]


def test_what_waits_is_bounded(stuck, caplog):
    with caplog.at_level(logging.WARNING, rpc.__name__):
        for number in range(2000):
            stuck.ring("job", str(number))

    assert "too many wait" in caplog.text
    stuck._client.go.set()
    stuck.close(_SECONDS)
    assert 1000 <= len(stuck._client.sent) <= 1001


def test_rings_after_close(conf):
    line = Line(conf, "fake://")
    try:
        line.listen()
        line.bell.close()
        line.bell.ring("job", "again")

        assert line.heard.get(timeout=_SECONDS) == ("job", "again")
    finally:
        line.close()


@pytest.mark.slow
def test_a_broker_that_dies_and_comes_back(rabbitmq, conf, caplog):
    line = Line(conf, rabbitmq.url)
    try:
        line.listen()
        assert line.rings_until_heard("job", "before")

        rabbitmq.process.kill()
        try:
            began = time.monotonic()
            for number in range(20):
                line.bell.ring("job", f"lost-{number}")
            # not a measurement: a ring that waited for the broker takes for ever
            assert time.monotonic() - began < 5
            deadline = time.monotonic() + _SECONDS
            while "is lost" not in caplog.text and time.monotonic() < deadline:
                time.sleep(0.05)
        finally:
            rabbitmq.process.start()

        assert "The bell for job lost-0 is lost" in caplog.text
        assert line.rings_until_heard("cluster", "after")
    finally:
        line.close()


@pytest.mark.slow
def test_listens_once_the_broker_is_there(rabbitmq, conf):
    rabbitmq.process.kill()
    line = Line(conf, rabbitmq.url)
    try:
        line.listener = rpc.serve(
            conf, line.transport, lambda kind, id: line.heard.put((kind, id))
        )
        assert not line.listener.listens(0.5)
    finally:
        rabbitmq.process.start()
    try:
        assert line.listener.listens(_SECONDS)
        assert line.rings_until_heard("job", "j")
    finally:
        line.close()
