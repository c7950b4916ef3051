# SPDX-License-Identifier: Apache-2.0
"""Records for tests: what a request would have stored, without the request."""

from __future__ import annotations

import dataclasses
import uuid
from typing import Any

from sparkaas import model
from sparkaas.db import clusters
from sparkaas.db import job_binaries
from sparkaas.db import job_templates
from sparkaas.db import jobs
from sparkaas.service import env as service_env
from sparkaas.testing import catalog
from sparkaas.testing import plugin

PROJECT = "p" * 32
USER = "u" * 32


def node_group(name: str, indices: tuple[int, ...], *processes: str) -> model.NodeGroup:
    """A group of a cluster, of the fake flavor 2."""
    return model.NodeGroup(
        id=str(uuid.uuid4()),
        name=name,
        count=len(indices),
        indices=indices,
        flavor_id="2",
        flavor=catalog.FLAVORS[1],
        node_processes=processes,
    )


def cluster(
    env: service_env.Env, name: str = "c1", workers: int = 2, **fields: Any
) -> model.Cluster:
    """A new cluster of one head and some workers."""
    indices = tuple(range(workers))
    record = model.Cluster(
        id=str(uuid.uuid4()),
        project_id=PROJECT,
        user_id=USER,
        name=name,
        plugin_name="fake",
        plugin_version=plugin.VERSION,
        default_image_id=catalog.FAKE_IMAGE,
        neutron_management_network=catalog.NETWORK,
        node_groups=(
            node_group("head", (0,), "namenode", "jobtracker"),
            node_group("worker", indices, "datanode", "tasktracker"),
        ),
        created_at=env.clock.now(),
    )
    return clusters.create(env.db, dataclasses.replace(record, **fields))


def resize(
    env: service_env.Env, cluster: model.Cluster, *indices: int
) -> model.Cluster:
    """Ask for just the workers of these numbers."""
    head, worker = clusters.get(env.db, cluster.id).node_groups
    worker = dataclasses.replace(worker, count=len(indices), indices=indices)
    return clusters.set_intent(
        env.db, cluster.id, env.clock.now(), node_groups=(head, worker)
    )


def job_template(
    env: service_env.Env, *, type: str = "PySpark", name: str = "count"
) -> model.JobTemplate:
    """A template with an uploaded program of the same name and one library."""
    ids = []
    for file in (f"{name}.py", f"{name}-lib.zip"):
        id = str(uuid.uuid4())
        env.store.create(f"binaries/{id}", [f"# {file}\n".encode()], limit=1024)
        binary = model.JobBinary(
            id=str(uuid.uuid4()),
            project_id=PROJECT,
            name=file,
            url=f"internal-db://{id}",
            created_at=env.clock.now(),
        )
        ids.append(job_binaries.create(env.db, binary).id)
    record = model.JobTemplate(
        id=str(uuid.uuid4()),
        project_id=PROJECT,
        name=name,
        type=type,
        mains=(ids[0],),
        libs=(ids[1],),
        created_at=env.clock.now(),
    )
    return job_templates.create(env.db, record)


def job(
    env: service_env.Env,
    cluster: model.Cluster,
    template: model.JobTemplate,
    **fields: Any,
) -> model.Job:
    """A run of a template on a cluster."""
    record = model.Job(
        id=str(uuid.uuid4()),
        project_id=PROJECT,
        user_id=USER,
        name=template.name,
        job_template_id=template.id,
        type=template.type,
        cluster_id=cluster.id,
        job_configs={"configs": {}, "args": ["a b"], "params": {}},
        created_at=env.clock.now(),
    )
    return jobs.create(env.db, dataclasses.replace(record, **fields))
