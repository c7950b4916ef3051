# SPDX-License-Identifier: Apache-2.0
"""``sparkaas-all`` itself: its files, its lock, its signals."""

import signal
import socket
import stat
import subprocess

import pytest
import requests

from tests.scenario import harness

pytestmark = pytest.mark.slow


def _second(service, *options):
    """What a further ``sparkaas-all`` on the same state directory says."""
    return subprocess.run(
        [harness.BIN / "sparkaas-all", "--api-port", "0", *options],
        env=harness.environment(service.state),
        capture_output=True,
        text=True,
        timeout=60,
    )


def test_only_its_owner_can_read_what_it_keeps(service):
    assert stat.S_IMODE(service.state.stat().st_mode) == 0o700
    for name in ("endpoint.json", "token", "secret.key", "lock"):
        assert stat.S_IMODE((service.state / name).stat().st_mode) == 0o600


def test_it_listens_on_loopback_and_wants_its_token(service):
    endpoint = service.endpoint
    assert endpoint["url"].startswith("http://127.0.0.1:")
    assert endpoint["pid"] == service.pid
    url = f"{endpoint['url']}/v2/clusters"
    assert requests.get(url, timeout=10).status_code == 401
    assert service.call("GET", "clusters").json() == {"clusters": []}


def test_a_page_that_rebinds_its_name_is_refused(service):
    answer = service.call("GET", "clusters", headers={"Host": "evil.example"})
    assert answer.status_code == 400


def test_the_token_stands_in_no_log(service):
    service.call("GET", "clusters")
    assert service.endpoint["token"] not in service.output()


def test_a_second_one_is_told_who_runs(service):
    done = _second(service)
    assert done.returncode == 1
    assert f"process {service.pid}" in done.stderr
    assert "Traceback" not in done.stderr
    assert service.endpoint["pid"] == service.pid


def test_a_taken_port_is_a_clear_message(new_service):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        done = _second(new_service(), "--api-port", port)
    assert done.returncode == 1
    assert f"Port {port} on 127.0.0.1 is taken" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_token_and_an_open_address_do_not_go_together(new_service):
    done = _second(new_service(), "--api-host", "0.0.0.0")
    assert done.returncode == 1
    assert "Refusing to listen on 0.0.0.0" in done.stderr


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_stops_when_asked_and_withdraws_its_endpoint(new_service, number):
    service = new_service()
    service.start()
    assert service.end(number) == 0
    assert not (service.state / "endpoint.json").exists()


def test_it_starts_again_after_a_kill_with_the_same_token(new_service):
    service = new_service()
    service.start()
    token = service.endpoint["token"]
    service.kill()
    service.start()
    assert service.endpoint["token"] == token
    assert service.endpoint["pid"] == service.pid
    assert service.call("GET", "clusters").status_code == 200
