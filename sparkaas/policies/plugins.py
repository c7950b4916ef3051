# SPDX-License-Identifier: Apache-2.0
"""Rules of plugins."""

from __future__ import annotations

from sparkaas.policies import base

_ONE = "/plugins/{name}"

RULES = (
    base.rule("plugin:list", base.READER, "List plugins.", ("GET", "/plugins")),
    base.rule("plugin:get", base.READER, "Show a plugin.", ("GET", _ONE)),
    base.rule(
        "plugin:get-version",
        base.READER,
        "Show what a version of a plugin offers.",
        ("GET", f"{_ONE}/{{version}}"),
    ),
    base.rule("plugin:update", base.ADMIN, "Set a plugin's labels.", ("PATCH", _ONE)),
)
