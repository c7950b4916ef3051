# SPDX-License-Identifier: Apache-2.0
"""What the commands share that change an object, or take one from site to site."""

from __future__ import annotations

import argparse
import json
import pathlib
from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any
from typing import ClassVar

from sparkaas.client import errors
from sparkaas.client import portable
from sparkaas.osc import base
from sparkaas.osc import console


class UpdateNoun(base.ShowOne):
    """Changes one of a noun, by name or id: what is not given stays as it is."""

    collection: ClassVar[str]
    fields: ClassVar[Sequence[str]]
    metavar: ClassVar[str] = "NAME"

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser = super().get_parser(prog_name)
        parser.add_argument("found", metavar=self.metavar, help="name or id")
        parser.add_argument("--name", metavar="NEW_NAME")
        parser.add_argument("--description", help="free text")
        add_switch(parser, "public", "is_public", "other projects may see and use it")
        add_switch(
            parser, "protected", "is_protected", "it cannot be changed or deleted"
        )
        self.add_options(parser)
        return parser

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Options of the noun's own."""

    def changes(self, found: Any, parsed_args: argparse.Namespace) -> dict[str, Any]:
        """Fields of the noun's own, as far as they were given."""
        return {}

    def take_action(
        self, parsed_args: argparse.Namespace
    ) -> tuple[Sequence[str], Iterable[Any]]:
        collection = getattr(self.client, self.collection)
        common = given(parsed_args, "name", "description", "is_public", "is_protected")
        found = collection.find(parsed_args.found)
        changes = {**common, **self.changes(found, parsed_args)}
        if not changes:
            raise errors.UsageError(
                "Nothing to change: give at least one option.",
                hint="--help lists them.",
            )
        return base.shown(collection.update(found.id, **changes), self.fields)


def given(parsed_args: argparse.Namespace, *names: str) -> dict[str, Any]:
    """The options of these names that were given."""
    values = vars(parsed_args)
    return {name: values[name] for name in names if values[name] is not None}


def clearable(parsed_args: argparse.Namespace, *names: str) -> dict[str, Any]:
    """As ``given``; an empty text is null, which is how a value is taken away."""
    return {
        name: None if value == "" else value
        for name, value in given(parsed_args, *names).items()
    }


def add_switch(
    parser: argparse.ArgumentParser, option: str, dest: str, what: str
) -> None:
    """``--option`` and ``--no-option``; neither: as it is."""
    parser.add_argument(
        f"--{option}", dest=dest, action=argparse.BooleanOptionalAction, help=what
    )


def add_conf(parser: argparse.ArgumentParser) -> None:
    """Options that change some configuration and leave the rest."""
    parser.add_argument(
        "--conf",
        action="append",
        type=base.key_value,
        default=[],
        metavar="KEY=VALUE",
        help="an option to set; TARGET:KEY=VALUE if the target is not Spark (repeat)",
    )
    parser.add_argument(
        "--unset-conf",
        action="append",
        default=[],
        metavar="KEY",
        help="an option to take away, written in the same way (repeat)",
    )


def changed_conf(
    now: Mapping[str, Mapping[str, Any]], parsed_args: argparse.Namespace
) -> dict[str, Any] | None:
    """The whole configuration afterwards; None when nothing was asked for."""
    if not parsed_args.conf and not parsed_args.unset_conf:
        return None
    configs = {target: dict(values) for target, values in now.items()}
    for target, values in base.target_configs(parsed_args.conf).items():
        configs.setdefault(target, {}).update(values)
    gone = base.target_configs((key, "") for key in parsed_args.unset_conf)
    for target, values in gone.items():
        for name in values:
            if name not in configs.get(target, {}):
                raise errors.UsageError(f"The option {target}:{name} is not set.")
            del configs[target][name]
    return {target: values for target, values in configs.items() if values}


class ExportNoun(base.Command):
    """Writes a template without what belongs to this site."""

    collection: ClassVar[str]

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser = super().get_parser(prog_name)
        parser.add_argument("name", metavar="TEMPLATE", help="name or id")
        parser.add_argument(
            "--file", metavar="FILE", help="where to; default: standard output"
        )
        return parser

    def take_action(self, parsed_args: argparse.Namespace) -> None:
        collection = getattr(self.client, self.collection)
        found = collection.find(parsed_args.name)
        text = f"{json.dumps(collection.export(found.id), indent=2)}\n"
        if parsed_args.file is None:
            console.write_bytes(self.app.stdout, text.encode())
            return
        pathlib.Path(parsed_args.file).write_text(text, encoding="utf-8")
        self.console().say(f"{found.name} written to {parsed_args.file}")


class ImportNoun(base.ShowOne):
    """Makes a template of an exported one."""

    collection: ClassVar[str]
    fields: ClassVar[Sequence[str]]
    #: Fields that must be filled in, and the option that does.
    required: ClassVar[Mapping[str, str]]

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser = super().get_parser(prog_name)
        parser.add_argument(
            "file", metavar="FILE", help="JSON or YAML; - for standard input"
        )
        parser.add_argument("--name", help="instead of the template's own name")
        parser.add_argument(
            "--plugin-version",
            metavar="VERSION",
            help="instead of the template's own version",
        )
        parser.add_argument("--image", help="name or id")
        self.add_options(parser)
        return parser

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Options that fill in what the template leaves open."""

    def values(self, parsed_args: argparse.Namespace) -> dict[str, Any]:
        """Their fields; None where nothing was given."""
        return {}

    def take_action(
        self, parsed_args: argparse.Namespace
    ) -> tuple[Sequence[str], Iterable[Any]]:
        collection = getattr(self.client, self.collection)
        template = portable.read(self._text(parsed_args.file), collection.key)
        values = {
            "name": parsed_args.name,
            "plugin_version": parsed_args.plugin_version,
            **self.values(parsed_args),
        }
        fields = portable.fill(template, values, self.required)
        return base.shown(collection.create(**fields), self.fields)

    def _text(self, file: str) -> str:
        if file == "-":
            return str(self.app.stdin.read())
        try:
            return pathlib.Path(file).read_text(encoding="utf-8")
        except UnicodeDecodeError as error:
            raise errors.UsageError(f"{file} is not a text.") from error

    def image(self, parsed_args: argparse.Namespace) -> str | None:
        """The id of ``--image``."""
        if parsed_args.image is None:
            return None
        return self.client.images.find(parsed_args.image).id
