# SPDX-License-Identifier: Apache-2.0
"""Stores that benchmarks read and write: how they are opened by hand as a job of the
service opens them, and a container of one's own in a cloud's Swift."""

from __future__ import annotations

import contextlib
import dataclasses
import os
import sys
import urllib.parse
import uuid
from collections.abc import Iterator
from collections.abc import Mapping

import embedded
import openstack
from openstack import exceptions

from sparkaas import interfaces
from sparkaas.edp import objects
from sparkaas.edp import spark_submit
from sparkaas.infra.local import packages


@dataclasses.dataclass(frozen=True)
class Store:
    """An address to write below, and what opens it: settings of a job."""

    url: str
    conf: Mapping[str, str] = dataclasses.field(default_factory=dict, repr=False)


def properties(store: Store) -> dict[str, str]:
    """Spark's properties for a program that is started by hand: those that the service
    gives to a job."""
    own = {spark_submit.hadoop_property(k): v for k, v in store.conf.items()}
    if not objects.is_address(store.url):
        return own
    tree = packages.find_objectstore("")
    if tree is None:
        sys.exit("There are no jars for object stores: sparkaas-image objectstore")
    schemes = {f"spark.hadoop.{k}": v for k, v in objects.schemes().items()}
    jars = dict.fromkeys(spark_submit.CLASS_PATHS, f"{tree}/lib/*")
    return {**objects.committer(), **objects.patience(), **schemes, **jars, **own}


@contextlib.contextmanager
def in_swift() -> Iterator[Store]:
    """A container in the Swift of the cloud that the environment names (``OS_*``), with
    EC2 credentials of that user's; both are gone afterwards. The location of Swift's
    S3 API is taken to be ``OS_REGION_NAME``."""
    cloud = openstack.connect()
    path = f"/users/{cloud.current_user_id}/credentials/OS-EC2"
    asked = {"tenant_id": cloud.current_project_id}
    answer = cloud.identity.post(path, json=asked)
    exceptions.raise_from_response(answer)
    made = answer.json()["credential"]
    name = f"benchmark-{uuid.uuid4().hex[:8]}"
    try:
        cloud.object_store.create_container(name)
        parts = urllib.parse.urlsplit(cloud.object_store.get_endpoint())
        keys = interfaces.ObjectKeys(
            access=made["access"],
            secret=made["secret"],
            endpoint=f"{parts.scheme}://{parts.netloc}",
            region=os.environ.get("OS_REGION_NAME", "us-east-1"),
        )
        yield Store(f"s3a://{name}", objects.settings(keys))
    finally:
        for each in (name, f"{name}+segments"):
            # Lists follow what is done, sooner or later.
            embedded.until(lambda each=each: _is_removed(cloud, each), 120, 1)
        exceptions.raise_from_response(
            cloud.identity.delete(f"{path}/{made['access']}")
        )
        cloud.close()


def _is_removed(cloud: openstack.connection.Connection, container: str) -> bool:
    store = cloud.object_store
    if container not in {each.name for each in store.containers()}:
        return True
    for found in store.objects(container):
        # Names of S3A's directories end in a slash.
        store.delete(f"/{container}/{urllib.parse.quote(found.name)}")
    try:
        store.delete_container(container)
    except exceptions.ConflictException:
        return False
    return True
