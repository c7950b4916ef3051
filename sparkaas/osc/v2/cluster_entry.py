# SPDX-License-Identifier: Apache-2.0
"""``cluster ssh | ui | connect | notebook``: into a cluster's nodes and software."""

from __future__ import annotations

import argparse
import os
import webbrowser

from sparkaas.client import entrances
from sparkaas.client import errors
from sparkaas.client import logins
from sparkaas.osc import base
from sparkaas.osc import passing
from sparkaas.osc import programs
from sparkaas.osc import tunnels


class SshCluster(base.Command):
    """Log in to a node of a cluster, or run a command there.

    With a cluster on this machine it is a shell in the node's directory.
    """

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser = passing.PassThroughParser(
            description=f"{self.get_description()}\n\nWhat stands after -- is run "
            "there instead of a shell; as with ssh, a shell there reads it.",
            formatter_class=argparse.RawDescriptionHelpFormatter,
            prog=prog_name,
        )
        tunnels.add_options(parser)
        parser.add_argument(
            "node",
            nargs="?",
            metavar="NODE",
            help="its name, the end of it (worker-0), or its address (default: the one "
            "that is reached directly)",
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
            return programs.run(parsed_args.program_args or [shell], wanted.directory)
        with tunnels.configured(found, parsed_args) as ssh:
            argv = [*ssh, wanted.instance_name, *parsed_args.program_args]
            return programs.run(argv)


class ShowClusterUI(base.Command):
    """Open a cluster's web pages, through SSH where they are not reachable."""

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser = super().get_parser(prog_name)
        tunnels.add_options(parser)
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
        if logins.only(found, None).directory:
            for page in pages:
                self._tell(page.name, page.url)
            self._open(pages[0].url, parsed_args)
            return 0
        with tunnels.opened(found, parsed_args, pages) as tunnel:
            for page, port in zip(pages, tunnel.ports, strict=True):
                self._tell(page.name, f"http://127.0.0.1:{port}")
            self._tell("", "Ctrl-C ends it.")
            self._open(f"http://127.0.0.1:{tunnel.ports[0]}", parsed_args)
            return tunnel.wait()

    def _tell(self, name: str, what: str) -> None:
        print(f"{name}: {what}" if name else what, file=self.app.stdout, flush=True)

    def _open(self, url: str, parsed_args: argparse.Namespace) -> None:
        if not parsed_args.no_browser and self.app.stdout.isatty():
            webbrowser.open(url)


class ConnectCluster(base.Command):
    """Print how a Python program uses a cluster by Spark Connect, or run one.

    Who knows the URL can use the cluster. Through SSH, where the cluster is not
    reachable: then the URL holds as long as this command runs.
    """

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser = passing.PassThroughParser(
            description=f"{self.get_description()}\n\nWhat stands after -- is run "
            "here, with the URL in SPARK_REMOTE, where pyspark finds it.",
            formatter_class=argparse.RawDescriptionHelpFormatter,
            prog=prog_name,
        )
        tunnels.add_options(parser)
        parser.add_argument("--url", action="store_true", help="print only the URL")
        return parser

    def take_action(self, parsed_args: argparse.Namespace) -> int:
        cluster = self.client.clusters.find(parsed_args.name)
        entrance = entrances.only(
            self.client.clusters.entrances(cluster.id), entrances.CONNECT, cluster.name
        )
        found = self.client.clusters.logins(cluster.id)
        if logins.only(found, None).directory:
            return self._use(entrances.connect_url(entrance), parsed_args)
        page = logins.page(entrance.name, entrance.url)
        with tunnels.opened(found, parsed_args, [page]) as tunnel:
            url = entrances.forwarded_url(entrance, tunnel.ports[0])
            code = self._use(url, parsed_args)
            if parsed_args.program_args:
                return code
            if not parsed_args.url:
                self._tell("Ctrl-C ends it.")
            return tunnel.wait()

    def _use(self, url: str, parsed_args: argparse.Namespace) -> int:
        if argv := parsed_args.program_args:
            environment = {**os.environ, "SPARK_REMOTE": url}
            return programs.run(argv, environment=environment)
        self._tell(url if parsed_args.url else f"{url}\n\n{entrances.snippet(url)}")
        return 0

    def _tell(self, what: str) -> None:
        print(what, file=self.app.stdout, flush=True)


class ClusterNotebook(base.Command):
    """Open JupyterLab on a cluster, through SSH where it is not reachable.

    Who knows the URL can use the cluster.
    """

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser = super().get_parser(prog_name)
        tunnels.add_options(parser)
        parser.add_argument(
            "--no-browser", action="store_true", help="only print where it is"
        )
        return parser

    def take_action(self, parsed_args: argparse.Namespace) -> int:
        cluster = self.client.clusters.find(parsed_args.name)
        entrance = entrances.only(
            self.client.clusters.entrances(cluster.id), entrances.NOTEBOOK, cluster.name
        )
        found = self.client.clusters.logins(cluster.id)
        if logins.only(found, None).directory:
            self._open(entrances.page_url(entrance), parsed_args)
            return 0
        page = logins.page(entrance.name, entrance.url)
        with tunnels.opened(found, parsed_args, [page]) as tunnel:
            self._open(entrances.page_url(entrance, tunnel.ports[0]), parsed_args)
            print("Ctrl-C ends it.", file=self.app.stdout, flush=True)
            return tunnel.wait()

    def _open(self, url: str, parsed_args: argparse.Namespace) -> None:
        print(url, file=self.app.stdout, flush=True)
        if not parsed_args.no_browser and self.app.stdout.isatty():
            webbrowser.open(url)
