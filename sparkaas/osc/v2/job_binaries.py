# SPDX-License-Identifier: Apache-2.0
"""``job binary create | upload | download | list | show | update | delete``."""

from __future__ import annotations

import argparse
import os
import pathlib
import tempfile
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Sequence
from typing import Any

from sparkaas.client import errors
from sparkaas.osc import base
from sparkaas.osc import changing
from sparkaas.osc import console
from sparkaas.osc.v2 import data_sources

FIELDS = (
    "id",
    "name",
    "url",
    "is_public",
    "is_protected",
    "description",
    "created_at",
    "updated_at",
)


def show_bytes(update: Callable[[str], None], name: str) -> Callable[[int, int], None]:
    """An upload's ``on_progress`` that keeps a status up to date."""

    def on_progress(sent: int, total: int) -> None:
        update(f"uploading {name}: {sent * 100 // total} % of {total / 1e6:.1f} MB")

    return on_progress


class CreateJobBinary(base.ShowOne):
    """Name a program or library that lies at a URL."""

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser = super().get_parser(prog_name)
        parser.add_argument("name", metavar="NAME")
        parser.add_argument("data_url", metavar="URL", help="where it lies")
        data_sources.add_credentials(parser)
        base.add_acl(parser)
        return parser

    def take_action(
        self, parsed_args: argparse.Namespace
    ) -> tuple[Sequence[str], Iterable[Any]]:
        scheme = parsed_args.data_url.partition("://")[0].lower()
        kind = data_sources.TYPES.get(scheme, scheme)
        made = self.client.job_binaries.create(
            name=parsed_args.name,
            url=parsed_args.data_url,
            extra=data_sources.credentials(parsed_args, kind),
            **base.acl(parsed_args),
        )
        return base.shown(made, FIELDS)


class UploadJobBinary(base.ShowOne):
    """Upload a program, library or file; the same file is not sent twice."""

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser = super().get_parser(prog_name)
        parser.add_argument("file", metavar="FILE")
        parser.add_argument(
            "--name", help="default: the file's name and a mark of its content"
        )
        return parser

    def take_action(
        self, parsed_args: argparse.Namespace
    ) -> tuple[Sequence[str], Iterable[Any]]:
        name = os.path.basename(parsed_args.file)
        with self.console().status(f"uploading {name}") as update:
            made = self.client.upload(
                parsed_args.file, parsed_args.name, show_bytes(update, name)
            )
        return base.shown(made, FIELDS)


class DownloadJobBinary(base.Command):
    """Write a job binary's bytes to a file or standard output."""

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser = super().get_parser(prog_name)
        parser.add_argument("name", metavar="BINARY", help="name or id")
        parser.add_argument(
            "--output",
            metavar="FILE",
            help="default: the binary's name, here; - for standard output",
        )
        return parser

    def take_action(self, parsed_args: argparse.Namespace) -> None:
        binary = self.client.job_binaries.find(parsed_args.name)
        pieces = self.client.job_binaries.download(binary.id)
        if parsed_args.output == "-":
            for piece in pieces:
                console.write_bytes(self.app.stdout, piece)
            return
        target = pathlib.Path(parsed_args.output or binary.name)
        if parsed_args.output is None and target.exists():
            raise errors.UsageError(
                f"There is a file {str(target)!r} here already.",
                hint="Say where to with --output.",
            )
        _write_whole(target, pieces)
        self.console().say(f"{binary.name} written to {target}")


def _write_whole(target: pathlib.Path, pieces: Iterator[bytes]) -> None:
    """Write all of it or nothing."""
    with tempfile.NamedTemporaryFile(
        dir=target.parent, prefix=f".{target.name}.", delete=False
    ) as file:
        half = pathlib.Path(file.name)
        try:
            for piece in pieces:
                file.write(piece)
            file.close()
            half.replace(target)
        except BaseException:
            half.unlink(missing_ok=True)
            raise


class ListJobBinary(base.ListNoun):
    """List job binaries."""

    of_projects = True
    collection = "job_binaries"
    table = (
        ("ID", "id"),
        ("Name", "name"),
        ("URL", "url"),
        ("Description", "description"),
    )


class ShowJobBinary(base.ShowNoun):
    """Show a job binary."""

    collection = "job_binaries"
    metavar = "BINARY"
    fields = FIELDS


class UpdateJobBinary(changing.UpdateNoun):
    """Change a job binary that no waiting job uses."""

    collection = "job_binaries"
    metavar = "BINARY"
    fields = FIELDS

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--url", dest="data_url", help="where it lies")
        data_sources.add_credentials(parser)

    def changes(self, found: Any, parsed_args: argparse.Namespace) -> dict[str, Any]:
        changes = {} if parsed_args.data_url is None else {"url": parsed_args.data_url}
        scheme = (parsed_args.data_url or found.url).partition("://")[0].lower()
        kind = data_sources.TYPES.get(scheme, scheme)
        secret = data_sources.credentials(parsed_args, kind)
        return changes if secret is None else {**changes, "extra": secret}


class DeleteJobBinary(base.DeleteNoun):
    """Delete job binaries, with the bytes that the service keeps of them."""

    collection = "job_binaries"
    metavar = "BINARY"
