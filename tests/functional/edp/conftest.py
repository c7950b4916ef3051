# SPDX-License-Identifier: Apache-2.0
"""What jobs need: a cluster, a program, a template."""

import uuid

import pytest

from sparkaas import model
from sparkaas.db import clusters
from sparkaas.testing import objects
from sparkaas.testing import records


@pytest.fixture
def new_cluster(world, api):
    """Stores clusters, as nobody has made them yet."""

    def new_cluster(name="c1", project=None, **fields):
        record = model.Cluster(
            id=str(uuid.uuid4()),
            project_id=project or api.MINE,
            name=name,
            plugin_name="fake",
            plugin_version="0.1",
            **fields,
        )
        return clusters.create(world.env.db, record)

    return new_cluster


@pytest.fixture
def cluster(world, api):
    """One with nodes to be."""
    return records.cluster(world.env, project_id=api.MINE)


@pytest.fixture
def store(world):
    """The object store."""
    store = objects.FakeObjects()
    world.change(objects=store)
    return store


@pytest.fixture
def binary(api):
    """A job binary with bytes."""
    made = api("POST", "/job-binaries", {"name": "app.jar"})["job_binary"]
    api("PUT", f"/job-binaries/{made['id']}/data", data=b"jar")
    return made


@pytest.fixture
def template(api, binary):
    """A template of a Spark job."""
    body = {"name": "t", "type": "Spark", "mains": [binary["id"]]}
    return api("POST", "/job-templates", body)["job_template"]


@pytest.fixture
def launch(api, cluster, template):
    """Launches a job of ``template`` on ``cluster``."""

    def launch(job_configs=None, **more):
        headers = more.pop("headers", None)
        body = {
            "job_template_id": template["id"],
            "cluster_id": cluster.id,
            "job_configs": job_configs or {},
            **more,
        }
        return api("POST", "/jobs", body, headers=headers)["job"]

    return launch
