# SPDX-License-Identifier: Apache-2.0
"""Every method of every manager of python-saharaclient; clusters and jobs have tables
of their own (``cluster_managers``, ``job_managers``)."""

from tests.conformance import cluster_managers
from tests.conformance import job_managers
from tests.conformance import rows
from tests.conformance.rows import Has
from tests.conformance.rows import Method
from tests.conformance.rows import Refused
from tests.conformance.rows import found

_V1 = ("1.1",)
_V2 = ("2",)

_PLUGINS = (
    Method(
        "plugins.list",
        expect={
            "*.name": Has("fake"),
            "0.title": ...,
            "0.plugin_labels.enabled.status": True,
            "0.version_labels": Has("0.1"),
        },
    ),
    Method(
        "plugins.get",
        {"plugin_name": "fake"},
        expect={"versions": ["0.1"], "plugin_labels.hidden.status": ...},
    ),
    Method(
        "plugins.get_version_details",
        {"plugin_name": "fake", "{V}": "0.1"},
        expect={
            "node_processes.HDFS": ["namenode", "datanode"],
            "required_image_tags": ["fake", "0.1"],
            "configs.*.name": Has("dfs.replication"),
        },
    ),
    Method(
        "plugins.update",
        {
            "plugin_name": "fake",
            "values": {
                "plugin_labels": {"hidden": {"status": True}},
                "version_labels": {"0.1": {"hidden": {"status": True}}},
            },
        },
        expect={
            "plugin_labels.hidden.status": True,
        },
    ),
    Method(
        "plugins.convert_to_cluster_template",
        {
            "plugin_name": "fake",
            "hadoop_version": "0.1",
            "template_name": "{name}",
            "filecontent": "some",
        },
        versions=_V1,
        fails=Refused(
            "No plugin makes a cluster template of another manager's file; those of "
            "Sahara that did have been gone for years.",
            "Failed to upload template file",
        ),
    ),
    Method("plugins.find", {"name": "fake"}, expect={"*.name": ["fake"]}),
    Method("plugins.find_unique", {"name": "fake"}, expect={"name": "fake"}),
)

_IMAGE = "{registered[id]}"

_IMAGES = (
    Method(
        "images.list",
        {"search_opts": {"tags": ["fake", "0.1"]}},
        expect={"*.id": ["{image}"], "0.username": "fake", "0.status": ...},
    ),
    Method(
        "images.get",
        {"id": "{image}"},
        expect={"name": "fake-image", "tags": Has("fake"), "description": ...},
    ),
    Method(
        "images.update_image",
        {"image_id": "{plain_image}", "user_name": "me", "desc": "Mine."},
        expect={"image.username": "me", "image.description": "Mine."},
    ),
    Method(
        "images.unregister_image",
        {"image_id": _IMAGE},
        expect={"": None},
        then=("/images", {"images.*.id": ...}),
    ),
    Method(
        "images.update_tags",
        {"image_id": "{tagged[image][id]}", "new_tags": ["b", "c"]},
        expect={"tags": ["b", "c"], "name": "plain-image", "username": "ubuntu"},
    ),
    Method(
        "images.get_tags",
        {"image_id": "{tagged[image][id]}"},
        versions=_V2,
        expect={"tags": ["a", "b"]},
    ),
    Method(
        "images.delete_tags",
        {"image_id": "{tagged[image][id]}"},
        versions=_V2,
        expect={"": None},
        then=("/images/{plain_image}/tags", {"tags": []}),
    ),
    Method("images.find", {"name": "fake-image"}, expect={"*.id": ["{image}"]}),
    Method("images.find_unique", {"name": "fake-image"}, expect={"id": "{image}"}),
)

_SOURCE = {
    "name": "{name}",
    "description": "Of mine.",
    "data_source_type": "swift",
    "url": "swift://box/in",
}

_DATA_SOURCES = (
    Method(
        "data_sources.create",
        _SOURCE
        | {
            "credential_user": "me",
            "credential_pass": "hidden",
            "is_public": True,
            "is_protected": False,
        },
        expect={"name": "{name}", "type": "swift", "is_public": True},
    ),
    Method(
        "data_sources.create",
        _SOURCE
        | {
            "data_source_type": "s3",
            "url": "s3://box/in",
            "s3_credentials": {
                "accesskey": "a",
                "secretkey": "b",
                "endpoint": "s3.example",
                "ssl": True,
                "bucket_in_path": True,
            },
        },
        more="in S3",
        expect={"type": "s3", "url": "s3://box/in"},
    ),
    Method(
        "data_sources.update",
        {
            "data_source_id": "{data_source[id]}",
            "update_data": {"name": "{name}", "url": "hdfs://h:1/other"},
        },
        expect={
            "data_source.name": "{name}",
            "data_source.url": "hdfs://h:1/other",
        },
    ),
    Method(
        "data_sources.get",
        {"data_source_id": "{data_source[id]}"},
        expect={"name": "{data_source[name]}", "url": "hdfs://h:1/in"},
    ),
    Method(
        "data_sources.list",
        {"search_opts": {"type": "hdfs"}, "sort_by": "name", "limit": 1000},
        expect={"items.*.id": Has("{data_source[id]}")},
    ),
    Method(
        "data_sources.delete",
        {"data_source_id": "{data_source[id]}"},
        expect={"": None},
        then=("/data-sources/{data_source[id]}", None),
    ),
    *found("data_sources", "data_source"),
)

METHODS: tuple[rows.Method, ...] = (
    *cluster_managers.METHODS,
    *_PLUGINS,
    *_IMAGES,
    *_DATA_SOURCES,
    *job_managers.METHODS,
)
