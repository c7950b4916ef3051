# SPDX-License-Identifier: Apache-2.0
"""Rules of data sources."""

from __future__ import annotations

from sparkaas.policies import base

_ALL = "/data-sources"
_ONE = "/data-sources/{id}"

RULES = (
    base.list_all("data-source", _ALL),
    base.read("data-source:list", "List data sources.", ("GET", _ALL)),
    base.read("data-source:get", "Show a data source.", ("GET", _ONE)),
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
