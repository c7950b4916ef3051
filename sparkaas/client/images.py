# SPDX-License-Identifier: Apache-2.0
"""The registry of images that nodes are made from."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable

from sparkaas.client import resource


@dataclasses.dataclass(frozen=True, kw_only=True)
class Image(resource.Record):
    """A registered image."""

    id: str = ""
    name: str = ""
    username: str = ""
    description: str = ""
    tags: tuple[str, ...] = resource.strings()
    status: str = ""


class Images(resource.Collection[Image]):
    """The verbs on images: registered, not created."""

    path = "/images"
    key = "image"
    keys = "images"
    noun = "image"
    record = Image

    def register(self, id: str, username: str, description: str | None = None) -> Image:
        """Register a Glance image; ``username`` is whom to log in as."""
        body = {"username": username}
        if description is not None:
            body["description"] = description
        answer = self._transport.request("POST", self._at(id), json=body)
        return self._load(answer.json()[self.key])

    def unregister(self, id: str) -> None:
        """Take the image, with its tags, out of the registry."""
        self.delete(id)

    def set_tags(self, id: str, tags: Iterable[str]) -> Image:
        """Make ``tags`` the image's only tags."""
        answer = self._transport.request(
            "PUT", self._at(id, "tags"), json={"tags": sorted(set(tags))}
        )
        return self._load(answer.json()[self.key])
