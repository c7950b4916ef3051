# SPDX-License-Identifier: Apache-2.0
"""Schemas of images."""

from __future__ import annotations

from sparkaas.api.schemas import fragments

REGISTER = fragments.closed(
    {
        "username": {"type": "string", "minLength": 1, "maxLength": 255},
        "description": fragments.nullable(fragments.TEXT),
    },
    ["username"],
)
TAGS = fragments.closed(
    {"tags": {"type": "array", "items": fragments.TAG, "maxItems": 100}}, ["tags"]
)

_INTEGER: fragments.Schema = {"type": "integer"}
_TAGS: fragments.Schema = {"type": "array", "items": {"type": "string"}}

_IMAGE: fragments.Schema = {
    "id": {"type": "string"},
    "name": {"type": "string"},
    "username": {"type": "string"},
    "description": {"type": "string"},
    "tags": _TAGS,
    "status": {"type": "string"},
    "created": {"type": "string"},
    "updated": {"type": "string"},
    "metadata": fragments.ANY_OBJECT,
    "minDisk": _INTEGER,
    "minRam": _INTEGER,
    "progress": _INTEGER,
    "OS-EXT-IMG-SIZE:size": _INTEGER,
}

MANY = fragments.closed(
    {"images": {"type": "array", "items": fragments.whole(_IMAGE)}}, ["images"]
)
ONE = fragments.wrapped("image", fragments.whole(_IMAGE))
#: Some clients read the image's fields from the top, others from below its key.
TAGGED = fragments.whole({**_IMAGE, "image": fragments.whole(_IMAGE)})
GIVEN_TAGS = fragments.closed({"tags": _TAGS}, ["tags"])
