# SPDX-License-Identifier: Apache-2.0
"""Rules of data sources."""

from __future__ import annotations

from sparkaas.policies import base

_ALL = "/data-sources"
_ONE = "/data-sources/{id}"

RULES = (
    base.list_all("data-source", _ALL),
    base.rule(
        "data-source:list",
        base.READER,
        "List data sources.",
        ("GET", _ALL),
        system=True,
    ),
    base.rule(
        "data-source:get",
        base.READER,
        "Show a data source.",
        ("GET", _ONE),
        system=True,
    ),
    base.rule(
        "data-source:register", base.MEMBER, "Create a data source.", ("POST", _ALL)
    ),
    base.rule(
        "data-source:update", base.MEMBER, "Change a data source.", ("PATCH", _ONE)
    ),
    base.rule(
        "data-source:delete", base.MEMBER, "Delete a data source.", ("DELETE", _ONE)
    ),
)
