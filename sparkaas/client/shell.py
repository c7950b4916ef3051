# SPDX-License-Identifier: Apache-2.0
"""The program ``sparkaas``: cliff around the commands of ``openstack spark``.

Which commands there are stands once, in the entry points that openstackclient
reads too. Only the one that was typed is imported, and the client only when it
is used, so that the program starts fast.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import inspect
import logging
import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING
from typing import Any

from cliff import app
from cliff import commandmanager
from cliff import help as cliff_help

from sparkaas import version

if TYPE_CHECKING:
    from sparkaas.client import client as client_module

DISTRIBUTION = "sparkaas"
COMMANDS = "openstack.spark.v2"
PREFIX = "spark_"

#: Global options that may stand anywhere before ``--``.
ANYWHERE = frozenset({"--debug"})


class Commands(commandmanager.CommandManager):
    """The commands of this distribution alone, without the prefix ``spark``."""

    def load_commands(self, namespace: str) -> None:
        self.group_list.append(namespace)
        distribution = importlib.metadata.distribution(DISTRIBUTION)
        for entry in distribution.entry_points.select(group=namespace):
            name = entry.name.removeprefix(PREFIX).replace("_", " ")
            self.commands[name] = entry


class HelpAction(argparse.Action):
    """Shows the global options and the commands, one a line, in columns."""

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: str | Sequence[Any] | None,
        option_string: str | None = None,
    ) -> None:
        shell: Shell = self.default
        out = shell.stdout
        parser.print_help(out)
        commands = {
            name: (inspect.getdoc(entry.load()) or "").partition("\n")[0].rstrip(".")
            for name, entry in sorted(shell.command_manager)
        }
        width = max(map(len, commands))
        out.write("\ncommands:\n")
        for name, what in commands.items():
            out.write(f"  {name:<{width}}  {what}\n")
        raise cliff_help.HelpExit


class Help(cliff_help.HelpCommand):
    """Tell the options of a command, or what commands there are."""

    def take_action(self, parsed_args: argparse.Namespace) -> int:
        if parsed_args.cmd:
            return super().take_action(parsed_args)
        self.app.parser.parse_args(["--help"])
        return 0


class GlobalParser(argparse.ArgumentParser):
    """Parses what stands before the command; the command's words are its own."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.with_value: set[str] = set()

    def add_value(self, option: str, **kwargs: Any) -> None:
        """An option that takes one value."""
        self.with_value.add(option)
        self.add_argument(option, **kwargs)

    def parse_known_args(  # type: ignore[override]
        self,
        args: Sequence[str] | None = None,
        namespace: argparse.Namespace | None = None,
    ) -> tuple[argparse.Namespace, list[str]]:
        words = list(args or ())
        own, rest = self._split(words)
        end = rest.index("--") if "--" in rest else len(rest)
        moved = [word for word in rest[:end] if word in ANYWHERE]
        rest = [word for word in rest[:end] if word not in ANYWHERE] + rest[end:]
        known, unknown = super().parse_known_args(own + moved, namespace)
        if unknown:
            self.error(f"unrecognized arguments: {' '.join(unknown)}")
        return known, rest

    def _split(self, words: list[str]) -> tuple[list[str], list[str]]:
        at = 0
        while at < len(words) and words[at].startswith("-"):
            at += 2 if words[at] in self.with_value else 1
        return words[:at], words[at:]


class ClientManager:
    """Holds the client as ``client_manager.spark``, as openstackclient's does."""

    def __init__(self, options: argparse.Namespace) -> None:
        self._options = options
        self._client: client_module.Client | None = None

    @property
    def spark(self) -> client_module.Client:
        """The client; the service is looked for at the first use."""
        if self._client is None:
            from sparkaas.client import connection

            self._client = connection.connect(
                self._options.url, self._options.token, self._options.os_cloud
            )
        return self._client


class _Formatter(logging.Formatter):
    """``error: sentence``; ``hint:`` comes with the error's own second line."""

    def format(self, record: logging.LogRecord) -> str:
        text = super().format(record)
        if record.levelno >= logging.ERROR:
            return f"error: {text}"
        if record.levelno >= logging.WARNING:
            return f"warning: {text}"
        return text


class Shell(app.App):
    """The application."""

    #: What a user types before a command.
    program = "sparkaas"
    LOG = logging.getLogger("sparkaas-client")

    def __init__(self, **streams: Any) -> None:
        app.App.NAME = self.NAME = self.program
        self.client_manager: ClientManager | None = None
        super().__init__(
            description="Spark clusters and jobs as a service.",
            version=version.__version__,
            command_manager=Commands(COMMANDS),
            **streams,
        )
        self.command_manager.add_command("help", Help)

    def build_option_parser(
        self,
        description: str | None,
        version: str | None,
        argparse_kwargs: dict[str, Any] | None = None,
    ) -> argparse.ArgumentParser:
        parser = GlobalParser(
            description=description,
            usage=f"{self.program} [options] COMMAND ...",
            add_help=False,
            allow_abbrev=False,
        )
        parser.add_argument(
            "--version", action="version", version=f"{self.program} {version}"
        )
        parser.add_argument(
            "-h",
            "--help",
            action=HelpAction,
            nargs=0,
            default=self,
            help="show this message and the commands",
        )
        parser.add_argument(
            "-v",
            "--verbose",
            action="count",
            dest="verbose_level",
            default=self.DEFAULT_VERBOSE_LEVEL,
            help="tell more (repeat: show requests)",
        )
        parser.add_argument(
            "-q",
            "--quiet",
            action="store_const",
            dest="verbose_level",
            const=0,
            help="tell nothing but results and errors",
        )
        parser.add_argument(
            "--debug", action="store_true", help="show tracebacks on errors"
        )
        parser.add_value("--log-file", metavar="FILE", help="write a log there")
        parser.add_value(
            "--url",
            metavar="URL",
            help="the service, such as http://127.0.0.1:8386 (SPARKAAS_URL)",
        )
        parser.add_value(
            "--token",
            metavar="TOKEN",
            help="what opens it; better in SPARKAAS_TOKEN, where others cannot see it",
        )
        parser.add_value(
            "--os-cloud", metavar="NAME", help="a cloud of clouds.yaml (OS_CLOUD)"
        )
        return parser

    def configure_logging(self) -> None:
        super().configure_logging()
        root = logging.getLogger("")
        for handler in root.handlers:
            if (
                isinstance(handler, logging.StreamHandler)
                and handler.stream is self.stderr
            ):
                handler.setFormatter(_Formatter(self.CONSOLE_MESSAGE_FORMAT))
        # Request lines are for -vv; they carry no token, keystoneauth masks it.
        chatty = logging.INFO if self.options.verbose_level < 2 else logging.DEBUG
        for name in ("keystoneauth", "urllib3", "stevedore", "cliff", "openstack"):
            logging.getLogger(name).setLevel(max(chatty, logging.WARNING - 10))

    def initialize_app(self, argv: list[str]) -> None:
        if not argv:
            # No interactive mode: say what there is.
            self.parser.parse_args(["--help"])
        self.client_manager = ClientManager(self.options)


def main(argv: list[str] | None = None) -> int:
    """The console script."""
    code = Shell().run(sys.argv[1:] if argv is None else argv)
    # A reader that went away must not become a message at interpreter exit.
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return code or 141
    return code


if __name__ == "__main__":
    sys.exit(main())
