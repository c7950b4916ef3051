# SPDX-License-Identifier: Apache-2.0
"""``job template create | list | show | update | delete``, ``job type list``."""

from __future__ import annotations

import argparse
import pathlib
from collections.abc import Iterable
from collections.abc import Sequence
from typing import Any

import yaml

from sparkaas.client import errors
from sparkaas.osc import base
from sparkaas.osc import changing

FIELDS = (
    "id",
    "name",
    "type",
    "mains",
    "libs",
    "interface",
    "is_public",
    "is_protected",
    "description",
    "created_at",
    "updated_at",
)


class CreateJobTemplate(base.ShowOne):
    """Create a job template out of job binaries."""

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser = super().get_parser(prog_name)
        parser.add_argument("name", metavar="NAME")
        parser.add_argument(
            "--type", required=True, help="such as PySpark; see: job type list"
        )
        for option, what in (("main", "program"), ("lib", "library or file")):
            parser.add_argument(
                f"--{option}",
                action="append",
                default=[],
                metavar="BINARY",
                help=f"a {what}: a job binary, by name or id (repeat)",
            )
        parser.add_argument(
            "--interface",
            metavar="FILE",
            help="what job launch --interface can name: a JSON or YAML list of "
            "arguments, each with name, mapping_type (args, configs or params), "
            "location and required",
        )
        base.add_acl(parser)
        return parser

    def take_action(
        self, parsed_args: argparse.Namespace
    ) -> tuple[Sequence[str], Iterable[Any]]:
        find = self.client.job_binaries.find
        made = self.client.job_templates.create(
            name=parsed_args.name,
            type=parsed_args.type,
            mains=[find(name).id for name in parsed_args.main],
            libs=[find(name).id for name in parsed_args.lib],
            interface=_interface(parsed_args.interface),
            **base.acl(parsed_args),
        )
        return base.shown(made, FIELDS)


def _interface(path: str | None) -> list[Any] | None:
    """The arguments that a file describes; the service says what is wrong in one."""
    if path is None:
        return None
    try:
        found = yaml.safe_load(pathlib.Path(path).read_text(encoding="utf-8"))
    except (UnicodeDecodeError, yaml.YAMLError) as error:
        raise errors.UsageError(f"{path} is neither JSON nor YAML.") from error
    if not isinstance(found, list):
        raise errors.UsageError(f"{path} does not hold a list.")
    return found


class ListJobTemplate(base.ListNoun):
    """List job templates."""

    of_projects = True
    collection = "job_templates"
    table = (
        ("ID", "id"),
        ("Name", "name"),
        ("Type", "type"),
        ("Mains", "mains"),
        ("Libs", "libs"),
    )


class ShowJobTemplate(base.ShowNoun):
    """Show a job template."""

    collection = "job_templates"
    metavar = "TEMPLATE"
    fields = FIELDS


class UpdateJobTemplate(changing.UpdateNoun):
    """Change what a job template is called and who may use it."""

    collection = "job_templates"
    metavar = "TEMPLATE"
    fields = FIELDS


class DeleteJobTemplate(base.DeleteNoun):
    """Delete job templates."""

    collection = "job_templates"
    metavar = "TEMPLATE"


class ListJobType(base.ListNoun):
    """List what kinds of job there are, and the plugins that run them."""

    collection = "job_types"
    table = (("Name", "name"), ("Plugins", "plugins"))

    def take_action(
        self, parsed_args: argparse.Namespace
    ) -> tuple[Sequence[str], Iterable[Any]]:
        return ["Name", "Plugins"], [
            [kind.name, ", ".join(str(plugin["name"]) for plugin in kind.plugins)]
            for kind in self.client.job_types.list()
        ]
