# SPDX-License-Identifier: Apache-2.0
"""The contract of ``interfaces.Remote`` and ``Reach``, over every implementation."""

from __future__ import annotations

import contextlib
import dataclasses
import http.server
import pathlib
from collections.abc import Callable
from collections.abc import Iterator

import pytest

from sparkaas import exceptions
from sparkaas import interfaces
from sparkaas import keys
from sparkaas import manifest
from sparkaas import model
from sparkaas.remote import local as local_remote
from sparkaas.remote import ssh
from sparkaas.testing import ground
from sparkaas.testing import infrastructure as fake_infrastructure
from sparkaas.testing import keeping
from sparkaas.testing import remote as fake_remote
from tests.functional.local import cloud as local_cloud
from tests.servers import answering
from tests.servers import sshd

PAGE = b"x" * 1000
NASTY = [
    "two words",
    "'single' \"double\"",
    "; false",
    "$(false) `false` $HOME",
    "a\nb",
    "*",
    "žluťoučký kůň 🐎",
    "",
]


@dataclasses.dataclass
class Place:
    """A node, the way to it, a URL that answers ``PAGE``, and how to lose it all."""

    remote: interfaces.Remote
    cluster: model.Cluster
    url: str
    lose: Callable[[], object]

    def path(self, name: str) -> str:
        return f"{self.remote.work_directory}/j/{name}"


class _Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        good = self.path == "/page"
        self.send_response(200 if good else 404)
        self.send_header("Content-Length", str(len(PAGE)))
        self.end_headers()
        self.wfile.write(PAGE)

    def log_message(self, *_: object) -> None:
        """Quiet."""


@contextlib.contextmanager
def web_server(address: str) -> Iterator[str]:
    server = http.server.ThreadingHTTPServer((address, 0), _Handler)
    with answering.answering(server):
        yield f"http://{address}:{server.server_port}"


def _fake(cluster: model.Cluster) -> Iterator[Place]:
    infrastructure = fake_infrastructure.FakeInfrastructure(ground.FakeClock())
    manifests = {name: manifest.Manifest() for name in model.wanted_instances(cluster)}
    done = infrastructure.ensure(cluster, manifests, {})
    made = dataclasses.replace(cluster, instances=done.facts["instances"])
    url = "http://10.0.0.1:80/page"
    infrastructure.node(cluster.id, "c-n-0").pages[url] = PAGE
    yield Place(
        fake_remote.FakeReach(infrastructure).to(made, made.instances[0]),
        made,
        url,
        lambda: infrastructure.delete(made),
    )


def _local(cluster: model.Cluster, path: pathlib.Path) -> Iterator[Place]:
    cloud = local_cloud.Cloud(path)
    manifests = {name: manifest.Manifest() for name in model.wanted_instances(cluster)}
    made = cloud.ensure(cluster, manifests)
    with web_server(str(made.instances[0].internal_ip)) as url:
        yield Place(
            local_remote.LocalReach().to(made, made.instances[0]),
            made,
            f"{url}/page",
            lambda: local_cloud.settle(lambda: cloud.infrastructure.delete(made)),
        )
    cloud.close()


def _ssh(cluster: model.Cluster, path: pathlib.Path) -> Iterator[Place]:
    secrets = keeping.FakeSecrets()
    seed = "5e" * 32
    reference = secrets.put(cluster.project_id, {keys.SEED: seed})
    instances = tuple(
        model.Instance(
            id=name,
            name=name,
            node_group_id=group.id,
            instance_id=name,
            internal_ip="127.0.0.1",
            management_ip="127.0.0.1",
        )
        for name, group in model.wanted_instances(cluster).items()
    )
    made = dataclasses.replace(
        cluster, instances=instances, secret_refs={keys.REFERENCE: reference}
    )
    with (
        sshd.door(path, seed, instances[0].name) as door,
        web_server("127.0.0.1") as url,
        contextlib.closing(
            ssh.SshReach(secrets, port=door.port, user=door.user, home=str(path))
        ) as reach,
    ):
        remote = reach.to(made, made.instances[0])
        yield Place(remote, made, f"{url}/page", door.process.stop)


_PLACES: dict[str, Callable[[model.Cluster, pathlib.Path], Iterator[Place]]] = {
    "local": _local,
    "fake": lambda cluster, _: _fake(cluster),
    "ssh": _ssh,
}


@pytest.fixture(params=sorted(_PLACES))
def place(request: pytest.FixtureRequest, tmp_path: pathlib.Path) -> Iterator[Place]:
    yield from _PLACES[request.param](local_cloud.cluster("n", "m"), tmp_path)


@pytest.mark.parametrize("word", NASTY)
def test_arguments_arrive_as_they_are(place, word):
    done = place.remote.run(["echo", word], deadline=30)
    assert done == interfaces.Completed(0, f"{word}\n".encode(), b"")


def test_the_exit_code_is_told(place):
    assert place.remote.run(["true"], deadline=30).exit_code == 0
    assert place.remote.run(["false"], deadline=30).exit_code == 1


def test_input_reaches_the_command(place):
    data = bytes(range(256)) * 2000
    assert place.remote.run(["cat"], deadline=30, input=data).stdout == data


def test_a_program_that_is_not_there_exits_with_127(place):
    done = place.remote.run(["no-such-program"], deadline=30)
    assert done.exit_code == 127
    assert b"no-such-program" in done.stderr


def test_a_command_past_its_deadline(place):
    with pytest.raises(exceptions.DeadlineExceeded, match="sleep"):
        place.remote.run(["sleep", "100"], deadline=0.2)


def test_a_file_reads_back_in_pieces(place):
    path = place.path("deep/er/file")
    place.remote.write_file(path, [b"abc", b"", b"defgh"], deadline=30)
    read = place.remote.read_file
    assert read(path, limit=100, deadline=30) == b"abcdefgh"
    assert read(path, offset=2, limit=3, deadline=30) == b"cde"
    assert read(path, offset=8, limit=3, deadline=30) == b""
    assert read(path, offset=99, limit=3, deadline=30) == b""


def test_a_file_is_replaced_as_a_whole(place):
    path = place.path("file")
    place.remote.write_file(path, [b"a long content"], deadline=30)
    place.remote.write_file(path, [b"short"], deadline=30)
    assert place.remote.read_file(path, limit=100, deadline=30) == b"short"


def test_a_write_that_fails_leaves_the_old_file(place):
    path = place.path("file")
    place.remote.write_file(path, [b"old"], deadline=30)

    def chunks() -> Iterator[bytes]:
        yield b"new"
        raise ConnectionResetError

    with pytest.raises((ConnectionResetError, exceptions.Transient)):
        place.remote.write_file(path, chunks(), deadline=30)
    assert place.remote.read_file(path, limit=100, deadline=30) == b"old"


def test_commands_see_written_files(place):
    path = place.path("a file")
    place.remote.write_file(path, [b"content"], deadline=30)
    assert place.remote.run(["cat", path], deadline=30).stdout == b"content"
    place.remote.run(["rm", "-rf", "--", place.path("")[:-1]], deadline=30)
    with pytest.raises(exceptions.NotFound):
        place.remote.read_file(path, limit=1, deadline=30)


def test_a_file_that_is_not_there(place):
    with pytest.raises(exceptions.NotFound):
        place.remote.read_file(place.path("nothing"), limit=1, deadline=30)


def test_a_page_is_fetched(place):
    assert place.remote.fetch(place.url, limit=1000, deadline=30) == PAGE


def test_a_page_that_is_too_long(place):
    with pytest.raises(exceptions.Transient, match="999"):
        place.remote.fetch(place.url, limit=999, deadline=30)


def test_a_page_that_is_not_there(place):
    with pytest.raises(exceptions.Transient):
        place.remote.fetch(f"{place.url}/not", limit=1000, deadline=30)


def test_symbols_mean_this_cluster(place):
    for instance in place.cluster.instances:
        symbol = manifest.address(instance.name)
        assert place.remote.expand(f"<{symbol}>") == f"<{instance.internal_ip}>"
    assert "@" not in place.remote.expand(f"{manifest.ROOT}/etc")
    assert place.remote.expand(manifest.literal("@{root:}")) == "@{root:}"


@pytest.mark.parametrize("symbol", ["@{secret:key}", "@{address:nobody}", "@{what:x}"])
def test_symbols_without_meaning_are_refused(place, symbol):
    with pytest.raises((LookupError, exceptions.SparkaasError)):
        place.remote.expand(symbol)


def test_a_node_that_is_gone_is_transient(place):
    place.lose()
    remote, path = place.remote, place.path("file")
    for call in (
        lambda: remote.run(["true"], deadline=30),
        lambda: remote.write_file(path, [b""], deadline=30),
        lambda: remote.read_file(path, limit=1, deadline=30),
        lambda: remote.fetch(place.url, limit=1000, deadline=30),
    ):
        with pytest.raises(exceptions.Transient):
            call()
