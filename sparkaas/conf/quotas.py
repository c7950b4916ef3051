# SPDX-License-Identifier: Apache-2.0
"""Options of the service's own quotas."""

from oslo_config import cfg

GROUP = "quotas"

OPTS = [
    cfg.IntOpt(
        "clusters",
        default=-1,
        min=-1,
        help="Clusters that a project may have. Minus one: as many as it likes, within "
        "the cloud's own quotas.",
    ),
    cfg.IntOpt(
        "nodes",
        default=-1,
        min=-1,
        help="Nodes that all of a project's clusters may have together. Minus one: as "
        "many as it likes, within the cloud's own quotas.",
    ),
]
