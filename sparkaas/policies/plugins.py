# SPDX-License-Identifier: Apache-2.0
"""Rules of plugins."""

from __future__ import annotations

from sparkaas.policies import base

_ONE = "/plugins/{name}"

RULES = (
    base.read("plugin:list", "List plugins.", ("GET", "/plugins")),
    base.read("plugin:get", "Show a plugin.", ("GET", _ONE)),
    base.read(
        "plugin:get-version",
        "Show what a version of a plugin offers.",
        ("GET", f"{_ONE}/{{version}}"),
    ),
    base.rule("plugin:update", base.ADMIN, "Set a plugin's labels.", ("PATCH", _ONE)),
)
