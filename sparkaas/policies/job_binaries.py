# SPDX-License-Identifier: Apache-2.0
"""Rules of job binaries. ``set-data`` is new; the other names are Sahara's."""

from __future__ import annotations

from sparkaas.policies import base

_ALL = "/job-binaries"
_ONE = "/job-binaries/{id}"
_DATA = "/job-binaries/{id}/data"

RULES = (
    base.list_all("job-binary", _ALL),
    base.read("job-binary:list", "List job binaries.", ("GET", _ALL)),
    base.read("job-binary:get", "Show a job binary.", ("GET", _ONE)),
    base.rule("job-binary:create", base.MEMBER, "Create a job binary.", ("POST", _ALL)),
    base.rule(
        "job-binary:update", base.MEMBER, "Change a job binary.", ("PATCH", _ONE)
    ),
    base.rule(
        "job-binary:delete", base.MEMBER, "Delete a job binary.", ("DELETE", _ONE)
    ),
    base.rule(
        "job-binary:get-data",
        base.READER,
        "Download the bytes of a job binary.",
        ("GET", _DATA),
    ),
    base.rule(
        "job-binary:set-data",
        base.MEMBER,
        "Upload the bytes of a job binary.",
        ("PUT", _DATA),
    ),
)
