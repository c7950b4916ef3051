# SPDX-License-Identifier: Apache-2.0
"""``data source create | list | show | update | delete``."""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterable
from collections.abc import Sequence
from typing import Any

from sparkaas.client import errors
from sparkaas.osc import base
from sparkaas.osc import changing

FIELDS = (
    "id",
    "name",
    "type",
    "url",
    "is_public",
    "is_protected",
    "description",
    "created_at",
    "updated_at",
)

TYPES = {
    "swift": "swift",
    "hdfs": "hdfs",
    "maprfs": "maprfs",
    "manila": "manila",
    "s3": "s3",
    "s3a": "s3",
}


def add_credentials(parser: argparse.ArgumentParser) -> None:
    """Options for what a URL's credentials are; secrets come from variables."""
    parser.add_argument("--user", help="user, or access key, for the URL")
    parser.add_argument(
        "--secret-env",
        metavar="VARIABLE",
        help="the environment variable that holds the password or secret key "
        "(a secret on the command line could be read by others)",
    )
    parser.add_argument("--endpoint", help="of S3, when it is not Amazon's")


def credentials(parsed_args: argparse.Namespace, kind: str) -> dict[str, str] | None:
    """The credentials on the wire, or None when none were given."""
    if not (parsed_args.user or parsed_args.secret_env or parsed_args.endpoint):
        return None
    user, password = (
        ("accesskey", "secretkey") if kind == "s3" else ("user", "password")
    )
    found: dict[str, str] = {}
    if parsed_args.user:
        found[user] = parsed_args.user
    if parsed_args.secret_env:
        secret = os.environ.get(parsed_args.secret_env)
        if not secret:
            raise errors.UsageError(
                f"The environment variable {parsed_args.secret_env} is not set."
            )
        found[password] = secret
    if parsed_args.endpoint:
        found["endpoint"] = parsed_args.endpoint
    return found


class CreateDataSource(base.ShowOne):
    """Create a data source."""

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser = super().get_parser(prog_name)
        parser.add_argument("name", metavar="NAME")
        parser.add_argument("data_url", metavar="URL", help="where the data is")
        parser.add_argument(
            "--type",
            choices=sorted(set(TYPES.values())),
            help="default: what the URL begins with",
        )
        add_credentials(parser)
        base.add_acl(parser)
        return parser

    def take_action(
        self, parsed_args: argparse.Namespace
    ) -> tuple[Sequence[str], Iterable[Any]]:
        scheme = parsed_args.data_url.partition("://")[0].lower()
        kind = parsed_args.type or TYPES.get(scheme)
        if kind is None:
            raise errors.UsageError(
                f"{parsed_args.data_url!r} does not say what kind of source it is.",
                hint="Say it with --type, or begin the URL with hdfs:// or the like.",
            )
        made = self.client.data_sources.create(
            name=parsed_args.name,
            type=kind,
            url=parsed_args.data_url,
            credentials=credentials(parsed_args, kind),
            **base.acl(parsed_args),
        )
        return base.shown(made, FIELDS)


class ListDataSource(base.ListNoun):
    """List data sources."""

    of_projects = True
    collection = "data_sources"
    table = (("ID", "id"), ("Name", "name"), ("Type", "type"), ("URL", "url"))


class ShowDataSource(base.ShowNoun):
    """Show a data source."""

    collection = "data_sources"
    metavar = "SOURCE"
    fields = FIELDS


class UpdateDataSource(changing.UpdateNoun):
    """Change a data source that no waiting job uses."""

    collection = "data_sources"
    metavar = "SOURCE"
    fields = FIELDS

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--url", dest="data_url", help="where the data is")
        parser.add_argument(
            "--type",
            choices=sorted(set(TYPES.values())),
            help="default: what the new URL begins with",
        )
        add_credentials(parser)

    def changes(self, found: Any, parsed_args: argparse.Namespace) -> dict[str, Any]:
        changes: dict[str, Any] = {}
        kind = parsed_args.type
        if parsed_args.data_url is not None:
            changes["url"] = parsed_args.data_url
            scheme = parsed_args.data_url.partition("://")[0].lower()
            kind = kind or TYPES.get(scheme)
        if kind is not None and kind != found.type:
            changes["type"] = kind
        secret = credentials(parsed_args, kind or found.type)
        return changes if secret is None else {**changes, "credentials": secret}


class DeleteDataSource(base.DeleteNoun):
    """Delete data sources; the data itself stays."""

    collection = "data_sources"
    metavar = "SOURCE"
