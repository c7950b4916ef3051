# SPDX-License-Identifier: Apache-2.0
"""Every method of the managers of clusters and their templates."""

from typing import Any

from tests.conformance.rows import Method
from tests.conformance.rows import Refused
from tests.conformance.rows import found

_V1 = ("1.1",)
_V2 = ("2",)

_NEW: dict[str, Any] = {"name": "{name}", "plugin_name": "fake", "{V}": "0.1"}
_NEW_WORKER = {**_NEW, "flavor_id": "2", "node_processes": ["datanode"]}
_NEW_CLUSTER = {
    **_NEW,
    "cluster_template_id": "{cluster_template[id]}",
    "default_image_id": "{image}",
}
_SHARE = {"id": "{share}", "path": "/in", "access_level": "ro"}
_ABSENT = Refused("There is none.", "APIException")
_TAKEN = Refused("There is one of that name.", "APIException")


_CLUSTERS = (
    Method(
        "clusters.create",
        _NEW_CLUSTER
        | {
            "description": "Of mine.",
            "user_keypair_id": "key",
            "net_id": "{network}",
            "is_transient": False,
            "cluster_configs": {"HDFS": {"dfs.replication": 2}},
            "anti_affinity": ["datanode"],
            "use_autoconfig": False,
            "shares": [_SHARE],
            "is_public": True,
            "is_protected": False,
        },
        expect={
            "name": "{name}",
            "{V}": "0.1",
            "description": "Of mine.",
            "user_keypair_id": "key",
            "neutron_management_network": "{network}",
            "cluster_template_id": "{cluster_template[id]}",
            "cluster_configs": {"HDFS": {"dfs.replication": 2}},
            "anti_affinity": ["datanode"],
            "use_autoconfig": False,
            "shares.0.id": "{share}",
            "is_public": True,
            "status": ...,
            "node_groups.*.name": ["head", "work"],
        },
    ),
    Method(
        "clusters.create",
        _NEW
        | {
            "node_groups": "{groups}",
            "default_image_id": "{image}",
            "net_id": "{network}",
        },
        more="without a template",
        expect={"node_groups.*.count": [1, 1], "cluster_template_id": None},
    ),
    Method(
        "clusters.create",
        _NEW_CLUSTER | {"count": 2},
        more="several",
        versions=_V1,
        expect={"clusters.0": ..., "clusters.1": ...},
    ),
    Method(
        "clusters.create",
        _NEW_CLUSTER | {"count": 2},
        more="several",
        versions=_V2,
        expect={"clusters.*.cluster.name": ["{name}-1", "{name}-2"]},
    ),
    Method(
        "clusters.create",
        _NEW_CLUSTER | {"name": "{standing[name]}"},
        more="of a name that is taken",
        expect={"code": 400, "name": "NAME_ALREADY_EXISTS"},
        fails=_TAKEN,
    ),
    Method(
        "clusters.list",
        {"search_opts": {"name": "{standing[name]}"}},
        expect={
            "items.*.id": ["{standing[id]}"],
            "items.0.status": "Active",
            "items.0.{V}": "0.1",
            "items.0.node_groups.0.instances.0.internal_ip": ...,
            "next": None,
        },
    ),
    Method(
        "clusters.list",
        {"limit": 1, "sort_by": "name", "reverse": True, "search_opts": {"x": None}},
        more="a page, with a filter that nobody knows",
        versions=_V2,
        expect={"code": 400},
        fails=Refused("An unknown filter.", "APIException"),
    ),
    Method(
        "clusters.list",
        {"limit": 1, "sort_by": "name", "reverse": True, "marker": "{standing[id]}"},
        more="a page",
        expect={"items": ..., "prev": ...},
    ),
    Method(
        "clusters.get",
        {"cluster_id": "{standing[id]}", "show_progress": True},
        expect={
            "name": "{standing[name]}",
            "provision_progress.0.step_name": ...,
            "provision_progress.0.step_type": ...,
            "provision_progress.0.successful": True,
            "provision_progress.0.created_at": ...,
            "provision_progress.0.events": ...,
            "info.HDFS": ...,
        },
    ),
    Method(
        "clusters.get",
        {"cluster_id": "{absent}"},
        more="absent",
        expect={"code": 404, "name": "NOT_FOUND"},
        fails=_ABSENT,
    ),
    Method(
        "clusters.scale",
        {
            "cluster_id": "{cluster[id]}",
            "scale_object": {
                "resize_node_groups": [{"name": "work", "count": 2}],
                "add_node_groups": [
                    {
                        "name": "more",
                        "count": 1,
                        "node_group_template_id": "{worker[id]}",
                    }
                ],
            },
        },
        expect={"cluster.id": "{cluster[id]}", "cluster.status": ...},
        then=(
            "/clusters/{cluster[id]}",
            {
                "cluster.status": "Active",
                "cluster.node_groups.*.name": ["head", "work", "more"],
                "cluster.node_groups.*.count": [1, 2, 1],
                "cluster.node_groups.2.instances.0.internal_ip": ...,
            },
        ),
    ),
    Method(
        "clusters.scale",
        {
            "cluster_id": "{cluster[id]}",
            "scale_object": {
                "resize_node_groups": [
                    {
                        "name": "work",
                        "count": 0,
                        "instances": [
                            "{cluster[node_groups][1][instances][0][instance_id]}"
                        ],
                    }
                ],
            },
        },
        more="choosing who goes",
        versions=_V2,
        expect={"cluster.id": "{cluster[id]}"},
        then=("/clusters/{cluster[id]}", {"cluster.node_groups.1.instances": []}),
    ),
    Method(
        "clusters.update",
        {
            "cluster_id": "{cluster[id]}",
            "name": "{name}",
            "description": None,
            "is_public": True,
            "is_protected": True,
            "shares": [_SHARE],
        },
        expect={
            "cluster.name": "{name}",
            "cluster.description": None,
            "cluster.is_public": True,
            "cluster.is_protected": True,
        },
    ),
    Method(
        "clusters.verification_update",
        {"cluster_id": "{cluster[id]}", "status": "START"},
        expect={"cluster.id": "{cluster[id]}"},
        then=(
            "/clusters/{cluster[id]}",
            {
                "cluster.verification.status": "GREEN",
                "cluster.verification.checks.0.status": "GREEN",
            },
        ),
    ),
    Method(
        "clusters.update_keypair",
        {"cluster_id": "{cluster[id]}"},
        versions=_V2,
        expect={"cluster.id": "{cluster[id]}"},
        then=("/clusters/{cluster[id]}", {"cluster.status": "Active"}),
    ),
    Method(
        "clusters.delete",
        {"cluster_id": "{cluster[id]}"},
        expect={"": None},
        then=("/clusters/{cluster[id]}", None),
    ),
    Method(
        "clusters.force_delete",
        {"cluster_id": "{cluster[id]}"},
        versions=_V2,
        expect={"": ...},
        then=("/clusters/{cluster[id]}", None),
    ),
    *found("clusters", "standing"),
)

_CLUSTER_TEMPLATES = (
    Method(
        "cluster_templates.create",
        _NEW
        | {
            "description": "Of mine.",
            "node_groups": "{groups}",
            "cluster_configs": {"HDFS": {"dfs.replication": 2}},
            "anti_affinity": ["datanode"],
            "net_id": "{network}",
            "default_image_id": "{image}",
            "use_autoconfig": False,
            "shares": [_SHARE],
            "is_public": True,
            "is_protected": False,
            "domain_name": "a.example.",
        },
        expect={
            "name": "{name}",
            "{V}": "0.1",
            "node_groups.*.name": ["head", "work"],
            "node_groups.0.node_group_template_id": "{head[id]}",
            "neutron_management_network": "{network}",
            "default_image_id": "{image}",
            "anti_affinity": ["datanode"],
            "use_autoconfig": False,
            "is_default": False,
            "domain_name": "a.example.",
        },
    ),
    Method(
        "cluster_templates.update",
        {
            "cluster_template_id": "{cluster_template[id]}",
            "name": "{name}",
            "plugin_name": "fake",
            "{V}": "0.1",
            "description": "Other.",
            "default_image_id": None,
            "node_groups": [
                {"name": "a", "count": 3, "node_group_template_id": "{head[id]}"}
            ],
        },
        expect={
            "name": "{name}",
            "description": "Other.",
            "node_groups.*.count": [3],
        },
    ),
    Method(
        "cluster_templates.get",
        {"cluster_template_id": "{cluster_template[id]}"},
        expect={"name": "{cluster_template[name]}", "{V}": "0.1"},
    ),
    Method(
        "cluster_templates.list",
        {"search_opts": {"name": "{cluster_template[name]}", "{V}": "0.1"}},
        expect={"items.*.id": ["{cluster_template[id]}"], "prev": None},
    ),
    Method(
        "cluster_templates.export",
        {"cluster_template_id": "{cluster_template[id]}"},
        expect={
            "cluster_template.name": "{cluster_template[name]}",
            "cluster_template.{V}": "0.1",
        },
    ),
    Method(
        "cluster_templates.delete",
        {"cluster_template_id": "{cluster_template[id]}"},
        expect={"": None},
        then=("/cluster-templates/{cluster_template[id]}", None),
    ),
    *found("cluster_templates", "cluster_template"),
)

_VOLUMES = {
    "volumes_per_node": 2,
    "volumes_size": 10,
    "volume_type": "lvm",
    "volumes_availability_zone": "nova",
    "volume_local_to_instance": True,
    "volume_mount_prefix": "/data",
}
_BOOT = {
    "boot_from_volume": True,
    "boot_volume_type": "lvm",
    "boot_volume_availability_zone": "nova",
    "boot_volume_local_to_instance": True,
}
_FULL_WORKER = {
    "description": "Of mine.",
    "node_configs": {"HDFS": {"Heap Size": 512}},
    "security_groups": ["default"],
    "auto_security_group": True,
    "availability_zone": "nova",
    "image_id": "{image}",
    "is_proxy_gateway": False,
    "use_autoconfig": False,
    "shares": [_SHARE],
    "is_public": True,
    "is_protected": False,
    **_VOLUMES,
}

_NODE_GROUP_TEMPLATES = (
    Method(
        "node_group_templates.create",
        _NEW_WORKER | _FULL_WORKER,
        expect={
            "name": "{name}",
            "{V}": "0.1",
            "node_processes": ["datanode"],
            **{k: v for k, v in _FULL_WORKER.items() if k != "shares"},
        },
    ),
    Method(
        "node_group_templates.create",
        _NEW_WORKER | _BOOT,
        more="booting from a volume",
        versions=_V2,
        expect=_BOOT,
    ),
    Method(
        "node_group_templates.update",
        {
            "ng_template_id": "{worker[id]}",
            "name": "{name}",
            "flavor_id": "3",
            "description": None,
            "volumes_per_node": 1,
            "volumes_size": 5,
            "security_groups": None,
            "floating_ip_pool": None,
        },
        expect={"name": "{name}", "flavor_id": "3", "volumes_size": 5},
    ),
    Method(
        "node_group_templates.update",
        {"ng_template_id": "{worker[id]}", **_BOOT},
        more="booting from a volume",
        versions=_V2,
        expect=_BOOT,
    ),
    Method(
        "node_group_templates.get",
        {"ng_template_id": "{worker[id]}"},
        expect={"name": "{worker[name]}", "{V}": "0.1", "flavor_id": "2"},
    ),
    Method(
        "node_group_templates.list",
        {"search_opts": {"name": "{worker[name]}", "hadoop_version": "0.1"}},
        expect={"items.*.id": ["{worker[id]}"]},
    ),
    Method(
        "node_group_templates.export",
        {"ng_template_id": "{worker[id]}"},
        expect={
            "node_group_template.name": "{worker[name]}",
            "node_group_template.{V}": "0.1",
        },
    ),
    Method(
        "node_group_templates.delete",
        {"ng_template_id": "{worker[id]}"},
        expect={"": None},
        then=("/node-group-templates/{worker[id]}", None),
    ),
    Method(
        "node_group_templates.delete",
        {"ng_template_id": "{used[id]}"},
        more="in use",
        expect={"code": 400, "name": "INVALID_REFERENCE"},
        fails=Refused("A cluster template uses it.", "APIException"),
    ),
    *found("node_group_templates", "worker"),
)

METHODS = (*_CLUSTERS, *_CLUSTER_TEMPLATES, *_NODE_GROUP_TEMPLATES)
