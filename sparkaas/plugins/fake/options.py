# SPDX-License-Identifier: Apache-2.0
"""Configurations of every kind that a form may have to show. None has an effect."""

from __future__ import annotations

from sparkaas.plugins import base

ALL: tuple[base.Option, ...] = (
    base.Option(
        name="Timeout",
        description="Seconds. Has no effect.",
        type="int",
        default=300,
        priority=1,
    ),
    base.Option(
        name="dfs.replication",
        description="Copies of each block. Has no effect.",
        type="int",
        default=1,
        target="HDFS",
    ),
    base.Option(
        name="Heap Size",
        description="Of each process, in MiB. Has no effect.",
        type="int",
        default=256,
        target="HDFS",
        scope="node",
    ),
    base.Option(
        name="Scheduler",
        description="Who is first. Has no effect.",
        type="dropdown",
        default="fifo",
        values=("fifo", "fair"),
        target="MapReduce",
    ),
    base.Option(
        name="Compress",
        description="Whether map output is compressed. Has no effect.",
        type="bool",
        default=False,
        target="MapReduce",
    ),
)
