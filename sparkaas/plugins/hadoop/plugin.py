# SPDX-License-Identifier: Apache-2.0
"""The plugin ``hadoop``: YARN and MapReduce beside HDFS, and Spark on YARN."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Sequence

from oslo_config import cfg

from sparkaas import interfaces
from sparkaas import manifest
from sparkaas import model
from sparkaas.edp import hadoop
from sparkaas.edp import spark
from sparkaas.edp import yarn
from sparkaas.plugins import base
from sparkaas.plugins import versions
from sparkaas.plugins.hadoop import layout
from sparkaas.plugins.hadoop import leaving as going
from sparkaas.plugins.hadoop import manifests
from sparkaas.plugins.hadoop import operations
from sparkaas.plugins.hadoop import options
from sparkaas.plugins.hadoop import processes
from sparkaas.plugins.hadoop import releases
from sparkaas.plugins.hadoop import validation
from sparkaas.plugins.spark import releases as spark_releases


class HadoopPlugin(base.Plugin):
    """A resource manager, node managers, HDFS below, jobs of all kinds on top."""

    name = "hadoop"
    title = "Apache Hadoop"
    description = (
        "Apache Hadoop: YARN, MapReduce and HDFS, with Spark on YARN. Whoever reaches "
        "the cluster's ports can use it: nothing asks for a password there."
    )

    def __init__(self, conf: cfg.ConfigOpts) -> None:
        self.labels = spark_releases.labels({})
        self._versions = releases.load(conf.spark.version_files)
        place = yarn.Yarn(manager=layout.manager_url, conf=layout.CONF)
        sparks = spark.SparkJobEngine(
            spark.SparkProfile(
                process=processes.MANAGER,
                master=lambda cluster: "yarn",
                environment=_environment,
                settings=_settings,
                yarn=place,
            )
        )
        programs = hadoop.HadoopJobEngine(place, processes.MANAGER, _environment)
        self.job_engines = {
            **dict.fromkeys(sorted(sparks.types), sparks),
            **dict.fromkeys(sorted(programs.types), programs),
        }

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
        return ()

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
        return going.decommission(cluster, leaving, reach)

    def converge(
        self, cluster: model.Cluster, reach: interfaces.Reach
    ) -> model.Outcome:
        going.readmit(cluster, reach)
        return model.Done({"info": operations.info(cluster)})

    def _version(self, name: str) -> releases.HadoopVersion:
        return versions.find(self._versions, self.name, name)


def _settings(cluster: model.Cluster, node: model.Instance) -> Mapping[str, str]:
    group = model.wanted_instances(cluster)[node.name]
    return options.typed(options.SPARK, cluster, group)


def _environment(cluster: model.Cluster, node: model.Instance) -> Mapping[str, str]:
    return layout.environment(node.name) | {"SPARK_CONF_DIR": layout.SPARK_CONF}
