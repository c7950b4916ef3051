# SPDX-License-Identifier: Apache-2.0
"""What all commands share: the client, the errors, and the four usual verbs.

The same classes serve ``sparkaas`` and ``openstack spark``; both applications
have ``client_manager.spark``.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from collections.abc import Sequence
from typing import TYPE_CHECKING
from typing import Any
from typing import ClassVar

from cliff import command
from cliff import lister
from cliff import show

from sparkaas.client import errors
from sparkaas.osc import columns
from sparkaas.osc import console

if TYPE_CHECKING:
    from sparkaas.client import client as client_module

#: Packages whose errors are for the application around us to tell.
_FOREIGN = ("keystoneauth1.", "osc_lib.", "openstack.", "openstackclient.")


class Command(command.Command):
    """A command that talks to the service."""

    app: Any

    @property
    def client(self) -> client_module.Client:
        """The service's client; made at the first use."""
        found: client_module.Client = self.app.client_manager.spark
        return found

    @property
    def program(self) -> str:
        """What a user types before a command's name."""
        return str(getattr(self.app, "program", "openstack spark"))

    def console(self) -> console.Console:
        """Where to tell people what goes on."""
        quiet = getattr(self.app.options, "verbose_level", 1) == 0
        return console.Console(self.app.stdin, self.app.stdout, self.app.stderr, quiet)

    def run(self, parsed_args: argparse.Namespace) -> int:
        try:
            return super().run(parsed_args)
        except errors.UsageError as error:
            if self.app.options.debug:
                raise
            self.app.LOG.error(error)
            return 2
        except errors.ClientError:
            raise
        except (BrokenPipeError, KeyboardInterrupt):
            raise
        except OSError as error:
            where = f"{error.filename}: " if error.filename else ""
            raise errors.ClientError(f"{where}{error.strerror or error}") from error
        except Exception as error:
            text = str(error)
            if type(error).__module__.startswith(_FOREIGN):
                raise
            if text.startswith("No recognized column"):
                raise errors.ClientError(text) from error
            raise errors.Unexpected(
                f"{type(error).__name__}: {text}",
                hint="This is a defect of the command; --debug shows where.",
            ) from error


class Lister(Command, lister.Lister):
    """A command that shows a table."""


class ShowOne(Command, show.ShowOne):
    """A command that shows one thing."""


class ListNoun(Lister):
    """Lists a noun's collection."""

    #: The client's attribute.
    collection: ClassVar[str]
    #: Title and record attribute of each column.
    table: ClassVar[Sequence[tuple[str, str]]]
    #: Whether the objects belong to projects.
    of_projects: ClassVar[bool] = False

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser = super().get_parser(prog_name)
        if self.of_projects:
            parser.add_argument(
                "--all-projects",
                action="store_true",
                help="those of every project (administrators only)",
            )
        return parser

    def filters(self, parsed_args: argparse.Namespace) -> dict[str, Any]:
        """What the service shall filter by."""
        return {}

    def found(self, parsed_args: argparse.Namespace) -> list[Any]:
        """The records to show, in order."""
        collection = getattr(self.client, self.collection)
        filters = self.filters(parsed_args)
        if getattr(parsed_args, "all_projects", False):
            filters = {**filters, "all_projects": "true"}
        return list(collection.list(**filters))

    def take_action(
        self, parsed_args: argparse.Namespace
    ) -> tuple[Sequence[str], Iterable[Any]]:
        return [title for title, _ in self.table], [
            [columns.present(getattr(one, attribute)) for _, attribute in self.table]
            for one in self.found(parsed_args)
        ]


class ShowNoun(ShowOne):
    """Shows one of a noun by name or id."""

    collection: ClassVar[str]
    fields: ClassVar[Sequence[str]]
    metavar: ClassVar[str] = "NAME"

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser = super().get_parser(prog_name)
        parser.add_argument("name", metavar=self.metavar, help="name or id")
        return parser

    def take_action(
        self, parsed_args: argparse.Namespace
    ) -> tuple[Sequence[str], Iterable[Any]]:
        collection = getattr(self.client, self.collection)
        return shown(collection.find(parsed_args.name), self.fields)


class DeleteNoun(Command):
    """Deletes some of a noun by name or id."""

    collection: ClassVar[str]
    metavar: ClassVar[str] = "NAME"

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser = super().get_parser(prog_name)
        parser.add_argument("names", metavar=self.metavar, nargs="+", help="name or id")
        return parser

    def remove(self, found: Any, parsed_args: argparse.Namespace) -> None:
        """Delete one."""
        getattr(self.client, self.collection).delete(found.id)

    def take_action(self, parsed_args: argparse.Namespace) -> None:
        failed = []
        for name in parsed_args.names:
            try:
                found = getattr(self.client, self.collection).find(name)
                self.remove(found, parsed_args)
            except errors.ServerError as error:
                if len(parsed_args.names) == 1:
                    raise
                failed.append(name)
                self.app.LOG.error(error)
        if failed:
            raise errors.ClientError(
                f"{len(failed)} of {len(parsed_args.names)} were not deleted: "
                f"{', '.join(failed)}"
            )


def shown(found: Any, fields: Sequence[str]) -> tuple[Sequence[str], list[Any]]:
    """What ShowOne wants of a record."""
    return list(fields), [columns.present(getattr(found, name)) for name in fields]


def key_value(text: str) -> tuple[str, str]:
    """An argument ``key=value``; the value may hold anything."""
    key, equals, value = text.partition("=")
    if not equals or not key:
        raise argparse.ArgumentTypeError(f"{text!r} is not of the form key=value")
    return key, value


def name_count(text: str) -> tuple[str, int]:
    """An argument ``name:count``."""
    name, colon, count = text.rpartition(":")
    if not colon or not name or not count.isascii() or not count.isdigit():
        raise argparse.ArgumentTypeError(f"{text!r} is not of the form name:count")
    return name, int(count)


def whole_number(text: str) -> int:
    """An argument that is a whole number, at least 1."""
    if not text.isascii() or not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 1 up")
    return int(text)


def target_configs(pairs: Iterable[tuple[str, str]]) -> dict[str, dict[str, str]]:
    """``{"Spark:spark.x": "1"}`` as ``{"Spark": {"spark.x": "1"}}``; a name without a
    target belongs to Spark."""
    configs: dict[str, dict[str, str]] = {}
    for key, value in pairs:
        target, colon, name = key.partition(":")
        if not colon:
            target, name = "Spark", key
        configs.setdefault(target, {})[name] = value
    return configs


def add_acl(parser: argparse.ArgumentParser) -> None:
    """The options that every stored object has."""
    parser.add_argument("--description", help="free text")
    parser.add_argument(
        "--public", action="store_true", help="other projects may see and use it"
    )
    parser.add_argument(
        "--protected", action="store_true", help="it cannot be changed or deleted"
    )


def acl(parsed_args: argparse.Namespace) -> dict[str, Any]:
    """The fields of ``add_acl``'s options; what was not given is None."""
    return {
        "description": parsed_args.description,
        "is_public": parsed_args.public or None,
        "is_protected": parsed_args.protected or None,
    }


def add_wait(parser: argparse.ArgumentParser, what: str) -> None:
    """The options of a command that can wait."""
    parser.add_argument("--wait", action="store_true", help=f"wait until {what}")
    parser.add_argument(
        "--timeout",
        type=whole_number,
        default=1800,
        metavar="SECONDS",
        help="how long --wait waits (default: 1800)",
    )
