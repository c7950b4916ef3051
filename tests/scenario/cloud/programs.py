# SPDX-License-Identifier: Apache-2.0
"""PySpark programs that tell what they saw, and how to read it."""

from __future__ import annotations

import json
from typing import Any

from tests.scenario.cloud import asking

#: Prints its arguments and the hosts that its tasks ran on.
WHERE = """\
import json, socket, sys, time
from pyspark.sql import SparkSession
spark = SparkSession.builder.getOrCreate()
def where(part):
    time.sleep(0.5)
    yield socket.gethostname()
hosts = spark.sparkContext.parallelize(range(8), 8).mapPartitions(where).collect()
print("RESULT", json.dumps({"args": sys.argv[1:], "hosts": sorted(set(hosts))}))
"""
#: Prints a line, and another when the file that it is given is there.
IN_TWO_PARTS = """\
import pathlib, sys, time
from pyspark.sql import SparkSession
spark = SparkSession.builder.getOrCreate()
print("FIRST", spark.sparkContext.parallelize(range(100)).sum(), flush=True)
end = time.monotonic() + 300
while not pathlib.Path(sys.argv[1]).exists():
    assert time.monotonic() < end, "nobody told it to go on"
    time.sleep(0.2)
print("SECOND", flush=True)
"""
#: So that two executors, each on a worker, share the tasks.
SMALL = {"spark.executor.memory": "512m", "spark.executor.cores": "1"}


def where(user: asking.Asking, cluster_id: str, *args: str) -> dict[str, Any]:
    """What ``WHERE`` saw on the cluster; the job must succeed."""
    job_id = user.job(cluster_id, WHERE, *args, **SMALL)
    job = user.ended(job_id)
    output = user.output(job_id)
    assert job["info"]["status"] == "SUCCEEDED", (job["reason"], output)
    return result(output)


def result(output: str) -> dict[str, Any]:
    """What ``WHERE`` printed."""
    line = next(line for line in output.splitlines() if line.startswith("RESULT"))
    return dict(json.loads(line.removeprefix("RESULT ")))
