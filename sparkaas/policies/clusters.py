# SPDX-License-Identifier: Apache-2.0
"""Rules of clusters."""

from __future__ import annotations

from sparkaas.policies import base

_ALL = "/clusters"
_ONE = "/clusters/{id}"

RULES = (
    base.list_all("cluster", _ALL),
    base.rule(
        "cluster:list", base.READER, "List clusters.", ("GET", _ALL), system=True
    ),
    base.rule(
        "cluster:get", base.READER, "Show a cluster.", ("GET", _ONE), system=True
    ),
    base.rule("cluster:create", base.MEMBER, "Create clusters.", ("POST", _ALL)),
    base.rule(
        "cluster:update",
        base.MEMBER,
        "Change a cluster, or start a verification of its health.",
        ("PATCH", _ONE),
    ),
    base.rule("cluster:scale", base.MEMBER, "Resize a cluster.", ("PUT", _ONE)),
    base.rule(
        "cluster:logins",
        base.READER,
        "Show how to log in to a cluster's nodes.",
        ("GET", f"{_ONE}/logins"),
    ),
    base.rule(
        "cluster:entrances",
        base.MEMBER,
        "Show where a cluster's software lets users in, and with which token. Who may "
        "see it can run code on the cluster.",
        ("GET", f"{_ONE}/entrances"),
    ),
    base.rule("cluster:delete", base.MEMBER, "Delete a cluster.", ("DELETE", _ONE)),
)
