# SPDX-License-Identifier: Apache-2.0
"""Every ``openstack dataprocessing`` command about clusters and their templates."""

from typing import Any

from tests.conformance.rows import Broken
from tests.conformance.rows import Command

_V2 = ("2",)

_SHARE: list[dict[str, Any]] = [{"id": "{share}", "path": "/in", "access_level": "ro"}]
_WORDS_OF_NEW = "--name {name} --cluster-template {cluster_template[name]} --image "

_CLUSTERS = (
    Command(
        "cluster create",
        _WORDS_OF_NEW
        + "fake-image --description Mine --user-keypair key "
        + "--neutron-network private --public --wait",
        expect={
            "Name": "{name}",
            "Status": "Active",
            "Plugin name": "fake",
            "Plugin version": "0.1",
            "Node groups": "head:1, work:1",
            "Image": "{image}",
            "Neutron management network": "{network}",
            "User keypair id": "key",
            "Description": "Mine",
            "Is public": True,
            "Is protected": False,
            "Is transient": False,
            "Cluster template id": "{cluster_template[id]}",
            "Anti affinity": "",
            "Info": ...,
        },
    ),
    Command(
        "cluster create",
        _WORDS_OF_NEW + "{image} --count 2 --wait",
        more="several",
        expect={"{name}-1": ..., "{name}-2": ...},
    ),
    Command(
        "cluster create",
        "--json cluster.json",
        more="from JSON",
        files={
            "cluster.json": {
                "name": "{name}",
                "plugin_name": "fake",
                "{V}": "0.1",
                "node_groups": "{groups}",
                "default_image_id": "{image}",
                "neutron_management_network": "{network}",
            }
        },
        expect={"Name": "{name}", "Node groups": "head:1, work:1"},
    ),
    Command(
        "cluster list",
        "--long --plugin fake --plugin-version 0.1 --name {standing[name]}",
        expect={
            "*.Name": ["{standing[name]}"],
            "0.Id": "{standing[id]}",
            "0.Status": "Active",
            "0.Plugin version": "0.1",
            "0.Image": "{image}",
        },
    ),
    Command(
        "cluster show",
        "{standing[name]} --show-progress --verification",
        expect={
            "Id": "{standing[id]}",
            "Verification status": "GREEN",
            "Plugin: start cluster: Start services": "Step completed successfully",
        },
    ),
    Command(
        "cluster show",
        "{standing[id]} --full-dump-events",
        more="dump of events",
        says="Event log dump saved to file: event-logs-",
    ),
    Command(
        "cluster update",
        "{cluster[name]} --name {name} --description Other --public --protected "
        "--shares shares.json",
        files={"shares.json": _SHARE},
        expect={
            "Name": "{name}",
            "Description": "Other",
            "Is public": True,
            "Is protected": True,
        },
    ),
    Command(
        "cluster scale",
        "{cluster[name]} --instances {worker[name]}:2 {another_worker[name]}:1",
        says="scaling has been started",
        expect={"Id": "{cluster[id]}"},
        then=(
            "/clusters/{cluster[id]}",
            {
                "cluster.status": "Active",
                "cluster.node_groups.*.name": [
                    "head",
                    "work",
                    "{another_worker[name]}",
                ],
                "cluster.node_groups.*.count": [1, 2, 1],
            },
        ),
    ),
    Command(
        "cluster scale",
        "{cluster[name]} --json scale.json",
        more="from JSON",
        files={"scale.json": {"resize_node_groups": [{"name": "work", "count": 3}]}},
        says="scaling has been started",
        expect={"Node groups": ...},
        then=("/clusters/{cluster[id]}", {"cluster.node_groups.*.count": [1, 3]}),
    ),
    Command(
        "cluster scale",
        "{cluster[name]} --instances {worker[name]}:2 --wait",
        more="waiting",
        fails=Broken(
            "It waits, and then looks for a part of the answer that its own library "
            "has taken off. The cluster is scaled.",
            "'Cluster' object has no attribute 'cluster'",
        ),
        then=("/clusters/{cluster[id]}", {"cluster.node_groups.*.count": [1, 2]}),
    ),
    Command(
        "cluster verification",
        "{cluster[name]} --start",
        more="start",
        says="health verification has been started",
        then=("/clusters/{cluster[id]}", {"cluster.verification.status": "GREEN"}),
    ),
    Command(
        "cluster verification",
        "{standing[name]} --show",
        more="show",
        expect={"Verification status": "GREEN"},
    ),
    Command(
        "cluster update keypair",
        "{cluster[name]}",
        versions=_V2,
        says="keypair has been updated",
    ),
    Command(
        "cluster delete",
        "{cluster[name]} --wait",
        says="has been removed successfully",
        then=("/clusters/{cluster[id]}", None),
    ),
    Command(
        "cluster delete",
        "{cluster[name]} --force --wait",
        more="by force",
        versions=_V2,
        says="has been removed successfully",
        then=("/clusters/{cluster[id]}", None),
    ),
)

_CLUSTER_TEMPLATES = (
    Command(
        "cluster template create",
        "--name {name} --node-groups {head[name]}:1 {worker[name]}:3 "
        "--description Mine --autoconfig --public --protected --shares shares.json "
        "--configs configs.json --domain-name a.example.",
        files={
            "shares.json": _SHARE,
            "configs.json": {"HDFS": {"dfs.replication": 2}},
        },
        expect={
            "Name": "{name}",
            "Plugin name": "fake",
            "Plugin version": "0.1",
            "Node groups": "{head[name]}:1, {worker[name]}:3",
            "Use autoconfig": True,
            "Domain name": "a.example.",
            "Is default": False,
            "Is public": True,
            "Is protected": True,
        },
    ),
    Command(
        "cluster template create",
        "--name {name} --node-groups {head[name]}:1 --anti-affinity namenode",
        more="with anti-affinity, which the client takes and does not send",
        expect={"Anti affinity": ""},
    ),
    Command(
        "cluster template create",
        "--json template.json",
        more="from JSON",
        files={
            "template.json": {
                "name": "{name}",
                "plugin_name": "fake",
                "{V}": "0.1",
                "node_groups": "{groups}",
                "net_id": "{network}",
            }
        },
        expect={"Name": "{name}", "Node groups": "head:1, work:1"},
    ),
    Command(
        "cluster template list",
        "--long --plugin fake --plugin-version 0.1 --name {cluster_template[name]}",
        expect={"*.Id": ["{cluster_template[id]}"], "0.Node groups": "head:1, work:1"},
    ),
    Command(
        "cluster template show",
        "{cluster_template[name]}",
        expect={"Id": "{cluster_template[id]}", "Plugin version": "0.1"},
    ),
    Command(
        "cluster template update",
        "{cluster_template[name]} --name {name} --node-groups {head[name]}:1 "
        "--description Other --autoconfig-disable --public --unprotected",
        expect={
            "Name": "{name}",
            "Node groups": "{head[name]}:1",
            "Use autoconfig": False,
            "Is public": True,
        },
    ),
    Command(
        "cluster template update",
        "{cluster_template[name]} --json template.json",
        more="from JSON",
        files={"template.json": {"name": "{name}", "description": None}},
        expect={"Name": "{name}"},
    ),
    Command(
        "cluster template export",
        "{cluster_template[name]} --file out.json",
        writes={
            "out.json": {
                "cluster_template.name": "{cluster_template[name]}",
                "cluster_template.{V}": "0.1",
            }
        },
    ),
    Command(
        "cluster template import",
        "in.json --name {name} --node-groups {head[name]}:1 {worker[name]}:1",
        files={"in.json": "{exported_cluster_template}"},
        fails=Broken(
            "It calls a function by a name that there is not.",
            "_cluster_templates_configure_ng_configure_node_groups",
        ),
    ),
    Command(
        "cluster template delete",
        "{cluster_template[name]}",
        says="has been removed successfully",
        then=("/cluster-templates/{cluster_template[id]}", None),
    ),
)

_NEW_WORKER = "--name {name} --plugin fake --plugin-version 0.1 --processes datanode "

_NODE_GROUP_TEMPLATES = (
    Command(
        "node group template create",
        _NEW_WORKER + "--flavor small --security-groups default --auto-security-group "
        "--availability-zone nova --volumes-per-node 2 --volumes-size 10 "
        "--volumes-type lvm --volumes-availability-zone nova --volumes-locality "
        "--volumes-mount-prefix /data --description Mine --autoconfig --public "
        "--protected --shares shares.json --configs configs.json",
        files={
            "shares.json": _SHARE,
            "configs.json": {"HDFS": {"Heap Size": 512}},
        },
        expect={
            "Name": "{name}",
            "Plugin version": "0.1",
            "Node processes": "datanode",
            "Flavor id": "2",
            "Volumes per node": 2,
            "Volumes size": 10,
            "Volume type": "lvm",
            "Volumes availability zone": "nova",
            "Volume local to instance": True,
            "Volume mount prefix": "/data",
            "Security groups": ["default"],
            "Auto security group": True,
            "Is default": False,
            "Is public": True,
            "Is protected": True,
        },
    ),
    Command(
        "node group template create",
        _NEW_WORKER + "--flavor 2 --boot-from-volume --boot-volume-type lvm "
        "--boot-volume-availability-zone nova --boot-volume-local-to-instance",
        more="booting from a volume",
        versions=_V2,
        expect={
            "Boot from volume": True,
            "Boot volume type": "lvm",
            "Boot volume availability zone": "nova",
            "Boot volume local to instance": True,
        },
    ),
    Command(
        "node group template create",
        "--json worker.json",
        more="from JSON",
        files={
            "worker.json": {
                "name": "{name}",
                "plugin_name": "fake",
                "{V}": "0.1",
                "flavor_id": "2",
                "node_processes": ["datanode"],
            }
        },
        expect={"Name": "{name}"},
    ),
    Command(
        "node group template list",
        "--long --plugin fake --plugin-version 0.1 --name {worker[name]}",
        expect={"*.Id": ["{worker[id]}"], "0.Node processes": "datanode"},
    ),
    Command(
        "node group template show",
        "{worker[name]}",
        expect={"Id": "{worker[id]}", "Plugin version": "0.1", "Flavor id": "2"},
    ),
    Command(
        "node group template update",
        "{worker[name]} --name {name} --plugin fake --plugin-version 0.1 "
        "--processes tasktracker --security-groups default "
        "--auto-security-group-enable --availability-zone nova --flavor medium "
        "--volumes-per-node 1 --volumes-size 5 --volumes-type lvm "
        "--volumes-availability-zone nova --volumes-mount-prefix /d "
        "--volumes-locality-enable --description Other --autoconfig-disable "
        "--proxy-gateway-disable --public --unprotected",
        expect={
            "Name": "{name}",
            "Node processes": "tasktracker",
            "Flavor id": "3",
            "Volumes size": 5,
            "Is public": True,
        },
    ),
    Command(
        "node group template update",
        "{worker[name]} --boot-from-volume-enable --boot-volume-type lvm "
        "--boot-volume-availability-zone nova --boot-volume-local-to-instance-enable",
        more="booting from a volume",
        versions=_V2,
        expect={"Boot from volume": True, "Boot volume type": "lvm"},
    ),
    Command(
        "node group template update",
        "{worker[id]} --json worker.json",
        more="from JSON",
        files={"worker.json": {"name": "{name}", "description": None}},
        expect={"Name": "{name}"},
    ),
    Command(
        "node group template export",
        "{worker[name]} --file out.json",
        writes={
            "out.json": {
                "node_group_template.name": "{worker[name]}",
                "node_group_template.{V}": "0.1",
            }
        },
    ),
    Command(
        "node group template import",
        "in.json --name {name} --flavor_id 3 --image_id {image}",
        files={"in.json": "{exported_worker}"},
        expect={
            "Name": "{name}",
            "Flavor id": "3",
            "Node processes": "datanode",
            "Plugin version": "0.1",
        },
    ),
    Command(
        "node group template delete",
        "{worker[name]}",
        says="has been removed successfully",
        then=("/node-group-templates/{worker[id]}", None),
    ),
)

COMMANDS = (*_CLUSTERS, *_CLUSTER_TEMPLATES, *_NODE_GROUP_TEMPLATES)
