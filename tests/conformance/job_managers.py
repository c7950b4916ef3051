# SPDX-License-Identifier: Apache-2.0
"""Every method of the managers about jobs. API v1.1 calls a job template ``job`` and a
job ``job execution``."""

from typing import Any

from tests.conformance.rows import Has
from tests.conformance.rows import Method
from tests.conformance.rows import Refused

#: The managers of templates and of what runs, and what a job calls its template.
_MANAGERS = {
    "1.1": ("jobs", "job_executions", "job_id"),
    "2": ("job_templates", "jobs", "job_template_id"),
}

_INTERFACE: list[dict[str, Any]] = [
    {
        "name": "n",
        "mapping_type": "args",
        "location": "0",
        "required": False,
        "value_type": "number",
        "default": "3",
    }
]

_BINARIES = (
    Method(
        "job_binaries.create",
        {
            "name": "{name}",
            "url": "swift://box/app.jar",
            "description": "Of mine.",
            "extra": {"user": "me", "password": "hidden"},
            "is_public": True,
            "is_protected": False,
        },
        expect={"name": "{name}", "url": "swift://box/app.jar", "is_public": True},
    ),
    Method(
        "job_binaries.create",
        {"name": "{name}", "url": "internal-db://{internal[id]}"},
        more="of bytes in the service",
        expect={"url": "internal-db://{internal[id]}"},
    ),
    Method(
        "job_binaries.list",
        {"search_opts": {"name": "{binary[name]}"}},
        expect={"items.*.id": ["{binary[id]}"]},
    ),
    Method(
        "job_binaries.get",
        {"job_binary_id": "{binary[id]}"},
        expect={"name": "{binary[name]}"},
    ),
    Method(
        "job_binaries.get_file",
        {"job_binary_id": "{binary[id]}"},
        expect={"": "the bytes"},
    ),
    Method(
        "job_binaries.update",
        {
            "job_binary_id": "{binary[id]}",
            "data": {"name": "{name}", "description": "Other."},
        },
        expect={"name": "{name}", "description": "Other."},
    ),
    Method(
        "job_binaries.delete",
        {"job_binary_id": "{binary[id]}"},
        expect={"": None},
        then=("/job-binaries/{binary[id]}", None),
    ),
    Method(
        "job_binaries.find",
        {"name": "{binary[name]}"},
        expect={"*.id": ["{binary[id]}"]},
    ),
    Method(
        "job_binaries.find_unique",
        {"name": "{binary[name]}"},
        expect={"id": "{binary[id]}"},
    ),
)

_INTERNALS = tuple(
    Method(
        f"job_binary_internals.{method}", arguments, versions=("1.1",), expect=expect
    )
    for method, arguments, expect in (
        (
            "create",
            {"name": "{name}", "data": "the bytes"},
            {"name": "{name}", "datasize": 9},
        ),
        ("list", {}, {"items.*.id": Has("{internal[id]}")}),
        (
            "get",
            {"job_binary_id": "{internal[id]}"},
            {"name": "{internal[name]}", "datasize": 9},
        ),
        (
            "update",
            {"job_binary_id": "{internal[id]}", "name": "{name}", "is_public": True},
            {
                "job_binary_internal.name": "{name}",
                "job_binary_internal.is_public": True,
            },
        ),
        ("delete", {"job_binary_id": "{internal[id]}"}, {"": None}),
        ("find", {"name": "{internal[name]}"}, {"*.id": ["{internal[id]}"]}),
        ("find_unique", {"name": "{internal[name]}"}, {"id": "{internal[id]}"}),
    )
)


def _templates(version: str, manager: str) -> tuple[Method, ...]:
    one = {"job_id": "{job_template[id]}"}
    body = "job" if version == "1.1" else "job_template"
    rows = (
        (
            "create",
            {
                "name": "{name}",
                "type": "Spark",
                "mains": ["{binary[id]}"],
                "libs": ["{remote_binary[id]}"],
                "description": "Of mine.",
                "interface": _INTERFACE,
                "is_public": True,
                "is_protected": False,
            },
            {
                "name": "{name}",
                "type": "Spark",
                "mains.0.id": "{binary[id]}",
                "libs.0.name": "{remote_binary[name]}",
                "interface.0.name": "n",
                "interface.0.id": ...,
                "is_public": True,
            },
        ),
        (
            "list",
            {"search_opts": {"name": "{job_template[name]}", "type": "Spark"}},
            {"items.*.id": ["{job_template[id]}"]},
        ),
        ("get", one, {"name": "{job_template[name]}", "mains.0.id": "{binary[id]}"}),
        ("get_configs", {"job_type": "Spark"}, {"job_config.configs": ...}),
        (
            "update",
            {**one, "name": "{name}", "description": "Other.", "is_protected": True},
            {f"{body}.name": "{name}", f"{body}.is_protected": True},
        ),
        ("delete", one, {"": None}),
        ("find", {"name": "{job_template[name]}"}, {"*.id": ["{job_template[id]}"]}),
        (
            "find_unique",
            {"name": "{job_template[name]}"},
            {"id": "{job_template[id]}"},
        ),
    )
    return tuple(
        Method(
            f"{manager}.{method}",
            arguments,
            versions=(version,),
            expect=expect,
            then=("/job-templates/{job_template[id]}", None)
            if method == "delete"
            else None,
        )
        for method, arguments, expect in rows
    )


def _jobs(version: str, manager: str, template: str) -> tuple[Method, ...]:
    body = manager.removesuffix("s")
    one = {"obj_id": "{job[id]}"}
    launch = {template: "{job_template[id]}", "cluster_id": "{standing[id]}"}
    configs = {
        "configs": {
            "edp.java.main_class": "org.example.Pi",
            "edp.spark.adapt_for_swift": False,
            "fs.swift.service.sahara.password": "hidden",
        },
        "args": ["10"],
        "params": {},
    }
    ended = {"info.status": "SUCCEEDED", template: "{job_template[id]}"}

    def method(name: str, *arguments: Any, **more: Any) -> Method:
        return Method(f"{manager}.{name}", *arguments, versions=(version,), **more)

    return (
        method(
            "create",
            {**launch, "configs": configs, "is_public": True, "is_protected": False},
            expect={
                "info.status": "PENDING",
                "cluster_id": "{standing[id]}",
                "job_configs.args": ["10"],
                # 18-1: Sahara's v2 told it.
                "job_configs.configs": Has("fs.swift.service.sahara.password"),
                "is_public": True,
            },
        ),
        method(
            "create",
            launch | {"cluster_id": "{absent}"},
            more="on an absent cluster",
            expect={"code": 400},
            fails=Refused("There is none.", "APIException"),
        ),
        method(
            "list",
            {"search_opts": {"status": "SUCCEEDED"}, "sort_by": "created_at"},
            expect={"items.*.id": Has("{job[id]}"), "items.0.info.status": "SUCCEEDED"},
        ),
        method("get", one, expect={**ended, "start_time": ..., "end_time": ...}),
        method(
            "update",
            {**one, "is_public": True, "is_protected": True},
            expect={f"{body}.is_public": True, f"{body}.is_protected": True},
        ),
        method("delete", one, expect={"": None}, then=("/jobs/{job[id]}", None)),
        method("find", {"id": "{job[id]}"}, expect={"*.id": ["{job[id]}"]}),
        method("find_unique", {"id": "{job[id]}"}, expect={"id": "{job[id]}"}),
        *((method("refresh_status", one, expect=ended),) if version == "2" else ()),
    )


_TYPES = (
    Method(
        "job_types.list",
        {"search_opts": {"type": "Spark", "plugin": "fake", "plugin_version": "0.1"}},
        expect={
            "*.name": ["Spark"],
            "0.plugins.*.name": ["fake"],
            "0.plugins.0.versions": Has("0.1"),
        },
    ),
    Method("job_types.find", {"name": "Spark"}, expect={"*.name": ["Spark"]}),
    Method("job_types.find_unique", {"name": "Spark"}, expect={"name": "Spark"}),
)

METHODS = (
    *_BINARIES,
    *_INTERNALS,
    *(
        row
        for version, (templates, jobs, template) in _MANAGERS.items()
        for row in (*_templates(version, templates), *_jobs(version, jobs, template))
    ),
    *_TYPES,
)
