# SPDX-License-Identifier: Apache-2.0
"""A guest image with all that clusters may have: Spark, HDFS, YARN, JupyterLab.

Made by the project's own program, once for a cloud, and left there: it takes minutes.
"""

from __future__ import annotations

import importlib.metadata
import os
import subprocess
from typing import Any

from sparkaas.image import jars
from tests.scenario import harness
from tests.scenario.cloud import asking
from tests.scenario.cloud import openstack_cloud
from tests.scenario.cloud import production

NAME = "sparkaas-guest-data"
#: On offer because it is installed here, and so what the plugin ``hadoop`` takes.
SPARK = importlib.metadata.version("pyspark")
HADOOP = "3.5.0"
#: For nodes with several JVMs: MB of memory, cores, GB of disk.
FLAVOR = "s.large"
_SIZE = {"ram": 4096, "vcpus": 2, "disk": 5}
_SECONDS = 1800


def have(service: production.Production) -> None:
    """Have the image, registered with this service, and the flavor."""
    cloud = service.cloud
    if cloud.admin.compute.find_flavor(FLAVOR) is None:
        cloud.admin.compute.create_flavor(name=FLAVOR, **_SIZE)
    if cloud.admin.image.find_image(NAME) is None:
        _make(cloud)
    admin = asking.Asking(service, "admin")
    image = cloud.id("image", NAME)
    admin.call("POST", f"images/{image}", {"username": "debian", "description": ""})
    tags = ["spark", SPARK, "hadoop", HADOOP]
    admin.call("PUT", f"images/{image}/tags", {"tags": tags})


def _make(cloud: openstack_cloud.Cloud) -> None:
    harness.have_jars("hadoop")
    here = cloud.directory / "image"
    tree = here / "notebook"
    if not tree.exists():
        _run(cloud, "notebook", tree)
    output = here / "data.raw"
    _run(
        cloud,
        *("build", output, "--container", "--spark", SPARK),
        *("--element", "sparkaas-lxc", "--cache", cloud.directory / "image-cache"),
        *("--hadoop", jars.default("hadoop"), "--notebook", tree),
        *("--upload", "--name", NAME, "--public"),
        *("--property", "hypervisor_type=lxc", "--property", "vm_mode=exe"),
    )
    output.unlink()


def _run(cloud: openstack_cloud.Cloud, *words: Any) -> None:
    done = subprocess.run(
        [harness.BIN / "sparkaas-image", *words],
        env={**os.environ, **cloud.environment("admin")},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=_SECONDS,
    )
    assert done.returncode == 0, done.stdout + done.stderr
