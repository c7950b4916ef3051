# SPDX-License-Identifier: Apache-2.0
"""``image list | show | register | unregister``, ``image tag add | remove | set``."""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from collections.abc import Sequence
from typing import Any

from sparkaas.client import errors
from sparkaas.osc import base

FIELDS = ("id", "name", "username", "tags", "status", "description")


class ListImage(base.ListNoun):
    """List the registered images."""

    collection = "images"
    table = (
        ("ID", "id"),
        ("Name", "name"),
        ("Username", "username"),
        ("Tags", "tags"),
        ("Status", "status"),
    )

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser = super().get_parser(prog_name)
        parser.add_argument(
            "--tag",
            action="append",
            dest="tags",
            help="only images with this tag (repeat: with all of them)",
        )
        return parser

    def filters(self, parsed_args: argparse.Namespace) -> dict[str, Any]:
        return {"tags": parsed_args.tags}


class ShowImage(base.ShowNoun):
    """Show a registered image."""

    collection = "images"
    metavar = "IMAGE"
    fields = FIELDS


class RegisterImage(base.ShowOne):
    """Register an image, so that clusters can be made of it."""

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser = super().get_parser(prog_name)
        parser.add_argument(
            "image", metavar="IMAGE", help="id; in openstackclient also the name"
        )
        parser.add_argument(
            "--username", required=True, help="whom to log in to its nodes as"
        )
        parser.add_argument("--description", help="free text")
        return parser

    def take_action(
        self, parsed_args: argparse.Namespace
    ) -> tuple[Sequence[str], Iterable[Any]]:
        made = self.client.images.register(
            self._id(parsed_args.image), parsed_args.username, parsed_args.description
        )
        return base.shown(made, FIELDS)

    def _id(self, image: str) -> str:
        """The image's id. The registry knows the names of registered images; others
        are asked of the image service where there is a connection to it."""
        try:
            return self.client.images.find(image).id
        except errors.NotFound:
            connection = getattr(self.app.client_manager, "sdk_connection", None)
            found = connection and connection.image.find_image(image)
            return str(found.id) if found else image
        except errors.BadRequest:
            return image  # known to the image service, not registered yet


class UnregisterImage(base.DeleteNoun):
    """Take images out of the registry; the images themselves stay."""

    collection = "images"
    metavar = "IMAGE"


class _ChangeTags(base.ShowOne):
    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser = super().get_parser(prog_name)
        parser.add_argument("name", metavar="IMAGE", help="name or id")
        parser.add_argument("tags", metavar="TAG", nargs="+")
        return parser

    def tags(self, now: set[str], given: set[str]) -> set[str]:
        """The image's tags afterwards."""
        return given

    def take_action(
        self, parsed_args: argparse.Namespace
    ) -> tuple[Sequence[str], Iterable[Any]]:
        image = self.client.images.find(parsed_args.name)
        tags = self.tags(set(image.tags), set(parsed_args.tags))
        return base.shown(self.client.images.set_tags(image.id, tags), FIELDS)


class SetImageTags(_ChangeTags):
    """Make these an image's only tags."""


class AddImageTags(_ChangeTags):
    """Add tags to an image."""

    def tags(self, now: set[str], given: set[str]) -> set[str]:
        return now | given


class RemoveImageTags(_ChangeTags):
    """Remove tags from an image."""

    def tags(self, now: set[str], given: set[str]) -> set[str]:
        return now - given
