# SPDX-License-Identifier: Apache-2.0
"""The HTTP server on a real socket."""

import socket
import threading
import urllib.error
import urllib.request

import pytest

from sparkaas import exceptions
from sparkaas.cmd import serving


def _application(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [environ["PATH_INFO"].encode()]


def _get(url):
    with urllib.request.urlopen(url, timeout=10) as answer:
        return answer.read()


def test_it_serves_on_a_free_port_until_stopped():
    listener = serving.Listener(_application, "127.0.0.1", 0, 2)
    listener.start()
    try:
        assert not listener.url.endswith(":0")
        assert _get(f"{listener.url}/here") == b"/here"
    finally:
        listener.stop()
    with pytest.raises(urllib.error.URLError):
        _get(listener.url)


def test_an_answer_is_sent_without_waiting_for_the_client():
    with (
        serving.bind("127.0.0.1", 0) as bound,
        socket.create_connection(bound.getsockname()),
        bound.accept()[0] as accepted,
    ):
        assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


def test_a_taken_port_is_named():
    first = serving.Listener(_application, "127.0.0.1", 0, 2)
    first.start()
    port = int(first.url.rpartition(":")[2])
    try:
        with pytest.raises(exceptions.Permanent, match=f"{port}.* taken") as caught:
            serving.Listener(_application, "127.0.0.1", port, 2)
        assert "--api-port" in caught.value.hint
    finally:
        first.stop()


def test_a_request_that_waits_does_not_hold_up_the_stop():
    entered, leave = threading.Event(), threading.Event()

    def slow(environ, start_response):
        entered.set()
        leave.wait(60)
        return _application(environ, start_response)

    listener = serving.Listener(slow, "127.0.0.1", 0, 2)
    listener.start()
    failed = []

    def ask():
        try:
            _get(listener.url)
        except OSError as error:
            failed.append(error)

    asker = threading.Thread(target=ask)
    asker.start()
    assert entered.wait(10)
    stopper = threading.Thread(target=listener.stop)
    stopper.start()
    stopper.join(30)
    stopped = not stopper.is_alive()
    leave.set()
    asker.join(30)
    assert stopped
