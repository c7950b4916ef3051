# SPDX-License-Identifier: Apache-2.0
"""Rules of node group templates."""

from __future__ import annotations

from sparkaas.policies import base

_ALL = "/node-group-templates"
_ONE = "/node-group-templates/{id}"

RULES = (
    base.list_all("node-group-template", _ALL),
    base.read(
        "node-group-template:list",
        "List node group templates.",
        ("GET", _ALL),
    ),
    base.read(
        "node-group-template:get",
        "Show or export a node group template.",
        ("GET", _ONE),
        ("GET", f"{_ONE}/export"),
    ),
    base.rule(
        "node-group-template:create",
        base.MEMBER,
        "Create a node group template.",
        ("POST", _ALL),
    ),
    base.rule(
        "node-group-template:update",
        base.MEMBER,
        "Change a node group template.",
        ("PATCH", _ONE),
    ),
    base.rule(
        "node-group-template:delete",
        base.MEMBER,
        "Delete a node group template.",
        ("DELETE", _ONE),
    ),
)
