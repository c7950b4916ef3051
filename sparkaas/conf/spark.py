# SPDX-License-Identifier: Apache-2.0
"""Options of the plugin ``spark``."""

from oslo_config import cfg

GROUP = "spark"

OPTS = [
    cfg.ListOpt(
        "version_files",
        default=[],
        help="YAML files that add Spark versions to those of the package (see "
        "sparkaas/plugins/spark/versions.yaml for the form).",
    ),
]
