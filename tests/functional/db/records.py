# SPDX-License-Identifier: Apache-2.0
"""Records for tests: valid as they are, any field can be given."""

import datetime
import uuid

from sparkaas import model

NOW = datetime.datetime(2026, 3, 1, 12, 0, 0, 123456, tzinfo=datetime.UTC)


def after(seconds):
    return NOW + datetime.timedelta(seconds=seconds)


def new_id():
    return str(uuid.uuid4())


def _resource(fields, **more):
    id = fields.pop("id", None) or new_id()
    base = {"id": id, "project_id": "p1", "name": f"n-{id[:8]}", "created_at": NOW}
    return {**base, **more, **fields}


def node_group(**fields):
    base = {
        "id": new_id(),
        "name": "worker",
        "flavor_id": "small",
        "node_processes": ("slave",),
        "count": 2,
        "indices": (0, 1),
        "flavor": model.Flavor(id="1", name="s", vcpus=1, ram_mb=512, disk_gb=1),
        "node_configs": {"Spark": {"a": 1}},
    }
    return model.NodeGroup(**{**base, **fields})


def cluster(**fields):
    return model.Cluster(
        **_resource(fields, plugin_name="spark", plugin_version="4.1.0")
    )


def node_group_template(**fields):
    return model.NodeGroupTemplate(
        **_resource(
            fields,
            plugin_name="spark",
            plugin_version="4.1.0",
            flavor_id="small",
            node_processes=("master", "slave"),
        )
    )


def cluster_template(**fields):
    return model.ClusterTemplate(
        **_resource(fields, plugin_name="spark", plugin_version="4.1.0")
    )


def data_source(**fields):
    return model.DataSource(**_resource(fields, type="hdfs", url="hdfs://h/p"))


def job_binary(**fields):
    return model.JobBinary(**_resource(fields, url="internal-db://x"))


def job_binary_internal(**fields):
    return model.JobBinaryInternal(**_resource(fields, datasize=3 * 2**31))


def job_template(**fields):
    return model.JobTemplate(**_resource(fields, type="Spark"))


def job(**fields):
    return model.Job(**_resource(fields))


def instance(**fields):
    base = {
        "id": new_id(),
        "name": "c-worker-0",
        "node_group_id": new_id(),
        "instance_id": "server-1",
    }
    return model.Instance(**{**base, **fields})


def step(cluster_id, **fields):
    base = {
        "id": new_id(),
        "cluster_id": cluster_id,
        "project_id": "p1",
        "step_name": "Create nodes",
        "step_type": "Engine: create cluster",
        "total": 2,
    }
    return model.ProvisionStep(**{**base, **fields})


def event(step_id, **fields):
    return model.Event(**{"id": new_id(), "step_id": step_id, **fields})
