# SPDX-License-Identifier: Apache-2.0
"""The fixture ``node_door``: the way into a node by SSH, from Debian's openssh-server.

The server takes every login as the user who runs the tests, and whatever it is asked
to run it runs ``sparkaas-node`` of this tree, as a node's does.
"""

import contextlib
import dataclasses
import getpass
import pathlib
from collections.abc import Iterator

from sparkaas import keys
from sparkaas.infra.openstack import userdata
from tests.servers import process

_PACKAGE = "openssh-server"


@dataclasses.dataclass(frozen=True)
class Door:
    """A running server; ``process`` can be stopped and started again."""

    port: int
    user: str
    home: pathlib.Path
    process: process.Process


@contextlib.contextmanager
def door(
    directory: pathlib.Path,
    seed: str,
    instance_name: str,
    *,
    address: str = "127.0.0.1",
    port: int = 0,
    command: str = "",
) -> Iterator[Door]:
    """A node's SSH server, with the keys that derive from the cluster's seed; with
    another ``command`` than the node's program."""
    program = process.find("sshd", _PACKAGE)
    port = port or process.free_port()
    node = directory / "sparkaas-node"
    node.write_bytes(userdata.program())
    node.chmod(0o755)
    for name, secret, mode in (
        ("host", keys.derive(seed, keys.host(instance_name)), 0o600),
        ("management", keys.derive(seed, keys.MANAGEMENT), 0o600),
    ):
        text = keys.private_key(secret) if name == "host" else keys.public_key(secret)
        (directory / name).write_text(text)
        (directory / name).chmod(mode)
    settings = directory / "sshd_config"
    settings.write_text(
        f"Port {port}\nListenAddress {address}\n"
        f"HostKey {directory}/host\n"
        f"AuthorizedKeysFile {directory}/management\n"
        f"ForceCommand {command or f'{node} call'}\n"
        f"PidFile {directory}/pid\n"
        "StrictModes no\nUsePAM no\nPasswordAuthentication no\n"
        "PermitRootLogin prohibit-password\n"
        "KbdInteractiveAuthentication no\n"
    )
    # The server separates privileges in a directory that the distribution's own start
    # script makes.
    with contextlib.suppress(PermissionError):
        pathlib.Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)
    server = process.Process(
        [program, "-D", "-e", "-f", str(settings)],
        user=getpass.getuser(),
        cwd=directory,
        ready=lambda: process.accepts(port, address),
    )
    server.start()
    try:
        yield Door(port, getpass.getuser(), directory, server)
    finally:
        server.stop()
