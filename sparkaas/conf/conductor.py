# SPDX-License-Identifier: Apache-2.0
"""Options of the conductor."""

from oslo_config import cfg

GROUP = "conductor"

OPTS = [
    cfg.IntOpt("workers", default=8, min=1, help="Worker threads of a conductor."),
    cfg.FloatOpt(
        "poll_interval",
        default=2.0,
        min=0.05,
        help="Seconds between looks for due records when no message comes.",
    ),
    cfg.FloatOpt(
        "lease_seconds",
        default=60.0,
        min=1,
        help="How long a conductor owns a record that it claimed. Must be much "
        "longer than the hosts' clocks differ.",
    ),
    cfg.FloatOpt(
        "retry_base", default=1.0, min=0.01, help="First delay after a failure."
    ),
    cfg.FloatOpt("retry_max", default=60.0, min=0.01, help="Longest such delay."),
    cfg.IntOpt(
        "max_attempts",
        default=12,
        min=1,
        help="Transient failures in a row of one step before it is given up.",
    ),
    cfg.FloatOpt(
        "health_interval",
        default=30.0,
        min=0.1,
        help="Seconds between looks at an Active cluster.",
    ),
    cfg.FloatOpt(
        "transient_idle",
        default=1800.0,
        min=0,
        help="How long a transient cluster waits for its first job. After its last "
        "one it goes at once.",
    ),
    cfg.FloatOpt(
        "janitor_interval",
        default=60.0,
        min=0.1,
        help="Seconds between sweeps for cloud objects that no record owns; one "
        "is deleted when seen in two sweeps.",
    ),
    cfg.FloatOpt(
        "provision_deadline",
        default=1800.0,
        min=1,
        help="Longest time for the nodes to exist and their services to be ready.",
    ),
    cfg.FloatOpt(
        "service_grace",
        default=30.0,
        min=0,
        help="How long a service of a node may fail to start, being restarted, "
        "before its cluster is given up.",
    ),
    cfg.FloatOpt(
        "delete_deadline", default=1800.0, min=1, help="Longest time for a teardown."
    ),
]
