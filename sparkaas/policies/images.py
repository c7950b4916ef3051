# SPDX-License-Identifier: Apache-2.0
"""Rules of images."""

from __future__ import annotations

from sparkaas.policies import base

_ONE = "/images/{id}"
_TAGS = "/images/{id}/tags"

RULES = (
    base.rule("image:list", base.READER, "List registered images.", ("GET", "/images")),
    base.rule("image:get", base.READER, "Show a registered image.", ("GET", _ONE)),
    base.rule("image:register", base.MEMBER, "Register an image.", ("POST", _ONE)),
    base.rule(
        "image:unregister", base.MEMBER, "Unregister an image.", ("DELETE", _ONE)
    ),
    base.rule("image:get-tags", base.READER, "Show an image's tags.", ("GET", _TAGS)),
    base.rule(
        "image:set-tags", base.MEMBER, "Replace an image's tags.", ("PUT", _TAGS)
    ),
    base.rule(
        "image:remove-tags", base.MEMBER, "Take an image's tags.", ("DELETE", _TAGS)
    ),
)
