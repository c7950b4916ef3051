# SPDX-License-Identifier: Apache-2.0
"""Options of jobs."""

from oslo_config import cfg

GROUP = "edp"

OPTS = [
    cfg.IntOpt(
        "max_binary_bytes",
        default=1024**3,
        min=1,
        help="Largest job binary that the service keeps itself, or that a node "
        "fetches from an object store.",
    ),
    cfg.IntOpt(
        "max_log_bytes",
        default=1024**3,
        min=1024,
        help="Most bytes kept of each of a job's two output streams; the rest is "
        "dropped and the log says so.",
    ),
    cfg.IntOpt(
        "max_event_log_bytes",
        default=1024**3,
        min=0,
        help="Most bytes kept of the event log of a job's application, which a history "
        "server shows; of a longer one the beginning is kept. 0 keeps none.",
    ),
    cfg.FloatOpt(
        "poll_interval",
        default=0.5,
        min=0.05,
        help="Seconds between looks at a running driver.",
    ),
    cfg.FloatOpt(
        "cancel_seconds",
        default=10.0,
        min=0,
        help="How long a cancelled driver has before it is killed.",
    ),
    cfg.FloatOpt(
        "pending_deadline",
        default=3600.0,
        min=1,
        help="Longest time that a job waits for its cluster to be Active.",
    ),
    cfg.FloatOpt(
        "stage_deadline", default=900.0, min=1, help="Longest time to place files."
    ),
]
