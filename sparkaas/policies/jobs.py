# SPDX-License-Identifier: Apache-2.0
"""Rules of jobs. ``get-logs`` is new; the other names are Sahara's."""

from __future__ import annotations

from sparkaas.policies import base

_ALL = "/jobs"
_ONE = "/jobs/{id}"

RULES = (
    base.list_all("job", _ALL),
    base.rule("job:list", base.READER, "List jobs.", ("GET", _ALL), system=True),
    base.rule("job:get", base.READER, "Show a job.", ("GET", _ONE), system=True),
    base.rule("job:execute", base.MEMBER, "Launch a job.", ("POST", _ALL)),
    base.rule("job:update", base.MEMBER, "Change or cancel a job.", ("PATCH", _ONE)),
    base.rule("job:delete", base.MEMBER, "Delete a job.", ("DELETE", _ONE)),
    base.rule(
        "job:get-logs",
        base.READER,
        "Read what a job's driver wrote, and its application's event log.",
        ("GET", "/jobs/{id}/logs/{stream}"),
    ),
)
