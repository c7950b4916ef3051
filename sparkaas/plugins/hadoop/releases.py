# SPDX-License-Identifier: Apache-2.0
"""The Hadoop versions on offer, and the Spark that runs on each."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from collections.abc import Mapping

from sparkaas import manifest
from sparkaas.plugins import base
from sparkaas.plugins.hdfs import layout as hdfs
from sparkaas.plugins.spark import releases

#: Hadoop's version -> the first numbers of the Spark versions whose client it is.
_SPARKS: Mapping[str, str] = {hdfs.PACKAGE.version: "4."}


@dataclasses.dataclass(frozen=True)
class HadoopVersion:
    """One version and what its nodes need."""

    offer: base.Version
    hadoop: manifest.Package
    spark: manifest.Package
    java: manifest.Package


def load(version_files: Iterable[str]) -> Mapping[str, HadoopVersion]:
    """The versions by name, best first; each with the best Spark that fits it. As
    ``releases.load`` of the plugin ``spark`` in what it reads and raises."""
    sparks = releases.load(version_files)
    found = {}
    for name, numbers in _SPARKS.items():
        fitting = [s for n, s in sparks.items() if n.startswith(numbers)]
        if fitting:
            found[name] = _version(name, fitting[0])
    return found


def _version(name: str, spark: releases.SparkVersion) -> HadoopVersion:
    return HadoopVersion(
        offer=base.Version(
            name=name,
            labels=releases.labels({}),
            required_image_tags=("hadoop", name),
        ),
        hadoop=manifest.Package(hdfs.PACKAGE.name, name),
        spark=spark.spark,
        java=spark.java,
    )
