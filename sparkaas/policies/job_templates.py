# SPDX-License-Identifier: Apache-2.0
"""Rules of job templates."""

from __future__ import annotations

from sparkaas.policies import base

_ALL = "/job-templates"
_ONE = "/job-templates/{id}"

RULES = (
    base.list_all("job-template", _ALL),
    base.read("job-template:list", "List job templates.", ("GET", _ALL)),
    base.read("job-template:get", "Show a job template.", ("GET", _ONE)),
    base.rule(
        "job-template:create", base.MEMBER, "Create a job template.", ("POST", _ALL)
    ),
    base.rule(
        "job-template:update", base.MEMBER, "Change a job template.", ("PATCH", _ONE)
    ),
    base.rule(
        "job-template:delete", base.MEMBER, "Delete a job template.", ("DELETE", _ONE)
    ),
    base.read(
        "job-template:get-config-hints",
        "Show which settings a type of job takes.",
        ("GET", "/job-templates/config-hints/{type}"),
    ),
)
