# SPDX-License-Identifier: Apache-2.0
"""The local driver's own promises: after crashes, on a full disk, among strangers."""

from __future__ import annotations

import dataclasses
import errno
import io
import os
import pathlib
import signal
import socket
import stat
import subprocess
import sys

import pytest

from sparkaas import exceptions
from sparkaas import manifest
from sparkaas import model
from sparkaas.infra.local import catalog
from sparkaas.infra.local import java
from sparkaas.infra.local import packages
from sparkaas.infra.local import processes
from sparkaas.infra.local.supervisor import files
from sparkaas.remote import local as local_remote
from sparkaas.testing import crash
from tests.functional.local import cloud as local_cloud

SLEEP = "exec sleep 1000"


def described(
    *names: str, text: str = "", service: manifest.Service | None = None
) -> dict[str, manifest.Manifest]:
    file = manifest.File(f"{manifest.ROOT}/etc/text-{text}", f"{text} @{{secret:key}}")
    services = (service or local_cloud.shell("a", SLEEP),)
    return {
        f"c-{name}-0": manifest.Manifest(files=(file,), services=services)
        for name in names
    }


def test_files_are_where_they_should_and_private(cloud):
    one = {
        "c-n-0": manifest.Manifest(
            files=(
                manifest.File(f"{manifest.ROOT}/a/plain", "@{address:c-n-0}", 0o755),
                manifest.File(f"{manifest.ROOT}/a/hidden", "@{secret:key}", 0o644),
            ),
            directories=(manifest.Directory(f"{manifest.ROOT}/d/e", 0o750),),
        )
    }
    made = cloud.ensure(local_cloud.cluster("n"), one, {"key": "s3cret"})
    root = pathlib.Path(made.instances[0].facts["root"])
    assert (root / "a/plain").read_text() == made.instances[0].internal_ip
    assert (root / "a/hidden").read_text() == "s3cret"
    modes = {
        name: stat.S_IMODE((root / name).stat().st_mode)
        for name in ("a/plain", "a/hidden", "d/e", "..", "../services.json", "../jobs")
    }
    assert modes == {
        "a/plain": 0o755,
        "a/hidden": 0o600,
        "d/e": 0o750,
        "..": 0o700,
        "../services.json": 0o600,
        "../jobs": 0o700,
    }


def test_files_of_an_older_manifest_go(cloud):
    made = cloud.ensure(
        local_cloud.cluster("n"), described("n", text="old"), {"key": "k"}
    )
    root = pathlib.Path(made.instances[0].facts["root"])
    (root / "etc" / "of-a-service").touch()
    cloud.ensure(made, described("n", text="new"), {"key": "k"})
    assert sorted(p.name for p in (root / "etc").iterdir()) == [
        "of-a-service",
        "text-new",
    ]


def test_a_link_does_not_lead_a_write_outside(cloud, tmp_path):
    made, node = cloud.one(local_cloud.shell("a", SLEEP))
    (node.root / "etc").symlink_to(tmp_path)
    with pytest.raises(exceptions.Permanent, match="link"):
        cloud.ensure(made, described("n"), {"key": "k"})
    assert not (tmp_path / "text-").exists()


def test_a_killed_supervisor_leaves_nothing_and_is_replaced(cloud):
    script = f"sleep 1000 & echo $! >> {manifest.ROOT}/child; exec sleep 1000"
    service = local_cloud.shell("a", script)
    one = {"c-n-0": manifest.Manifest(services=(service,))}
    made, node = cloud.one(service)
    leader = cloud.pid(node, "a")
    child = int(
        local_cloud.until(
            lambda: (node.root / "child").exists() and (node.root / "child").read_text()
        )
    )
    os.kill(processes.supervisor_pid(node), signal.SIGKILL)
    local_cloud.until(lambda: not local_cloud.lives(leader))
    state = cloud.infrastructure.observe(made)["c-n-0"]
    assert not state.present
    assert "supervisor is gone" in state.detail
    cloud.infrastructure = cloud.make()
    cloud.ensure(made, one)
    assert not local_cloud.lives(child)
    cloud.ready(node, "a")
    assert cloud.infrastructure.observe(made)["c-n-0"].present


def test_nodes_survive_the_kill_of_the_process_that_made_them(cloud, tmp_path):
    """The service is killed with its whole process group, as ``kill -9`` of a
    terminal's job is."""
    program = tmp_path / "make.py"
    program.write_text(
        "import pathlib, sys, time\n"
        "sys.path.insert(0, sys.argv[2])\n"
        "from sparkaas import manifest\n"
        "from tests.functional.local import cloud\n"
        "one = cloud.Cloud(pathlib.Path(sys.argv[1]))\n"
        "service = cloud.shell('a', 'exec sleep 1000')\n"
        "one.ensure(cloud.cluster('n', id='c1'),\n"
        "           {'c-n-0': manifest.Manifest(services=(service,))})\n"
        "print('made', flush=True)\n"
        "time.sleep(1000)\n"
    )
    here = pathlib.Path(__file__).parents[3]
    with subprocess.Popen(
        [sys.executable, str(program), str(tmp_path), str(here)],
        stdout=subprocess.PIPE,
        start_new_session=True,
    ) as maker:
        assert maker.stdout.readline() == b"made\n"
        os.killpg(maker.pid, signal.SIGKILL)
    node = cloud.layout.node("c1", "c-n-0")
    cloud.ready(node, "a")
    pid = cloud.pid(node, "a")
    one = {"c-n-0": manifest.Manifest(services=(local_cloud.shell("a", SLEEP),))}
    made = cloud.ensure(local_cloud.cluster("n", id="c1"), one)
    assert cloud.pid(node, "a") == pid
    assert cloud.infrastructure.observe(made)["c-n-0"].services["a"].state == "ready"


def _story(cloud: local_cloud.Cloud, point: crash.Point) -> None:
    """A cluster's life: created, changed, resized, deleted. A crash begins the step
    again with a driver that knows nothing; each step must end as if there was none."""
    driver = [cloud.make(point=point)]

    def surviving(step):
        def one():
            try:
                return step(driver[0])
            except crash.Crash:
                driver[0] = cloud.make()
                return model.Wait(0, "crashed")

        return one

    wanted = local_cloud.cluster("a", "b", id="c1")
    acts = [
        (wanted, described("a", "b", text="1")),
        (wanted, described("a", "b", text="2")),
        (local_cloud.cluster("b", "d", id="c1"), described("b", "d", text="2")),
    ]
    addresses = {}
    for cluster, manifests in acts:
        done = local_cloud.settle(
            surviving(lambda d, c=cluster, m=manifests: d.ensure(c, m, {"key": "k"}))
        )
        instances = {i.name: i for i in done.facts["instances"]}
        assert instances.keys() == manifests.keys()
        assert {o.name for o in driver[0].list_owned()} == manifests.keys()
        assert len(local_cloud.supervisors(cloud.path)) == len(manifests)
        for name, state in driver[0].observe(cluster).items():
            assert state.digest == manifests[name].digest()
            texts = pathlib.Path(instances[name].facts["root"], "etc")
            assert len(list(texts.iterdir())) == 1
            address = instances[name].internal_ip
            assert addresses.setdefault(name, address) == address
        assert len({i.internal_ip for i in instances.values()}) == len(instances)
    local_cloud.settle(surviving(lambda d: d.delete(wanted)))
    assert driver[0].list_owned() == ()
    assert not cloud.layout.cluster("c1").exists()
    assert not local_cloud.supervisors(cloud.path)
    assert files.read_json(cloud.layout.addresses) == {}


def test_a_crash_after_any_effect_changes_nothing_in_the_end(cloud):
    counting = crash.CrashAfter()
    _story(cloud, counting)
    assert len(set(counting.seen)) >= 8
    # One crash at the first and the last of each kind of effect.
    first = {name: n for n, name in reversed(list(enumerate(counting.seen, 1)))}
    last = {name: n for n, name in enumerate(counting.seen, 1)}
    for n in sorted({*first.values(), *last.values()}):
        point = crash.CrashAfter(n)
        _story(cloud, point)
        assert len(point.seen) == n


def test_a_node_that_is_wanted_again_while_it_goes(cloud):
    script = "trap '' TERM; while :; do sleep 0.1; done"
    service = local_cloud.shell("a", script, stop_seconds=1)
    both = described("a", "b", service=service)
    made = cloud.ensure(local_cloud.cluster("a", "b"), both, {"key": "k"})
    node = cloud.layout.node(made.id, "c-b-0")
    old = cloud.pid(node, "a")
    fewer = {"c-a-0": both["c-a-0"]}
    assert isinstance(
        cloud.infrastructure.ensure(made, fewer, {"key": "k"}), model.Wait
    )
    assert not cloud.infrastructure.observe(made)["c-b-0"].present
    again = cloud.ensure(made, both, {"key": "k"})
    assert again.instances == made.instances
    assert cloud.pid(node, "a") != old


def test_a_port_that_a_stranger_has(cloud):
    with socket.socket() as stranger:
        stranger.bind(("", 0))
        stranger.listen()
        port = stranger.getsockname()[1]
        wanted = local_cloud.cluster("n")
        one = {"c-n-0": manifest.Manifest(services=(local_cloud.web("c-n-0", port),))}
        with pytest.raises(exceptions.Permanent, match=str(port)) as caught:
            cloud.ensure(wanted, one)
        assert caught.value.code == "PORT_TAKEN"
        assert "ss -ltnp" in caught.value.hint
        assert not local_cloud.supervisors(cloud.path)
    # It went away, and the user asks again.
    made = cloud.ensure(wanted, one)
    cloud.ready(cloud.layout.node(made.id, "c-n-0"), "web")


def test_a_stranger_on_one_address_is_avoided(cloud):
    port = local_cloud.free_port()
    first, _ = cloud.one(local_cloud.shell("a", SLEEP))
    after = _next_address(first.instances[0].internal_ip)
    with socket.socket() as stranger:
        stranger.bind((after, port))
        stranger.listen()
        made, node = cloud.one(local_cloud.web("c-n-0", port))
        cloud.ready(node, "web")
    assert made.instances[0].internal_ip not in (after, first.instances[0].internal_ip)


def _next_address(address: str) -> str:
    parts = [int(part) for part in address.split(".")]
    number = int.from_bytes(bytes(parts), "big") + 1
    while number % 256 in (0, 255):
        number += 1
    return ".".join(str(part) for part in number.to_bytes(4, "big"))


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
def test_a_full_disk(cloud, number):
    def full(name: str) -> None:
        if name == "after node.file":
            raise OSError(number, os.strerror(number))

    cloud.infrastructure = cloud.make(point=full)
    with pytest.raises(exceptions.Permanent) as caught:
        cloud.ensure(local_cloud.cluster("n"), described("n"), {"key": "k"})
    assert caught.value.code == "DISK_FULL"
    assert str(cloud.path) in caught.value.message
    assert "state_path" in caught.value.hint


def test_too_little_room_is_told_before_anything_starts(cloud):
    cloud.infrastructure = cloud.make(least_free=1 << 62)
    wanted = local_cloud.cluster("n")
    with pytest.raises(exceptions.InvalidRequest) as refused:
        cloud.infrastructure.check(wanted)
    with pytest.raises(exceptions.Permanent) as given_up:
        cloud.ensure(wanted, described("n"), {"key": "k"})
    assert refused.value.code == given_up.value.code == "DISK_FULL"
    assert cloud.infrastructure.list_owned() == ()


def test_a_cluster_larger_than_the_machine_is_refused(cloud):
    flavor = model.Flavor(id="x", name="x", vcpus=1, ram_mb=1 << 40, disk_gb=1)
    with pytest.raises(exceptions.QuotaExceeded, match="memory"):
        cloud.infrastructure.check(local_cloud.cluster("n", flavor=flavor))


def test_a_network_that_is_used_up(cloud):
    cloud.infrastructure = cloud.make(network="127.77.0.4/31")
    full = cloud.ensure(
        local_cloud.cluster("a", "b"), described("a", "b"), {"key": "k"}
    )
    cloud.infrastructure.check(full)
    with pytest.raises(exceptions.QuotaExceeded, match="addresses"):
        cloud.infrastructure.check(local_cloud.cluster("n"))
    with pytest.raises(exceptions.Permanent, match=r"127\.77\.0\.4/31") as caught:
        cloud.ensure(local_cloud.cluster("n"), described("n"), {"key": "k"})
    assert caught.value.code == "NO_ADDRESS"


def test_java_is_missed_in_the_request_and_later(cloud, tmp_path):
    software = packages.Packages({}, None, java.Java(str(tmp_path / "nowhere")))
    cloud.infrastructure = cloud.make(software=software)
    with pytest.raises(exceptions.InvalidRequest) as refused:
        cloud.infrastructure.check(local_cloud.cluster("n"))
    needs = manifest.Manifest(packages=(manifest.Package("java", "17"),))
    with pytest.raises(exceptions.Permanent) as given_up:
        cloud.ensure(local_cloud.cluster("n"), {"c-n-0": needs})
    for error in (refused.value, given_up.value):
        assert error.code == "JAVA_MISSING"
        assert "openjdk-17-jre-headless" in error.hint


def test_nodes_without_software_need_no_java(cloud, tmp_path):
    software = packages.Packages({}, None, java.Java(str(tmp_path / "nowhere")))
    cloud.infrastructure = cloud.make(software=software)
    image = catalog.image_id(catalog.BARE)
    bare = dataclasses.replace(local_cloud.cluster("n"), default_image_id=image)
    cloud.infrastructure.check(bare)


def test_jobs_processes_end_with_their_node(cloud):
    made, node = cloud.one(local_cloud.shell("a", SLEEP))
    remote = local_remote.LocalReach().to(made, made.instances[0])
    directory = f"{remote.work_directory}/job"
    remote.write_file(f"{directory}/x", [b""], deadline=10)
    scripts = [
        # In a session of its own, deaf to requests.
        "setsid sh -c 'trap \"\" TERM; while :; do sleep 0.1; done' >/dev/null 2>&1 &"
        " echo $!",
        # With an environment of its own, as a job's launcher gives it.
        f"env -i HOME={directory} /usr/bin/setsid sleep 1000 >/dev/null 2>&1 & echo $!",
        # Without any environment, at work inside the node.
        f"cd {directory}; env -i /usr/bin/setsid sleep 1000 >/dev/null 2>&1 & echo $!",
    ]
    pids = [
        int(remote.run(["sh", "-c", script], deadline=10).stdout) for script in scripts
    ]
    assert all(local_cloud.lives(pid) for pid in pids)
    bystander = subprocess.Popen(["/bin/sleep", "1000"])
    try:
        local_cloud.settle(lambda: cloud.infrastructure.delete(made))
        assert not any(local_cloud.lives(pid) for pid in pids)
        assert local_cloud.lives(bystander.pid)
    finally:
        bystander.kill()
        bystander.wait()


def test_jobs_live_on_when_a_supervisor_is_replaced(cloud):
    made, node = cloud.one(local_cloud.shell("a", SLEEP))
    remote = local_remote.LocalReach().to(made, made.instances[0])
    script = "setsid sleep 1000 >/dev/null 2>&1 & echo $!"
    job = int(remote.run(["sh", "-c", script], deadline=10).stdout)
    os.kill(processes.supervisor_pid(node), signal.SIGKILL)
    one = {"c-n-0": manifest.Manifest(services=(local_cloud.shell("a", SLEEP),))}
    cloud.ensure(made, one)
    assert local_cloud.lives(job)


def test_a_stopped_supervisor_does_not_hold_up_a_delete(cloud):
    made, node = cloud.one(local_cloud.shell("a", SLEEP, stop_seconds=0))
    pid = processes.supervisor_pid(node)
    service = cloud.pid(node, "a")
    os.kill(pid, signal.SIGSTOP)
    local_cloud.settle(lambda: cloud.infrastructure.delete(made))
    assert not local_cloud.lives(pid)
    assert not local_cloud.lives(service)


def test_directories_that_a_job_made_unwritable_are_removed(cloud):
    made, node = cloud.one(local_cloud.shell("a", SLEEP))
    locked = node.jobs / "locked"
    (locked / "inner").mkdir(parents=True)
    (locked / "inner" / "file").touch()
    (locked / "inner").chmod(0)
    locked.chmod(0o500)
    local_cloud.settle(lambda: cloud.infrastructure.delete(made))
    assert not node.path.exists()


def test_a_claim_without_a_node_is_seen_and_removed(cloud):
    point = crash.CrashAfter(1)
    with pytest.raises(crash.Crash, match=r"addresses\.claim"):
        cloud.make(point=point).ensure(
            local_cloud.cluster("n", id="c1"), described("n"), {"key": "k"}
        )
    assert [o.cluster_id for o in cloud.infrastructure.list_owned()] == ["c1"]
    gone = dataclasses.replace(local_cloud.cluster(id="c1"))
    local_cloud.settle(lambda: cloud.infrastructure.delete(gone))
    assert cloud.infrastructure.list_owned() == ()


def test_names_that_are_paths_are_refused(cloud):
    for id, name in (("../x", "c-n-0"), ("c1", "../../x"), ("c1", "a/b"), ("", "a")):
        with pytest.raises(exceptions.Permanent):
            cloud.layout.node(id, name)


def test_output_of_a_service_that_floods_is_bounded(cloud):
    flood = "yes | head -c 1000000; echo end; exec sleep 1000"
    _, node = cloud.one(local_cloud.shell("a", flood))

    def over():
        # Only then do the files keep their names.
        try:
            return (node.logs / "a.log").read_bytes().endswith(b"end\n")
        except FileNotFoundError:
            return False

    local_cloud.until(over)
    size = sum(path.stat().st_size for path in node.logs.glob("a.log*"))
    assert size <= 4 * 65536
    assert io.BytesIO((node.logs / "a.log.3").read_bytes()).readline() == b"y\n"
