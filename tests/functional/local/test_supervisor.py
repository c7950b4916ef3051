# SPDX-License-Identifier: Apache-2.0
"""What a node's supervisor does for its services, with real processes."""

from __future__ import annotations

import os
import pathlib
import re
import selectors
import signal
import socket
import sys

from sparkaas import manifest
from sparkaas.infra.local import processes
from sparkaas.infra.local.supervisor import files
from sparkaas.infra.local.supervisor import logs
from sparkaas.infra.local.supervisor import service as supervised
from tests.functional.local import cloud as local_cloud

SLEEP = "exec sleep 1000"


def test_a_killed_service_comes_back_and_says_what_happened(cloud):
    script = f"echo last words; {SLEEP}"
    # Ready only once the test says so: the explanation stays until then.
    probe = manifest.Probe(command=("test", "-e", f"{manifest.ROOT}/go"))
    made, node = cloud.one(local_cloud.shell("a", script, probe=probe))
    first = cloud.pid(node, "a")
    local_cloud.until(lambda: b"last words" in (node.logs / "a.log").read_bytes())
    os.kill(first, signal.SIGKILL)
    second = local_cloud.until(
        lambda: (
            cloud.state(node, "a")["pid"] not in (None, first)
            and cloud.state(node, "a")["pid"]
        )
    )
    assert local_cloud.lives(second)
    state = cloud.infrastructure.observe(made)["c-n-0"].services["a"]
    assert state.state == "starting"
    assert "signal 9 (SIGKILL)" in state.detail
    assert "last words" in state.detail
    assert cloud.state(node, "a")["restarts"] == 1
    (node.root / "go").touch()
    cloud.ready(node, "a")
    assert cloud.infrastructure.observe(made)["c-n-0"].services["a"].detail == ""


def test_a_service_that_ends_at_once_again_and_again_has_failed(cloud):
    made, node = cloud.one(local_cloud.shell("a", "echo no such luck; exit 3"))
    local_cloud.until(lambda: cloud.state(node, "a")["state"] == "failed")
    state = cloud.infrastructure.observe(made)["c-n-0"]
    assert "exited with code 3" in state.services["a"].detail
    assert state.services["a"].detail.endswith("no such luck")
    assert state.detail == "a failed."


def test_a_program_that_is_not_there(cloud):
    made, node = cloud.one(manifest.Service("a", ("/no/such/program",)))
    local_cloud.until(lambda: cloud.state(node, "a")["state"] == "failed")
    assert "/no/such/program" in cloud.state(node, "a")["detail"]


def test_what_runs_once_is_not_restarted(cloud):
    script = f"echo x >> {manifest.ROOT}/times; exit"
    _, node = cloud.one(
        local_cloud.shell("good", f"{script} 0", restart="never"),
        local_cloud.shell("bad", f"{script} 4", restart="never"),
    )
    local_cloud.until(lambda: cloud.state(node, "bad")["state"] == "failed")
    cloud.ready(node, "good")
    assert "code 4" in cloud.state(node, "bad")["detail"]
    assert cloud.state(node, "good")["restarts"] == 0
    assert (node.root / "times").read_text() == "x\nx\n"


def test_services_start_after_those_they_need(cloud):
    go = f"{manifest.ROOT}/go"
    _, node = cloud.one(
        local_cloud.shell("second", SLEEP, after=("first",)),
        local_cloud.shell(
            "first", SLEEP, probe=manifest.Probe(command=("test", "-e", go))
        ),
    )
    cloud.pid(node, "first")
    assert cloud.state(node, "second")["pid"] is None
    assert cloud.state(node, "second")["detail"] == "It waits for first."
    (node.root / "go").touch()
    cloud.ready(node, "first", "second")


def test_a_service_waits_for_another_nodes_port(cloud):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    service = local_cloud.shell("a", SLEEP, awaits=(f"127.0.0.1:{port}",))
    _, node = cloud.one(service)
    waits = f"It waits for 127.0.0.1:{port}."
    local_cloud.until(lambda: cloud.state(node, "a")["detail"] == waits)
    assert cloud.state(node, "a")["pid"] is None
    with socket.create_server(("127.0.0.1", port)):
        cloud.ready(node, "a")
    assert cloud.state(node, "a")["detail"] == ""


def test_it_does_not_wait_for_ever(tmp_path):
    given = {"name": "a", "argv": ["sleep", "9"], "environment": {}, "probe": None}
    rest = {"directory": "/", "restart": "never", "after": [], "stop_seconds": 1}
    spec = supervised.Spec.load(
        {**given, **rest, "awaits": ["127.0.0.1:1"], "stamp": ""}
    )
    with selectors.DefaultSelector() as selector:
        log = logs.Log(tmp_path / "a.log", 1000)
        one = supervised.Service(spec, log, selector)
        one.tick(10.0, frozenset())
        one.tick(10.0 + supervised.PATIENCE - 1, frozenset())
        assert one.process is None
        one.tick(10.0 + supervised.PATIENCE, frozenset())
        assert one.process is not None
        one.process.kill()
        one.ended(80.0)
        log.close()


def test_ports_and_urls_are_probed(cloud):
    port = local_cloud.free_port()
    name = "c-n-0"
    url = f"http://{manifest.address(name)}:{port}/nowhere"
    _, node = cloud.one(
        local_cloud.web(name, port, name="port", probe=manifest.Probe(port=port)),
        local_cloud.shell("url", SLEEP, probe=manifest.Probe(url=url)),
    )
    cloud.ready(node, "port")
    # The page is not there: the probe wants 2xx.
    local_cloud.until(lambda: cloud.state(node, "url")["detail"])
    assert re.search("nowhere does not answer", cloud.state(node, "url")["detail"])
    assert cloud.state(node, "url")["state"] == "starting"


def test_a_ready_service_that_no_longer_answers_is_told(cloud):
    go = f"{manifest.ROOT}/go"
    probe = manifest.Probe(command=("test", "-e", go))
    script = f"touch {go}; {SLEEP}"
    _, node = cloud.one(local_cloud.shell("a", script, probe=probe))
    cloud.ready(node, "a")
    before = cloud.pid(node, "a")
    (node.root / "go").unlink()
    local_cloud.until(lambda: cloud.state(node, "a")["state"] == "failed")
    assert cloud.state(node, "a")["detail"].endswith("test does not succeed any more.")
    (node.root / "go").touch()
    cloud.ready(node, "a")
    assert cloud.pid(node, "a") == before


def test_the_environment_is_exactly_what_was_asked(cloud, monkeypatch):
    monkeypatch.setenv("STRANGER", "1")
    env = manifest.Service(
        "env",
        ("/bin/sh", "-c", f"env > {manifest.ROOT}/env; exec sleep 1000"),
        environment={"KEY": "a 'b' @{secret:key}"},
    )
    one = {"c-n-0": manifest.Manifest(services=(env,))}
    made = cloud.ensure(local_cloud.cluster("n"), one, {"key": "s3cret"})
    node = cloud.layout.node(made.id, "c-n-0")
    cloud.ready(node, "env")
    lines = (node.root / "env").read_text().splitlines()
    names = {line.partition("=")[0] for line in lines} - {"PWD", "_", "OLDPWD", "SHLVL"}
    assert names == {"KEY", "PATH", "HOME", "LANG", "TMPDIR"}
    assert "KEY=a 'b' s3cret" in lines
    assert f"HOME={node.home}" in lines


def test_temporary_files_have_a_place_that_is_empty_at_each_start(cloud):
    """Short enough for a socket, though the node's directory is deep."""
    text = (
        "import os, signal, socket, tempfile;"
        "place = tempfile.gettempdir();"
        "open(os.path.join(place, f'left-{os.getpid()}'), 'w');"
        "own = socket.socket(socket.AF_UNIX);"
        "own.bind(os.path.join(place, 'x' * 32));"
        "signal.pause()"
    )
    one = manifest.Service("a", (sys.executable, "-c", text))
    made, node = cloud.one(one)
    place = node.root / "temporary" / "a"

    def left(pid: int) -> bool:
        return sorted(p.name for p in place.glob("*")) == [f"left-{pid}", "x" * 32]

    first = cloud.pid(node, "a")
    local_cloud.until(lambda: left(first))
    assert place.stat().st_mode & 0o777 == 0o700
    os.kill(first, signal.SIGKILL)
    second = local_cloud.until(
        lambda: (
            cloud.state(node, "a")["pid"] not in (None, first)
            and cloud.state(node, "a")["pid"]
        )
    )
    local_cloud.until(lambda: left(second))
    local_cloud.settle(lambda: cloud.infrastructure.delete(made))
    assert not place.exists()


def test_logs_are_turned_over_and_lose_nothing_in_between(tmp_path, cloud):
    cloud.infrastructure = cloud.make(log_file_bytes=4096)
    script = f"seq 1 3000; touch {manifest.ROOT}/done; exec sleep 1000"
    _, node = cloud.one(local_cloud.shell("a", script))
    local_cloud.until((node.root / "done").exists)
    logs = [node.logs / f"a.log{end}" for end in (".3", ".2", ".1", "")]
    local_cloud.until(lambda: logs[3].read_bytes().endswith(b"3000\n"))
    assert all(log.stat().st_size <= 4096 for log in logs)
    assert not (node.logs / "a.log.4").exists()
    numbers = b"".join(log.read_bytes() for log in logs).partition(b"\n")[2]
    found = [int(word) for word in numbers.split()]
    assert found == list(range(found[0], 3001))
    assert found[0] < 3000


def test_only_what_changed_is_restarted(cloud):
    made, node = cloud.one(local_cloud.shell("a", SLEEP), local_cloud.shell("b", SLEEP))
    cloud.ready(node, "a", "b")
    before = [cloud.pid(node, name) for name in "ab"]
    changed = manifest.Manifest(
        services=(
            local_cloud.shell("a", SLEEP),
            local_cloud.shell("b", SLEEP, environment={"NEW": "1"}),
            local_cloud.shell("c", SLEEP),
        )
    )
    supervisor = processes.supervisor_pid(node)
    cloud.ensure(made, {"c-n-0": changed})
    cloud.ready(node, "a", "b", "c")
    assert cloud.pid(node, "a") == before[0]
    assert cloud.pid(node, "b") != before[1]
    assert processes.supervisor_pid(node) == supervisor
    cloud.ensure(made, {"c-n-0": manifest.Manifest(services=changed.services[2:])})
    local_cloud.until(lambda: set(files.read_json(node.state)["services"]) == {"c"})
    assert not local_cloud.lives(before[0])


def test_a_changed_file_restarts_the_services_that_may_read_it(cloud):
    def described(text: str) -> dict[str, manifest.Manifest]:
        file = manifest.File(f"{manifest.ROOT}/conf", text)
        return {"c-n-0": manifest.Manifest((file,), services=(service,))}

    service = local_cloud.shell("a", SLEEP)
    made = cloud.ensure(local_cloud.cluster("n"), described("old"))
    node = cloud.layout.node(made.id, "c-n-0")
    before = cloud.pid(node, "a")
    cloud.ensure(made, described("new"))
    assert (node.root / "conf").read_text() == "new"
    local_cloud.until(lambda: cloud.pid(node, "a") != before)
    assert not local_cloud.lives(before)


def test_a_new_secret_restarts_although_the_manifest_is_the_same(cloud):
    service = local_cloud.shell("a", SLEEP, environment={"KEY": "@{secret:key}"})
    one = {"c-n-0": manifest.Manifest(services=(service,))}
    made = cloud.ensure(local_cloud.cluster("n"), one, {"key": "old"})
    node = cloud.layout.node(made.id, "c-n-0")
    before = cloud.pid(node, "a")
    cloud.ensure(made, one, {"key": "new"})
    local_cloud.until(lambda: cloud.pid(node, "a") != before)


def test_stopping_reaches_the_whole_tree_and_does_not_ask_for_ever(cloud):
    # The service and its child ignore the request to end.
    script = f"trap '' TERM; sleep 1000 & echo $! > {manifest.ROOT}/child; wait; wait"
    made, node = cloud.one(local_cloud.shell("a", script, stop_seconds=1))
    leader = cloud.pid(node, "a")
    child = int(local_cloud.until(lambda: _read(node.root / "child")))
    assert local_cloud.lives(child)
    local_cloud.settle(lambda: cloud.infrastructure.delete(made))
    assert not local_cloud.lives(leader)
    assert not local_cloud.lives(child)
    assert not node.path.exists()


def test_children_of_a_service_that_ends_go_with_it(cloud):
    script = f"sleep 1000 & echo $! >> {manifest.ROOT}/child; exec sleep 1000"
    _, node = cloud.one(local_cloud.shell("a", script))
    leader = cloud.pid(node, "a")
    child = int(local_cloud.until(lambda: _read(node.root / "child")))
    os.kill(leader, signal.SIGKILL)
    local_cloud.until(lambda: not local_cloud.lives(child))


def test_the_supervisor_is_nobodys_child_and_in_a_session_of_its_own(cloud):
    _, node = cloud.one(local_cloud.shell("a", SLEEP))
    pid = processes.supervisor_pid(node)
    assert os.getsid(pid) == pid != os.getsid(0)
    assert local_cloud.parent(pid) != os.getpid()
    assert os.readlink(f"/proc/{pid}/cwd") == "/"


def test_a_second_supervisor_gives_way(cloud):
    _, node = cloud.one(local_cloud.shell("a", SLEEP))
    before = processes.supervisor_pid(node), cloud.pid(node, "a")
    processes.start([node])
    assert (processes.supervisor_pid(node), cloud.pid(node, "a")) == before
    assert len(local_cloud.supervisors(cloud.path)) == 1


def test_a_damaged_file_changes_nothing_that_runs(cloud):
    made, node = cloud.one(local_cloud.shell("a", SLEEP))
    before = cloud.pid(node, "a")
    node.services.write_text("{")
    processes.tell(node, signal.SIGHUP)
    log = node.logs / "supervisor.log"
    local_cloud.until(lambda: b"Traceback" in log.read_bytes())
    assert cloud.pid(node, "a") == before
    described = {"c-n-0": manifest.Manifest(services=(local_cloud.shell("a", SLEEP),))}
    cloud.ensure(made, described)
    assert cloud.pid(node, "a") == before


def _read(path: pathlib.Path) -> str:
    try:
        return path.read_text()
    except FileNotFoundError:
        return ""
