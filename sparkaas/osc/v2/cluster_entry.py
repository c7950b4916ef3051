# SPDX-License-Identifier: Apache-2.0
"""``cluster ssh`` and ``cluster ui``: into a cluster's nodes, to its web pages."""

from __future__ import annotations

import argparse
import contextlib
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import tempfile
import webbrowser
from collections.abc import Iterator
from collections.abc import Sequence

from sparkaas.client import errors
from sparkaas.client import logins
from sparkaas.osc import base

#: Where OpenSSH looks for the user's own configuration.
_OWN = pathlib.Path("~/.ssh/config")


def _add_ssh(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", metavar="CLUSTER", help="name or id")
    parser.add_argument("--user", help="on the nodes (default: the image's)")
    parser.add_argument(
        "-i",
        "--identity",
        type=pathlib.Path,
        metavar="FILE",
        help="the private key to the cluster's key pair (default: as ssh finds it)",
    )


def _ssh() -> str:
    found = shutil.which("ssh")
    if found is None:
        raise errors.ClientError(
            "There is no ssh on this machine.",
            hint="Install OpenSSH's client (Debian: openssh-client).",
        )
    return found


@contextlib.contextmanager
def _configured(
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


@contextlib.contextmanager
def _left_to_the_child() -> Iterator[None]:
    """Ctrl-C is for the program that runs, not for us."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _run(argv: Sequence[str], directory: str | None = None) -> int:
    def heard() -> None:
        signal.signal(signal.SIGINT, signal.SIG_DFL)

    with _left_to_the_child():
        # What runs is the user's own choice, for the user's own rights.
        done = subprocess.run(argv, cwd=directory, preexec_fn=heard, check=False)
    return done.returncode if done.returncode >= 0 else 128 - done.returncode


class SshCluster(base.Command):
    """Log in to a node of a cluster, or run a command there.

    With a cluster on this machine it is a shell in the node's directory.
    """

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser = super().get_parser(prog_name)
        _add_ssh(parser)
        parser.add_argument(
            "node",
            nargs="?",
            metavar="NODE",
            help="its name, the end of it (worker-0), or its address (default: the one "
            "that is reached directly)",
        )
        parser.add_argument(
            "command",
            nargs="*",
            metavar="-- COMMAND",
            help="to run instead of a shell; as with ssh, a shell there reads it",
        )
        return parser

    def take_action(self, parsed_args: argparse.Namespace) -> int:
        cluster = self.client.clusters.find(parsed_args.name)
        found = self.client.clusters.logins(cluster.id)
        wanted = logins.only(found, parsed_args.node)
        if wanted.directory:
            if not os.path.isdir(wanted.directory):
                raise errors.ClientError(
                    f"{wanted.instance_name} is a directory of the machine that the "
                    "service runs on, and this is another one."
                )
            shell = os.environ.get("SHELL") or "/bin/sh"
            return _run(parsed_args.command or [shell], wanted.directory)
        with _configured(found, parsed_args) as ssh:
            return _run([*ssh, wanted.instance_name, *parsed_args.command])


class ShowClusterUI(base.Command):
    """Open a cluster's web pages, through SSH where they are not reachable."""

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser = super().get_parser(prog_name)
        _add_ssh(parser)
        parser.add_argument(
            "--no-browser", action="store_true", help="only print where they are"
        )
        return parser

    def take_action(self, parsed_args: argparse.Namespace) -> int:
        cluster = self.client.clusters.find(parsed_args.name)
        cluster = self.client.clusters.get(cluster.id)
        pages = logins.pages(cluster.info, cluster.node_groups)
        if not pages:
            raise errors.ClientError(
                f"Cluster {cluster.name} has no web pages.",
                hint="It has them once it is Active.",
            )
        found = self.client.clusters.logins(cluster.id)
        through = logins.only(found, None)
        if through.directory:
            for page in pages:
                self._tell(page.name, page.url)
            self._open(pages[0].url, parsed_args)
            return 0
        ports = {page: _free_port() for page in pages}
        forwards = [
            word
            for page, port in ports.items()
            for word in ("-L", logins.forward(page, port))
        ]
        with _configured(found, parsed_args) as ssh:
            options = ("-o", "ExitOnForwardFailure=yes", "-N", "-T")
            argv = [*ssh, *options, *forwards, through.instance_name]
            return self._tunnel(argv, ports, parsed_args)

    def _tunnel(
        self,
        argv: Sequence[str],
        ports: dict[logins.Page, int],
        parsed_args: argparse.Namespace,
    ) -> int:
        with subprocess.Popen(argv) as tunnel:
            try:
                if not _listens(min(ports.values()), tunnel):
                    return tunnel.wait()
                for page, port in ports.items():
                    self._tell(page.name, f"http://127.0.0.1:{port}")
                self._tell("", "Ctrl-C ends it.")
                self._open(f"http://127.0.0.1:{min(ports.values())}", parsed_args)
                return tunnel.wait()
            except KeyboardInterrupt:
                return 0
            finally:
                tunnel.terminate()

    def _tell(self, name: str, what: str) -> None:
        print(f"{name}: {what}" if name else what, file=self.app.stdout, flush=True)

    def _open(self, url: str, parsed_args: argparse.Namespace) -> None:
        if not parsed_args.no_browser and self.app.stdout.isatty():
            webbrowser.open(url)


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
