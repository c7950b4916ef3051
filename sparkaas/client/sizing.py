# SPDX-License-Identifier: Apache-2.0
"""What a new cluster is made of when the caller does not say."""

from __future__ import annotations

import dataclasses
from typing import Any

from sparkaas.client import client as client_module
from sparkaas.client import errors
from sparkaas.client import flavors
from sparkaas.client import images
from sparkaas.client import plugins

DEFAULT_PLUGIN = "spark"
DEFAULT_WORKERS = 2

#: A node that is comfortable for a first job.
ENOUGH_VCPUS = 2
ENOUGH_RAM_MB = 2048

#: Plugin -> the processes of the master, and of a worker; others have Spark's names.
PROCESSES = {
    DEFAULT_PLUGIN: (("master",), ("slave",)),
    "hadoop": (
        ("namenode", "resourcemanager", "historyserver"),
        ("datanode", "nodemanager"),
    ),
}


@dataclasses.dataclass(frozen=True, kw_only=True)
class ClusterPlan:
    """A cluster of one master and some workers."""

    plugin_name: str
    plugin_version: str
    image: images.Image
    flavor_id: str
    flavor_name: str
    workers: int
    #: Further processes of the master.
    beside: tuple[str, ...] = ()

    def __str__(self) -> str:
        plural = "" if self.workers == 1 else "s"
        return (
            f"1 master + {self.workers} worker{plural} ({self.flavor_name}), "
            f"{self.plugin_name} {self.plugin_version}, image {self.image.name}"
        )

    def fields(self) -> dict[str, Any]:
        """The fields of a cluster, or cluster template, on the wire."""
        master, worker = PROCESSES.get(self.plugin_name, PROCESSES[DEFAULT_PLUGIN])
        return {
            "plugin_name": self.plugin_name,
            "plugin_version": self.plugin_version,
            "default_image_id": self.image.id,
            "node_groups": [
                {
                    "name": "master",
                    "flavor_id": self.flavor_id,
                    "node_processes": [*master, *self.beside],
                    "count": 1,
                },
                {
                    "name": "worker",
                    "flavor_id": self.flavor_id,
                    "node_processes": list(worker),
                    "count": self.workers,
                },
            ],
        }


def plan_cluster(
    client: client_module.Client,
    *,
    workers: int | None = None,
    flavor: str | None = None,
    image: str | None = None,
    plugin: str | None = None,
    plugin_version: str | None = None,
) -> ClusterPlan:
    """Fill what is not given: the Spark plugin's first version, the first image that
    fits it, a middling flavor. Names and ids are both fine."""
    chosen_plugin = pick_plugin(client, plugin)
    version = plugin_version or pick_version(chosen_plugin)
    flavor_id, flavor_name = pick_flavor(client, flavor)
    return ClusterPlan(
        plugin_name=chosen_plugin.name,
        plugin_version=version,
        image=pick_image(client, image, chosen_plugin.name, version),
        flavor_id=flavor_id,
        flavor_name=flavor_name,
        workers=DEFAULT_WORKERS if workers is None else workers,
    )


def pick_plugin(client: client_module.Client, name: str | None) -> plugins.Plugin:
    """The plugin of that name, else Spark's own, else the first that is enabled."""
    if name:
        return client.plugins.find(name)
    enabled = [plugin for plugin in client.plugins.list() if plugin.enabled]
    if not enabled:
        raise errors.UsageError(
            "The service has no enabled plugin.",
            hint="Ask the operator to enable one.",
        )
    own = [plugin for plugin in enabled if plugin.name == DEFAULT_PLUGIN]
    return (own or enabled)[0]


def pick_version(plugin: plugins.Plugin) -> str:
    """The plugin's first enabled version."""
    for version in plugin.versions:
        if plugin.version_enabled(version):
            return version
    raise errors.UsageError(
        f"The plugin {plugin.name} has no enabled version.",
        hint="plugin show tells its versions.",
    )


def pick_image(
    client: client_module.Client, image: str | None, plugin: str, version: str
) -> images.Image:
    """The image of that name or id, else the first registered one with the tags that
    the plugin's version requires."""
    if image:
        return client.images.find(image)
    details = client.plugins.get_version(plugin, version)
    needed = set(details.required_image_tags)
    for found in client.images.list():
        if needed <= set(found.tags):
            return found
    raise errors.UsageError(
        f"No registered image has the tags {', '.join(sorted(needed))}.",
        hint="Register one with: image register, image tag add.",
    )


def pick_flavor(client: client_module.Client, flavor: str | None) -> tuple[str, str]:
    """Id and name of the flavor asked for, else of the smallest comfortable one."""
    try:
        everything = client.flavors.list()
    except errors.NotFound:
        everything = []
    if not everything:
        return _unlisted_flavor(flavor)
    chosen = flavors.choose(everything, flavor) if flavor else comfortable(everything)
    return chosen.id, chosen.name


def comfortable(everything: list[flavors.Flavor]) -> flavors.Flavor:
    """The smallest flavor that is enough, else the largest."""
    ordered = sorted(everything, key=lambda one: (one.ram_mb, one.vcpus, one.id))
    for flavor in ordered:
        if flavor.vcpus >= ENOUGH_VCPUS and flavor.ram_mb >= ENOUGH_RAM_MB:
            return flavor
    return ordered[-1]


def _unlisted_flavor(flavor: str | None) -> tuple[str, str]:
    """A flavor where the service cannot list them: taken as an id."""
    if flavor:
        return flavor, flavor
    raise errors.UsageError(
        "The service cannot list flavors.", hint="Name one by its id with --flavor."
    )
