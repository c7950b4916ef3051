# SPDX-License-Identifier: Apache-2.0
"""What the rules have in common.

The names are Sahara's, because operators' policy files use them; the defaults
are Keystone's roles. ``member`` implies ``reader`` and ``admin`` implies both.

A token of the whole system (``system_scope:all``) belongs to no project: it reads the
records of all of them, and changes nothing. What is a user's own content, such as the
output of a job, it does not read either.
"""

from __future__ import annotations

from collections.abc import Sequence

from oslo_policy import policy

PREFIX = "data-processing"

READER = "role:reader"
MEMBER = "role:member"
ADMIN = "role:admin"
#: Whom the service's operator has set over all projects: an administrator of one
#: project is none. Who has the one token of a service without Keystone has the role.
OPERATOR_ROLE = "data_processing_operator"
EVERYONES = f"(role:reader and system_scope:all) or role:{OPERATOR_ROLE}"


def rule(
    name: str,
    check: str,
    description: str,
    *operations: tuple[str, str],
    scopes: Sequence[str] = ("project",),
) -> policy.DocumentedRuleDefault:
    """The rule ``data-processing:{name}``; operations are (method, path below /v2)."""
    return policy.DocumentedRuleDefault(
        name=f"{PREFIX}:{name}",
        check_str=check,
        description=description,
        operations=[
            {"method": method, "path": f"/v2{path}"} for method, path in operations
        ],
        scope_types=list(scopes),
    )


def read(
    name: str, description: str, *operations: tuple[str, str]
) -> policy.DocumentedRuleDefault:
    """A rule for readers, of a project and of the whole system."""
    scopes = ("system", "project")
    return rule(name, READER, description, *operations, scopes=scopes)


def list_all(noun: str, path: str) -> policy.DocumentedRuleDefault:
    """The rule that lets a caller list a noun's objects of all projects."""
    return rule(
        f"{noun}:list-all",
        EVERYONES,
        f"List the {path[1:].replace('-', ' ')} of every project: with all_projects, "
        "or with a token of the whole system.",
        ("GET", path),
        scopes=("system", "project"),
    )
