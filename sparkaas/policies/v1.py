# SPDX-License-Identifier: Apache-2.0
"""The rules of API v1.1, under the names that Sahara gave them.

Each follows its twin of v2 unless an operator says otherwise, so that one line in a
policy file is enough for both versions, and files written for Sahara go on to work.
"""

from __future__ import annotations

from collections.abc import Collection

from oslo_policy import policy

from sparkaas.policies import base
from sparkaas.policies import cluster_templates
from sparkaas.policies import clusters
from sparkaas.policies import data_sources
from sparkaas.policies import images
from sparkaas.policies import job_binaries
from sparkaas.policies import job_templates
from sparkaas.policies import job_types
from sparkaas.policies import jobs
from sparkaas.policies import node_group_templates
from sparkaas.policies import plugins

_TEMPLATE = (
    ("get_all", "list", "GET", ""),
    ("get", "get", "GET", "/{id}"),
    ("create", "create", "POST", ""),
    ("modify", "update", "PUT", "/{id}"),
    ("delete", "delete", "DELETE", "/{id}"),
)
_PATCHED = tuple(
    (old, new, "PATCH" if method == "PUT" else method, path)
    for old, new, method, path in _TEMPLATE
)

#: Noun of v1.1, its twin of v2, path, and the rules: old, new, method, rest of path.
_NOUNS: tuple[tuple[str, str, str, tuple[tuple[str, str, str, str], ...]], ...] = (
    (
        "plugins",
        "plugin",
        "/plugins",
        (
            ("get_all", "list", "GET", ""),
            ("get", "get", "GET", "/{name}"),
            ("get_version", "get-version", "GET", "/{name}/{version}"),
            ("patch", "update", "PATCH", "/{name}"),
            (
                "convert_config",
                "get-version",
                "POST",
                "/{name}/{version}/convert-config/{template}",
            ),
        ),
    ),
    (
        "images",
        "image",
        "/images",
        (
            ("get_all", "list", "GET", ""),
            ("get", "get", "GET", "/{id}"),
            ("register", "register", "POST", "/{id}"),
            ("unregister", "unregister", "DELETE", "/{id}"),
            ("add_tags", "set-tags", "POST", "/{id}/tag"),
            ("remove_tags", "remove-tags", "POST", "/{id}/untag"),
        ),
    ),
    (
        "node-group-templates",
        "node-group-template",
        "/node-group-templates",
        (*_TEMPLATE, ("get", "get", "GET", "/{id}/export")),
    ),
    (
        "cluster-templates",
        "cluster-template",
        "/cluster-templates",
        (*_TEMPLATE, ("get", "get", "GET", "/{id}/export")),
    ),
    (
        "clusters",
        "cluster",
        "/clusters",
        (
            *_PATCHED,
            ("create", "create", "POST", "/multiple"),
            ("scale", "scale", "PUT", "/{id}"),
        ),
    ),
    (
        "data-sources",
        "data-source",
        "/data-sources",
        tuple(
            ("register", "register", m, p) if old == "create" else (old, new, m, p)
            for old, new, m, p in _TEMPLATE
        ),
    ),
    (
        "job-binaries",
        "job-binary",
        "/job-binaries",
        (*_TEMPLATE, ("get_data", "get-data", "GET", "/{id}/data")),
    ),
    (
        "job-binary-internals",
        "job-binary",
        "/job-binary-internals",
        (
            ("get_all", "list", "GET", ""),
            ("get", "get", "GET", "/{id}"),
            ("create", "create", "PUT", "/{id}"),
            ("modify", "update", "PATCH", "/{id}"),
            ("delete", "delete", "DELETE", "/{id}"),
            ("get_data", "get-data", "GET", "/{id}/data"),
        ),
    ),
    ("job-types", "job-type", "/job-types", (("get_all", "list", "GET", ""),)),
    (
        "jobs",
        "job-template",
        "/jobs",
        (
            *_PATCHED,
            ("get_config_hints", "get-config-hints", "GET", "/config-hints/{type}"),
        ),
    ),
    ("jobs", "job", "/jobs", (("execute", "execute", "POST", "/{id}/execute"),)),
    (
        "job-executions",
        "job",
        "/job-executions",
        (
            *(rule for rule in _PATCHED if rule[0] != "create"),
            ("refresh_status", "get", "GET", "/{id}/refresh-status"),
            ("cancel", "update", "GET", "/{id}/cancel"),
        ),
    ),
)


_TWINS = {
    rule.name: rule
    for noun in (
        cluster_templates,
        clusters,
        data_sources,
        images,
        job_binaries,
        job_templates,
        job_types,
        jobs,
        node_group_templates,
        plugins,
    )
    for rule in noun.RULES
}


def _scopes(new: str, told: Collection[policy.Operation]) -> list[str]:
    """Those of its twin in v2; v1.1 also has a request that makes something under the
    rule for reading it, which only a project can have."""
    if any(operation["method"] != "GET" for operation in told):
        return ["project"]
    return list(_TWINS[f"{base.PREFIX}:{new}"].scope_types or ())


def _rules() -> tuple[policy.DocumentedRuleDefault, ...]:
    operations: dict[tuple[str, str], list[policy.Operation]] = {}
    for old_noun, new_noun, path, rules in _NOUNS:
        for old, new, method, rest in rules:
            key = (f"{old_noun}:{old}", f"{new_noun}:{new}")
            told = policy.Operation(method=method, path=f"/v1.1{path}{rest}")
            operations.setdefault(key, []).append(told)
    return tuple(
        policy.DocumentedRuleDefault(
            name=f"{base.PREFIX}:{old}",
            check_str=f"rule:{base.PREFIX}:{new}",
            description=f"As {base.PREFIX}:{new}, in API v1.1.",
            operations=told,
            scope_types=_scopes(new, told),
        )
        for (old, new), told in operations.items()
    )


RULES = _rules()
