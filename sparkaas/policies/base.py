# SPDX-License-Identifier: Apache-2.0
"""What the rules have in common.

The names are Sahara's, because operators' policy files use them; the defaults
are Keystone's roles. ``member`` implies ``reader`` and ``admin`` implies both.
"""

from __future__ import annotations

from oslo_policy import policy

PREFIX = "data-processing"

READER = "role:reader"
MEMBER = "role:member"
ADMIN = "role:admin"
#: Who lists the objects of all projects: who administers one, and who reads the system.
EVERYONES = f"{ADMIN} or ({READER} and system_scope:all)"


def rule(
    name: str,
    check: str,
    description: str,
    *operations: tuple[str, str],
    system: bool = False,
) -> policy.DocumentedRuleDefault:
    """The rule ``data-processing:{name}``; operations are (method, path below /v2).
    ``system``: for tokens of the whole system too, which see every project."""
    return policy.DocumentedRuleDefault(
        name=f"{PREFIX}:{name}",
        check_str=check,
        description=description,
        operations=[
            {"method": method, "path": f"/v2{path}"} for method, path in operations
        ],
        scope_types=["system", "project"] if system else ["project"],
    )


def list_all(noun: str, path: str) -> policy.DocumentedRuleDefault:
    """The rule that lets a caller list a noun's objects of all projects."""
    return rule(
        f"{noun}:list-all",
        EVERYONES,
        f"With all_projects: list the {path[1:].replace('-', ' ')} of every project.",
        ("GET", path),
        system=True,
    )
