# SPDX-License-Identifier: Apache-2.0
"""What differs noun by noun: paths, methods, rules and words. Data only."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

from sparkaas.api.v1 import words

_VERSION = {"plugin_version": "hadoop_version"}
_PROJECT = {"project_id": "tenant_id"}
_BOOT = frozenset(
    {
        "boot_from_volume",
        "boot_volume_type",
        "boot_volume_availability_zone",
        "boot_volume_local_to_instance",
    }
)
_VERBS = {
    "list": "get_all",
    "get": "get",
    "create": "create",
    "update": "modify",
    "delete": "delete",
}
_NO_BOOT = words.Words(without=_BOOT)


@dataclasses.dataclass(frozen=True, kw_only=True)
class Noun:
    """A noun of v2 in v1.1.

    ``rules``: the last part of v2's rule -> of v1.1's. ``body`` and ``answer`` are the
    words of the object itself; ``keys``: new wrapping key -> old one. ``update`` is the
    method that changes one. ``made_up`` are fields of a list that are no columns, so
    that nothing is filtered by them. ``gone`` are requests of v2 that v1.1 lacks.
    """

    path: str
    old_path: str
    rule: str
    old_rule: str
    rules: Mapping[str, str] = dataclasses.field(default_factory=lambda: _VERBS)
    keys: Mapping[str, str] = dataclasses.field(default_factory=dict)
    body: words.Words = words.SAME
    answer: words.Words = words.SAME
    update: str = "PATCH"
    made_up: frozenset[str] = frozenset()
    gone: frozenset[tuple[str, str]] = frozenset()
    #: Also served as v1.0, which had no jobs.
    in_v1_0: bool = False


PLUGINS = Noun(
    path="/plugins",
    old_path="/plugins",
    rule="plugin",
    old_rule="plugins",
    rules={
        "list": "get_all",
        "get": "get",
        "get-version": "get_version",
        "update": "patch",
    },
    in_v1_0=True,
)
IMAGES = Noun(
    path="/images",
    old_path="/images",
    rule="image",
    old_rule="images",
    rules={
        "list": "get_all",
        "get": "get",
        "register": "register",
        "unregister": "unregister",
    },
    gone=frozenset(
        (method, "/images/{id}/tags") for method in ("GET", "PUT", "DELETE")
    ),
    in_v1_0=True,
)
NODE_GROUP_TEMPLATES = Noun(
    path="/node-group-templates",
    old_path="/node-group-templates",
    rule="node-group-template",
    old_rule="node-group-templates",
    body=words.Words({**_VERSION}, without=_BOOT),
    answer=words.Words({**_VERSION, **_PROJECT}),
    update="PUT",
    in_v1_0=True,
)
CLUSTER_TEMPLATES = Noun(
    path="/cluster-templates",
    old_path="/cluster-templates",
    rule="cluster-template",
    old_rule="cluster-templates",
    body=words.Words({**_VERSION}, {"node_groups": _NO_BOOT}),
    answer=words.Words({**_VERSION, **_PROJECT}),
    update="PUT",
    in_v1_0=True,
)
CLUSTERS = Noun(
    path="/clusters",
    old_path="/clusters",
    rule="cluster",
    old_rule="clusters",
    rules={**_VERBS, "scale": "scale"},
    body=words.Words(
        {**_VERSION},
        {
            "node_groups": _NO_BOOT,
            "add_node_groups": _NO_BOOT,
            "resize_node_groups": words.Words(without=frozenset({"instances"})),
        },
        without=frozenset({"count", "update_keypair", "force"}),
    ),
    answer=words.Words(
        {**_VERSION, **_PROJECT}, {"provision_progress": words.Words({**_PROJECT})}
    ),
    made_up=frozenset({"status_description", "anti_affinity_ratio"}),
    gone=frozenset({("POST", "/clusters")}),
    in_v1_0=True,
)
DATA_SOURCES = Noun(
    path="/data-sources",
    old_path="/data-sources",
    rule="data-source",
    old_rule="data-sources",
    rules={
        **{k: v for k, v in _VERBS.items() if k != "create"},
        "register": "register",
    },
    answer=words.Words({**_PROJECT}),
    update="PUT",
)
JOB_BINARIES = Noun(
    path="/job-binaries",
    old_path="/job-binaries",
    rule="job-binary",
    old_rule="job-binaries",
    rules={**_VERBS, "get-data": "get_data"},
    answer=words.Words({**_PROJECT}),
    update="PUT",
)
JOB_TYPES = Noun(
    path="/job-types",
    old_path="/job-types",
    rule="job-type",
    old_rule="job-types",
    rules={"list": "get_all"},
)
_BINARIES = words.Words({**_PROJECT})
JOB_TEMPLATES = Noun(
    path="/job-templates",
    old_path="/jobs",
    rule="job-template",
    old_rule="jobs",
    rules={**_VERBS, "get-config-hints": "get_config_hints"},
    keys={"job_template": "job", "job_templates": "jobs"},
    answer=words.Words({**_PROJECT}, {"mains": _BINARIES, "libs": _BINARIES}),
)
JOBS = Noun(
    path="/jobs",
    old_path="/job-executions",
    rule="job",
    old_rule="job-executions",
    rules={k: v for k, v in _VERBS.items() if k != "create"},
    keys={"job": "job_execution", "jobs": "job_executions"},
    answer=words.Words(
        {**_PROJECT, "job_template_id": "job_id"},
        twice={"engine_job_id": "oozie_job_id"},
    ),
    gone=frozenset({("POST", "/jobs"), ("PATCH", "/jobs/{id}")}),
)

ALL = (
    PLUGINS,
    IMAGES,
    NODE_GROUP_TEMPLATES,
    CLUSTER_TEMPLATES,
    CLUSTERS,
    DATA_SOURCES,
    JOB_BINARIES,
    JOB_TYPES,
    JOB_TEMPLATES,
    JOBS,
)
