# SPDX-License-Identifier: Apache-2.0
"""Rules of jobs. ``get-logs`` is new; the other names are Sahara's."""

from __future__ import annotations

from sparkaas.policies import base

_ALL = "/jobs"
_ONE = "/jobs/{id}"

RULES = (
    base.list_all("job", _ALL),
    base.read("job:list", "List jobs.", ("GET", _ALL)),
    base.read("job:get", "Show a job.", ("GET", _ONE)),
    base.rule("job:execute", base.MEMBER, "Launch a job.", ("POST", _ALL)),
    base.rule("job:update", base.MEMBER, "Change or cancel a job.", ("PATCH", _ONE)),
    base.rule("job:delete", base.MEMBER, "Delete a job.", ("DELETE", _ONE)),
    base.rule(
        "job:get-logs",
        base.READER,
        "Read what a job's driver wrote.",
        ("GET", "/jobs/{id}/logs/{stream}"),
    ),
)
