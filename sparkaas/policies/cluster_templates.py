# SPDX-License-Identifier: Apache-2.0
"""Rules of cluster templates."""

from __future__ import annotations

from sparkaas.policies import base

_ALL = "/cluster-templates"
_ONE = "/cluster-templates/{id}"

RULES = (
    base.list_all("cluster-template", _ALL),
    base.read(
        "cluster-template:list",
        "List cluster templates.",
        ("GET", _ALL),
    ),
    base.read(
        "cluster-template:get",
        "Show or export a cluster template.",
        ("GET", _ONE),
        ("GET", f"{_ONE}/export"),
    ),
    base.rule(
        "cluster-template:create",
        base.MEMBER,
        "Create a cluster template.",
        ("POST", _ALL),
    ),
    base.rule(
        "cluster-template:update",
        base.MEMBER,
        "Change a cluster template.",
        ("PATCH", _ONE),
    ),
    base.rule(
        "cluster-template:delete",
        base.MEMBER,
        "Delete a cluster template.",
        ("DELETE", _ONE),
    ),
)
