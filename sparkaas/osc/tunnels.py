# SPDX-License-Identifier: Apache-2.0
"""OpenSSH, told of a cluster's nodes: logins, and ports that lead to theirs."""

from __future__ import annotations

import argparse
import contextlib
import dataclasses
import pathlib
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from collections.abc import Sequence

from sparkaas.client import errors
from sparkaas.client import logins

#: Where OpenSSH looks for the user's own configuration.
_OWN = pathlib.Path("~/.ssh/config")


def add_options(parser: argparse.ArgumentParser) -> None:
    """The cluster, and how to log in to its nodes."""
    parser.add_argument("name", metavar="CLUSTER", help="name or id")
    parser.add_argument("--user", help="on the nodes (default: the image's)")
    parser.add_argument(
        "-i",
        "--identity",
        type=pathlib.Path,
        metavar="FILE",
        help="the private key to the cluster's key pair (default: as ssh finds it)",
    )


@contextlib.contextmanager
def configured(
    found: Sequence[logins.Login], parsed_args: argparse.Namespace
) -> Iterator[list[str]]:
    """The command that knows the nodes by name, as long as it is needed."""
    program = _ssh()
    own = _OWN.expanduser()
    identity = parsed_args.identity
    with tempfile.TemporaryDirectory(prefix="sparkaas-ssh-") as directory:
        hosts, config = (pathlib.Path(directory) / name for name in ("hosts", "config"))
        hosts.write_text(logins.known_hosts(found))
        config.write_text(
            logins.ssh_config(
                found,
                hosts,
                user=parsed_args.user,
                identity=identity.expanduser().absolute() if identity else None,
                more=own if own.exists() else None,
            )
        )
        yield [program, "-F", str(config)]


@dataclasses.dataclass(frozen=True)
class Tunnel:
    """``ports`` of 127.0.0.1 lead to the places that were asked for, in order."""

    ports: Sequence[int]
    process: subprocess.Popen[bytes]

    def wait(self) -> int:
        """Until it breaks or the user ends it; returns what the command returns."""
        try:
            return self.process.wait()
        except KeyboardInterrupt:
            return 0


@contextlib.contextmanager
def opened(
    found: Sequence[logins.Login],
    parsed_args: argparse.Namespace,
    pages: Sequence[logins.Page],
) -> Iterator[Tunnel]:
    """Ways to the pages through the node that is reached directly. Raises
    ``errors.ClientError`` when there is none; ssh itself says why."""
    through = logins.only(found, None)
    ports = [_free_port() for _ in pages]
    forwards = [
        word
        for page, port in zip(pages, ports, strict=True)
        for word in ("-L", logins.forward(page, port))
    ]
    with configured(found, parsed_args) as ssh:
        options = ("-o", "ExitOnForwardFailure=yes", "-N", "-T")
        argv = [*ssh, *options, *forwards, through.instance_name]
        with subprocess.Popen(argv) as process:
            try:
                if not _listens(ports[0], process):
                    raise errors.ClientError(
                        f"There is no way to {through.instance_name}: ssh ended with "
                        f"code {process.wait()}."
                    )
                yield Tunnel(ports, process)
            finally:
                process.terminate()


def _ssh() -> str:
    found = shutil.which("ssh")
    if found is None:
        raise errors.ClientError(
            "There is no ssh on this machine.",
            hint="Install OpenSSH's client (Debian: openssh-client).",
        )
    return found


def _listens(port: int, tunnel: subprocess.Popen[bytes]) -> bool:
    """Whether the tunnel is there; waits for it as long as ssh tries."""
    while tunnel.poll() is None:
        with socket.socket() as one:
            one.settimeout(0.2)
            if one.connect_ex(("127.0.0.1", port)) == 0:
                return True
        try:
            tunnel.wait(0.2)
        except subprocess.TimeoutExpired:
            continue
    return False


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])
