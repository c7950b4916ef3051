# SPDX-License-Identifier: Apache-2.0
"""The plugin ``spark``: Apache Spark's own standalone cluster."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Sequence

from oslo_config import cfg

from sparkaas import interfaces
from sparkaas import manifest
from sparkaas import model
from sparkaas.edp import spark
from sparkaas.plugins import base
from sparkaas.plugins import versions
from sparkaas.plugins.hdfs import decommission
from sparkaas.plugins.spark import layout
from sparkaas.plugins.spark import manifests
from sparkaas.plugins.spark import operations
from sparkaas.plugins.spark import options
from sparkaas.plugins.spark import processes
from sparkaas.plugins.spark import releases
from sparkaas.plugins.spark import validation


class SparkPlugin(base.Plugin):
    """A master, workers, and what users may want beside them."""

    name = "spark"
    title = "Apache Spark"
    description = (
        "Apache Spark with its own cluster manager, and with HDFS where the processes "
        "namenode and datanode are asked for."
    )
    synonyms = processes.SYNONYMS

    def __init__(self, conf: cfg.ConfigOpts) -> None:
        self.labels = releases.labels({})
        self._versions = releases.load(conf.spark.version_files)
        engine = spark.SparkJobEngine(
            spark.SparkProfile(
                process=processes.MASTER,
                master=layout.master_url,
                environment=_driver_environment,
                applications=layout.master_json,
                settings=_driver_settings,
                events=layout.history,
            )
        )
        self.job_engines = dict.fromkeys(sorted(engine.types), engine)

    def versions(self) -> tuple[base.Version, ...]:
        return tuple(version.offer for version in self._versions.values())

    def node_processes(self, version: str) -> Mapping[str, tuple[str, ...]]:
        self._version(version)
        return processes.SERVICES

    def options(self, version: str) -> tuple[base.Option, ...]:
        self._version(version)
        return options.ALL

    def allows(self, version: str, target: str, name: str) -> bool:
        return options.allows(target, name)

    def validate(
        self, cluster: model.Cluster, previous: model.Cluster | None = None
    ) -> None:
        self._version(cluster.plugin_version)
        if previous is not None:
            validation.check_resize(cluster, previous)
        validation.check(cluster)

    def describe(self, cluster: model.Cluster) -> Mapping[str, manifest.Manifest]:
        return manifests.describe(cluster, self._version(cluster.plugin_version))

    def secrets(self, cluster: model.Cluster) -> tuple[str, ...]:
        tokens = {
            processes.CONNECT: layout.CONNECT_TOKEN,
            processes.NOTEBOOK: layout.NOTEBOOK_TOKEN,
        }
        wanted = (tokens[name] for name in tokens if processes.count(cluster, name))
        return (layout.AUTH_SECRET, *wanted)

    def entrances(self, cluster: model.Cluster) -> tuple[base.Entrance, ...]:
        return operations.entrances(cluster)

    def ports(self, cluster: model.Cluster, instance_name: str) -> tuple[int, ...]:
        group = model.wanted_instances(cluster)[instance_name]
        return manifests.ports(cluster, group, instance_name)

    def health(
        self, cluster: model.Cluster, reach: interfaces.Reach
    ) -> Sequence[model.Check]:
        return operations.health(cluster, reach)

    def decommission(
        self,
        cluster: model.Cluster,
        leaving: Sequence[model.Instance],
        reach: interfaces.Reach,
    ) -> model.Outcome:
        return operations.decommission(cluster, leaving, reach)

    def converge(
        self, cluster: model.Cluster, reach: interfaces.Reach
    ) -> model.Outcome:
        decommission.settle(cluster, reach)
        return model.Done({"info": operations.info(cluster)})

    def _version(self, name: str) -> releases.SparkVersion:
        return versions.find(self._versions, self.name, name)


def _driver_environment(
    cluster: model.Cluster, node: model.Instance
) -> Mapping[str, str]:
    group = model.wanted_instances(cluster)[node.name]
    return layout.environment(cluster, group, node.name)


def _driver_settings(cluster: model.Cluster, node: model.Instance) -> Mapping[str, str]:
    group = model.wanted_instances(cluster)[node.name]
    path = str(options.value(options.CLASS_PATH, cluster))
    ours = {"spark.executor.extraClassPath": path} if path else {}
    return ours | options.spark_properties(cluster, group)
