# SPDX-License-Identifier: Apache-2.0
"""The loop over a real (SQLite) database and a cloud of fakes."""

import pytest

from sparkaas import states
from sparkaas.db import clusters
from sparkaas.db import events
from sparkaas.db import jobs
from sparkaas.testing import driving
from sparkaas.testing import records
from sparkaas.testing import service


@pytest.fixture
def world():
    with service.World() as world:
        yield world


@pytest.fixture
def conductor(world):
    return driving.Conductor(world.env, world.clock)


def test_a_cluster_becomes_active(world, conductor):
    cluster = records.cluster(world.env)
    conductor.settle()
    cluster = clusters.get(world.env.db, cluster.id)
    assert states.cluster_status(cluster) == "Active"
    assert {i.name for i in cluster.instances} == {
        "c1-head-0",
        "c1-worker-0",
        "c1-worker-1",
    }
    print(events.steps(world.env.db, cluster.id, True))
    print(cluster)


def test_a_job_runs(world, conductor):
    cluster = records.cluster(world.env)
    template = records.job_template(world.env)
    job = records.job(world.env, cluster, template)
    conductor.settle()
    job = jobs.get(world.env.db, job.id)
    print(job)
    assert states.job_status(job) == "SUCCEEDED"
