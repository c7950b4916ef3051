#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes doc/source/contributor/states.rst from the plans themselves.

python tools/states_to_rst.py            writes the page
python tools/states_to_rst.py --check    exits 1 if it is out of date
"""

from __future__ import annotations

import pathlib
import sys
from collections.abc import Iterator
from collections.abc import Sequence
from typing import Any

from oslo_config import cfg

from sparkaas import conf as service_conf
from sparkaas import states
from sparkaas.service import cluster_plans
from sparkaas.service import job_plans
from sparkaas.service import plans

PAGE = pathlib.Path(__file__).parents[1] / "doc/source/contributor/states.rst"

_HEAD = """\
.. Written by tools/states_to_rst.py from the plans: change those.

Plans, steps and states
=======================

What a record needs next is a pure function of the record. Each row is a step; two
words of status are those of a cluster's first time and of a later change; the deadline
is that of the default options. A step that is not done by then, or fails for good, is
given up, and the record says why.
"""

_CLUSTERS = """
Clusters
--------
"""

_JOBS = """
Jobs
----
"""

_WHEN = {
    "converge": "asked to be ACTIVE, and not as asked yet: new, or resized",
    "teardown": "asked to be DELETED; or transient, and its last job is done",
    "watch": "as asked: looked after at every health check",
    "run": "asked to be FINISHED",
    "kill": "asked to be KILLED",
    "abort": "cannot go on, and may have a driver",
    "discard": "cannot go on, and has no driver",
    "delete": "asked to be DELETED",
}


def _deadline(step: plans.Step[Any], conf: cfg.ConfigOpts) -> str:
    return "none" if step.deadline is None else f"{step.deadline(conf):g} s"


def _words(plan: plans.Plan[Any], step: plans.Step[Any]) -> str:
    if plan is cluster_plans.CONVERGE:
        first, later = states.STEP_WORDS[step.name]
        return f"{first} / {later}"
    if plan is cluster_plans.TEARDOWN:
        return states.ClusterStatus.DELETING
    if plan is cluster_plans.WATCH:
        return states.ClusterStatus.ACTIVE
    if plan in (job_plans.KILL, job_plans.DELETE):
        return states.JobStatus.TOBEKILLED
    running = step.name in states.JOB_RUNNING_STEPS
    return states.JobStatus.RUNNING if running else states.JobStatus.PENDING


def _meaning(step: plans.Step[Any]) -> str:
    """The first sentence of the step's function."""
    text = " ".join((step.run.__doc__ or "").split())
    return text.partition(". ")[0].rstrip(".") + "."


def _table(plan: plans.Plan[Any], conf: cfg.ConfigOpts) -> Iterator[str]:
    yield f"\n``{plan.name}``: {_WHEN[plan.name]}\n"
    yield ".. list-table::\n   :header-rows: 1\n   :widths: 20 25 10 45\n"
    rows: list[Sequence[str]] = [("step", "status", "deadline", "what it does")]
    for step in plan.steps:
        name = f"``{step.name}``"
        rows.append((name, _words(plan, step), _deadline(step, conf), _meaning(step)))
    for row in rows:
        yield f"   * - {row[0]}"
        yield from (f"     - {cell}" for cell in row[1:])


def page() -> str:
    """The page as it should be."""
    conf = cfg.ConfigOpts()
    service_conf.register_opts(conf)
    conf([], project="sparkaas", default_config_files=[], default_config_dirs=[])
    lines = [_HEAD, _CLUSTERS.rstrip("\n")]
    for plan in (cluster_plans.CONVERGE, cluster_plans.TEARDOWN, cluster_plans.WATCH):
        lines += _table(plan, conf)
    lines.append(_JOBS.rstrip("\n"))
    for job_plan in (
        *(job_plans.RUN, job_plans.KILL, job_plans.ABORT),
        *(job_plans.DISCARD, job_plans.DELETE),
    ):
        lines += _table(job_plan, conf)
    return "\n".join(lines) + "\n"


def main(argv: Sequence[str]) -> int:
    if "--check" in argv:
        return 0 if PAGE.read_text() == page() else 1
    PAGE.write_text(page())
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
