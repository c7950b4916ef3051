# SPDX-License-Identifier: Apache-2.0
"""Records of Spark clusters, for tests."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from oslo_config import cfg

from sparkaas import conf as service_conf
from sparkaas import model
from sparkaas.plugins.spark import plugin as spark_plugin

SMALL = model.Flavor(id="1", name="small", vcpus=1, ram_mb=1024, disk_gb=10)
LARGE = model.Flavor(id="2", name="large", vcpus=4, ram_mb=8192, disk_gb=40)


def plugin(**overrides: Any) -> spark_plugin.SparkPlugin:
    """The plugin with the default configuration, but for options of its group."""
    conf = cfg.ConfigOpts()
    service_conf.register_opts(conf)
    conf([], default_config_files=[], default_config_dirs=[])
    for name, value in overrides.items():
        conf.set_override(name, value, group="spark")
    return spark_plugin.SparkPlugin(conf)


def group(
    name: str,
    *processes: str,
    count: int = 1,
    flavor: model.Flavor = SMALL,
    **settings: Any,
) -> model.NodeGroup:
    """A group of ``count`` nodes with these processes."""
    return model.NodeGroup(
        id=f"group-{name}",
        name=name,
        flavor_id=flavor.id,
        flavor=flavor,
        node_processes=processes,
        count=count,
        indices=tuple(range(count)),
        **settings,
    )


def cluster(
    *groups: model.NodeGroup,
    version: str = "4.3.0",
    configs: Mapping[str, Any] | None = None,
) -> model.Cluster:
    """A cluster of these groups; without any, one master and two workers."""
    return model.Cluster(
        id="5f3a0000-0000-4000-8000-00000000c1c1",
        project_id="project",
        name="demo",
        plugin_name="spark",
        plugin_version=version,
        node_groups=groups
        or (group("master", "master"), group("worker", "slave", count=2)),
        cluster_configs={"Spark": configs} if configs else {},
    )


def placed(cluster: model.Cluster) -> model.Cluster:
    """The cluster with all its instances made, at 10.0.0.1 and so on."""
    wanted = model.wanted_instances(cluster)
    return dataclasses.replace(
        cluster,
        instances=tuple(
            model.Instance(
                id=f"id-{name}",
                name=name,
                node_group_id=group.id,
                instance_id=f"server-{name}",
                internal_ip=f"10.0.0.{number}",
                management_ip=f"192.0.2.{number}",
            )
            for number, (name, group) in enumerate(wanted.items(), start=1)
        ),
    )
