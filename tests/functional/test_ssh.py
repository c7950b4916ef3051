# SPDX-License-Identifier: Apache-2.0
"""What becomes of calls to a node when SSH does not do what it should: against a real
sshd, over a way to it that can be cut or fall silent."""

import contextlib
import dataclasses
import io
import socket
import threading

import paramiko
import pytest

from sparkaas import exceptions
from sparkaas import keys
from sparkaas import model
from sparkaas.remote import ssh
from sparkaas.testing import keeping
from tests.functional.local import cloud
from tests.servers import process
from tests.servers import relay
from tests.servers import sshd

SEED = "5e" * 32
NODE = "c-n-0"
#: Seconds, for what ends by itself; and for a test, when something that should end
#: does not.
SHORT = 0.7
FOREVER = 30


def cluster(secrets, *instances, seed=SEED):
    """Of a node for each (name, address inside, address outside)."""
    wanted = cloud.cluster(*(name.split("-")[1] for name, *_ in instances))
    groups = model.wanted_instances(wanted)
    return dataclasses.replace(
        wanted,
        instances=tuple(
            model.Instance(
                id=name,
                name=name,
                node_group_id=groups[name].id,
                instance_id=name,
                internal_ip=inside,
                management_ip=outside,
            )
            for name, inside, outside in instances
        ),
        secret_refs={keys.REFERENCE: secrets.put("p", {keys.SEED: seed})},
    )


@contextlib.contextmanager
def way(door, port, *, seed=SEED):
    """The way to the only node, through ``port``."""
    secrets = keeping.FakeSecrets()
    made = cluster(secrets, (NODE, "127.0.0.1", "127.0.0.1"), seed=seed)
    reach = ssh.SshReach(
        secrets, port=port, user=door.user, home=str(door.home), connect_seconds=5
    )
    with contextlib.closing(reach):
        yield reach.to(made, made.instances[0])


@pytest.fixture
def door(tmp_path):
    with sshd.door(tmp_path, SEED, NODE) as made:
        yield made


@pytest.fixture
def line(door):
    with relay.to(door.port) as made:
        yield made


@pytest.fixture
def node(door, line):
    with way(door, line.port) as made:
        yield made


def ended(call, *arguments, **more):
    """What the call raises; fails if it never ends."""
    caught = []

    def run():
        try:
            call(*arguments, **more)
        except exceptions.SparkaasError as error:
            caught.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(FOREVER)
    assert not thread.is_alive(), "the call never ends"
    assert caught, "the call succeeded"
    return caught[0]


def test_a_server_with_another_key_is_not_logged_in_to(tmp_path):
    with (
        sshd.door(tmp_path, SEED, "c-n-1") as other,
        way(other, other.port) as node,
    ):
        with pytest.raises(exceptions.Transient, match="another host key") as caught:
            node.run(["touch", str(tmp_path / "here")], deadline=10)
        assert caught.value.code == "HOST_KEY_MISMATCH"
        assert "it is not the node" in caught.value.message
        assert "Accepted" not in (tmp_path / "output.log").read_text()
        assert not (tmp_path / "here").exists()


def test_a_server_that_does_not_know_the_key(door):
    with way(door, door.port, seed="5f" * 32) as node:
        error = ended(node.run, ["true"], deadline=10)
    # Its host key derives from the same seed as the key that opens it.
    assert error.code == "HOST_KEY_MISMATCH"


def test_a_log_in_that_is_refused(door):
    (door.home / "management").write_text("")
    with way(door, door.port) as node:
        error = ended(node.run, ["true"], deadline=10)
    assert error.code == "NODE_UNREACHABLE"
    assert "Authentication failed" in error.message


def test_a_port_that_is_closed(door):
    with way(door, process.free_port()) as node:
        error = ended(node.run, ["true"], deadline=10)
    assert isinstance(error, exceptions.Transient)
    assert error.code == "NODE_UNREACHABLE"
    assert "127.0.0.1 cannot be reached by SSH" in error.message
    assert "refused" in error.message


def test_a_server_that_takes_connections_and_says_nothing(door):
    with (
        socket.create_server(("127.0.0.1", 0)) as silent,
        way(door, silent.getsockname()[1]) as node,
    ):
        error = ended(node.run, ["true"], deadline=SHORT)
        assert error.code == "NODE_UNREACHABLE"


def test_those_who_wait_for_one_connection_wait_no_longer_than_they_may(door):
    with (
        socket.create_server(("127.0.0.1", 0)) as silent,
        way(door, silent.getsockname()[1]) as node,
    ):
        first = threading.Thread(
            target=lambda: ended(node.run, ["true"], deadline=4), daemon=True
        )
        first.start()
        with silent.accept()[0]:
            error = ended(node.run, ["true"], deadline=SHORT)
            assert first.is_alive(), "this one waited for that one"
            assert "the time is over" in error.message
            first.join()


def test_a_connection_is_kept_and_a_broken_one_made_again(node, line):
    for _ in range(3):
        assert node.run(["echo", "a"], deadline=10).stdout == b"a\n"
    assert line.count == 1
    line.cut()
    cloud.until(lambda: works(node), "it is never made again")
    assert line.count == 2


def works(node):
    with contextlib.suppress(exceptions.Transient):
        return node.run(["echo", "a"], deadline=10).stdout == b"a\n"
    return False


def test_a_connection_that_breaks_in_the_middle_of_a_command(node, line, tmp_path):
    begun = tmp_path / "begun"

    def cut():
        cloud.until(begun.exists, "the command never begins")
        line.cut()

    threading.Thread(target=cut).start()
    command = f"echo > {begun}; echo part; exec sleep 100"
    error = ended(node.run, ["sh", "-c", command], deadline=60)
    assert isinstance(error, exceptions.Transient)
    assert not isinstance(error, exceptions.DeadlineExceeded)
    assert "127.0.0.1" in error.message
    assert works(node)


def test_a_server_that_falls_silent_between_two_calls(node, line):
    assert works(node)
    line.freeze()
    error = ended(node.run, ["true"], deadline=SHORT)
    assert isinstance(error, exceptions.Transient)
    line.thaw()
    assert works(node)
    assert line.count == 2


def test_a_server_that_falls_silent_in_the_middle_of_a_command(node, line, tmp_path):
    begun = tmp_path / "begun"

    def freeze():
        cloud.until(begun.exists, "the command never begins")
        line.freeze()

    threading.Thread(target=freeze).start()
    error = ended(node.run, ["sh", "-c", f"echo > {begun}; exec sleep 100"], deadline=3)
    assert isinstance(error, exceptions.DeadlineExceeded)
    assert "sh on 127.0.0.1 took longer than 3 s" in error.message
    line.thaw()
    assert works(node)


def test_a_server_that_falls_silent_while_it_is_sent_much(node, line, tmp_path):
    begun = threading.Event()

    def chunks():
        yield b"x" * 1000
        line.freeze()
        begun.set()
        for _ in range(2000):
            yield b"x" * (1 << 16)

    path = str(tmp_path / "file")
    error = ended(node.write_file, path, chunks(), deadline=2)
    assert begun.is_set()
    assert isinstance(error, exceptions.DeadlineExceeded)
    assert not (tmp_path / "file").exists()


def test_one_call_too_many_ends_none_of_the_others(tmp_path):
    """A server takes ten calls at once by one connection."""
    with sshd.door(tmp_path, SEED, NODE) as door, way(door, door.port) as node:
        go = tmp_path / "go"
        wait = f"while ! test -e {go}; do sleep 0.1; done; echo done"
        answers = []

        def call():
            made = node.run(
                ["sh", "-c", f"echo >> {tmp_path}/calls; {wait}"], deadline=60
            )
            answers.append(made.stdout)

        threads = [threading.Thread(target=call) for _ in range(10)]
        for thread in threads:
            thread.start()

        def all_began():
            with contextlib.suppress(FileNotFoundError):
                return len((tmp_path / "calls").read_text().splitlines()) == 10
            return False

        cloud.until(all_began, "not all calls begin")
        error = ended(node.run, ["true"], deadline=10)
        assert error.code == "NODE_UNREACHABLE"
        go.touch()
        for thread in threads:
            thread.join(FOREVER)
        assert answers == [b"done\n"] * 10


@pytest.mark.parametrize("where", ["", " >&2"])
def test_a_flood_is_read_to_its_end_and_kept_in_part(node, where):
    command = ["sh", "-c", f"head -c 40000000 /dev/zero{where}; exit 3"]
    made = node.run(command, deadline=60)
    kept, other = (made.stderr, made.stdout) if where else (made.stdout, made.stderr)
    assert made.exit_code == 3
    assert kept == b"\0" * (1 << 20)
    assert other == b""


def test_a_flood_that_never_ends(tmp_path):
    """From what calls itself a node, and knows no deadline."""
    with (
        sshd.door(tmp_path, SEED, NODE, command="yes") as door,
        way(door, door.port) as node,
    ):
        error = ended(node.run, ["true"], deadline=SHORT)
        assert isinstance(error, exceptions.DeadlineExceeded)


class Deaf(paramiko.ServerInterface):
    """Takes every log in and every session, and answers no request for a command."""

    def __init__(self):
        self.over = threading.Event()

    def check_auth_publickey(self, username, key):
        return paramiko.AUTH_SUCCESSFUL

    def get_allowed_auths(self, username):
        return "publickey"

    def check_channel_request(self, kind, chanid):
        return paramiko.OPEN_SUCCEEDED

    def check_channel_exec_request(self, channel, command):
        self.over.wait()
        return False


def test_a_server_that_takes_a_session_and_answers_nothing_more(door):
    host_key = keys.private_key(keys.derive(SEED, keys.host(NODE)))
    with (
        socket.create_server(("127.0.0.1", 0)) as listening,
        way(door, listening.getsockname()[1]) as node,
    ):
        deaf = Deaf()
        served = []

        def serve():
            transport = paramiko.Transport(listening.accept()[0])
            served.append(transport)
            transport.add_server_key(
                paramiko.Ed25519Key.from_private_key(io.StringIO(host_key))
            )
            transport.start_server(server=deaf)

        serving = threading.Thread(target=serve)
        serving.start()
        try:
            error = ended(node.run, ["true"], deadline=SHORT)
        finally:
            serving.join()
            deaf.over.set()
            served[0].close()
    assert isinstance(error, exceptions.DeadlineExceeded)


GATE, INSIDE = "c-a-0", "c-b-0"


class Behind:
    """A node that only another one reaches: its server is at another address, which
    the gateway takes a connection to."""

    def __init__(self, stack, tmp_path):
        for name in (GATE, INSIDE):
            (tmp_path / name).mkdir()
        self.gate = stack.enter_context(sshd.door(tmp_path / GATE, SEED, GATE))
        self.line = stack.enter_context(relay.to(self.gate.port, "127.0.0.3"))
        self.inside = stack.enter_context(
            sshd.door(
                tmp_path / INSIDE,
                SEED,
                INSIDE,
                address="127.0.0.2",
                port=self.line.port,
            )
        )
        secrets = keeping.FakeSecrets()
        self.cluster = cluster(
            secrets,
            (GATE, "127.0.0.1", "127.0.0.3"),
            (INSIDE, "127.0.0.2", "127.0.0.2"),
        )
        self.reach = stack.enter_context(
            contextlib.closing(
                ssh.SshReach(
                    secrets,
                    port=self.line.port,
                    user=self.gate.user,
                    home=str(tmp_path),
                    connect_seconds=5,
                )
            )
        )

    @property
    def node(self):
        return self.reach.to(self.cluster, self.cluster.instances[1])

    def accepted(self, name):
        log = {GATE: self.gate, INSIDE: self.inside}[name].home / "output.log"
        return [each for each in log.read_text().splitlines() if "Accepted" in each]


@pytest.fixture
def behind(tmp_path):
    with contextlib.ExitStack() as stack:
        yield Behind(stack, tmp_path)


def test_a_node_is_reached_through_its_gateway(behind):
    assert works(behind.node)
    assert works(behind.node)
    assert len(behind.accepted(GATE)) == 1
    (inside,) = behind.accepted(INSIDE)
    assert "from 127.0.0." in inside
    assert behind.line.count == 1


def test_the_gateway_is_no_one_to_trust_with_who_is_behind_it(behind, tmp_path):
    """What it leads to shows the key of that node, or is not spoken to."""
    behind.inside.process.stop()
    (tmp_path / "c").mkdir()
    with sshd.door(
        tmp_path / "c", SEED, "c-c-0", address="127.0.0.2", port=behind.line.port
    ):
        error = ended(behind.node.run, ["true"], deadline=10)
    assert error.code == "HOST_KEY_MISMATCH"


def test_a_gateway_that_is_gone_is_said_to_be(behind):
    behind.line.close()
    error = ended(behind.node.run, ["true"], deadline=10)
    assert error.code == "NODE_UNREACHABLE"
    assert "127.0.0.3" in error.message


def test_a_node_that_its_gateway_does_not_reach(behind):
    assert works(behind.reach.to(behind.cluster, behind.cluster.instances[0]))
    behind.inside.process.stop()
    error = ended(behind.node.run, ["true"], deadline=10)
    assert error.code == "NODE_UNREACHABLE"
    assert "127.0.0.2 through 127.0.0.3" in error.message
    # No fault of the gateway's.
    assert works(behind.reach.to(behind.cluster, behind.cluster.instances[0]))
    assert behind.line.count == 1


def test_a_gateway_that_fell_silent_is_asked_anew_when_it_is_back(behind):
    """As one that was restarted: what came over the old connection is lost."""
    gate = behind.reach.to(behind.cluster, behind.cluster.instances[0])
    assert works(gate)
    behind.line.freeze()
    error = ended(behind.node.run, ["true"], deadline=SHORT)
    assert error.code == "NODE_UNREACHABLE"
    behind.line.thaw()
    assert works(behind.node)
    assert behind.line.count == 2
