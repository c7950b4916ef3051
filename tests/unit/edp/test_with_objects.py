# SPDX-License-Identifier: Apache-2.0
"""What a Spark job that reaches for an object store is started with."""

from sparkaas.edp import base
from sparkaas.edp import spark_submit


def _target(**more):
    return spark_submit.Target(
        home="/spark",
        java="/java",
        master="m",
        deploy_mode="client",
        environment={},
        defaults={"spark.executor.extraClassPath": "/of/cluster"},
        fixed={},
        **more,
    )


def _launch(target, **more):
    given = base.Submission(directory="/d", mains=("/d/a.py",), libs=(), **more)
    return spark_submit.spark(
        "PySpark",
        given,
        target,
        properties_file="/d/p",
        sql_runner="/d/s",
        variables_file="/d/v",
    )


def test_its_jars_come_after_a_jobs_and_a_clusters_own():
    own = {"spark.driver.extraClassPath": "/own.jar"}
    text = _launch(_target(jars="/o/lib/*"), configs=own).properties
    assert "spark.driver.extraClassPath=/own.jar:/o/lib/*\n" in text
    assert "spark.executor.extraClassPath=/of/cluster:/o/lib/*\n" in text
    assert "driver.extraClassPath" not in _launch(_target()).properties


def test_keys_stand_in_the_file_of_properties_only():
    secrets = {"fs.s3a.bucket.b.secret.key": "hunter2"}
    launch = _launch(_target(jars="/o"), secrets=secrets)
    assert "spark.hadoop.fs.s3a.bucket.b.secret.key=hunter2\n" in launch.properties
    assert "hunter2" not in str(launch.argv) + str(launch.environment)
