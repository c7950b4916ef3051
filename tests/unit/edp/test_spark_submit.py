# SPDX-License-Identifier: Apache-2.0
"""What starts a job, and which settings it may have."""

import pytest

from sparkaas import exceptions
from sparkaas import model
from sparkaas.edp import base
from sparkaas.edp import job_settings
from sparkaas.edp import properties
from sparkaas.edp import spark_submit

ODD = (
    "a b",
    "'\"",
    ";",
    "$(id)",
    "n\nl",
    "c\rr",
    "ünï✓",
    "",
    "--class",
    "-x",
    "*",
    "\\",
)
TARGET = spark_submit.Target(
    home="/opt/spark",
    java="/opt/java",
    master="spark://10.0.0.1:7077",
    deploy_mode="client",
    environment={"LANG": "C.UTF-8"},
    defaults={"spark.app.name": "job", "spark.ui.port": "20001"},
    fixed={"spark.driver.host": "10.0.0.1"},
)


def submission(main="/j/app.jar", **more):
    return base.Submission(
        directory="/j",
        mains=(main, *more.pop("mains", ())),
        libs=more.pop("libs", ()),
        **more,
    )


def spark(type, submitted):
    return spark_submit.spark(
        type,
        submitted,
        TARGET,
        properties_file="/j/p",
        sql_runner="/j/sql_runner.py",
        variables_file="/j/v",
    )


def test_a_jar():
    launch = spark(
        "Spark",
        submission(
            configs={"edp.java.main_class": "org.example.Main"},
            libs=("/j/x.jar", "/j/data.csv"),
            args=ODD,
        ),
    )
    assert launch.printed
    assert launch.argv[7:] == (
        "org.apache.spark.deploy.SparkSubmit",
        *("--master", "spark://10.0.0.1:7077"),
        *("--deploy-mode", "client"),
        *("--properties-file", "/j/p"),
        "--load-spark-defaults",
        *("--class", "org.example.Main"),
        *("--jars", "/j/x.jar"),
        *("--files", "/j/data.csv"),
        "/j/app.jar",
        *ODD,
    )


def test_a_python_program_with_libraries_by_suffix():
    launch = spark(
        "PySpark",
        submission(
            "/j/app.py",
            mains=("/j/more.py",),
            libs=("/j/lib.zip", "/j/x.jar", "/j/t.txt"),
            files=("/j/f",),
        ),
    )
    assert launch.argv[15:] == (
        *("--jars", "/j/x.jar"),
        *("--py-files", "/j/more.py,/j/lib.zip"),
        *("--files", "/j/t.txt,/j/f"),
        "/j/app.py",
    )


def test_a_python_program_of_type_spark_needs_no_class():
    launch = spark(
        "Spark", submission("/j/app.py", configs={"edp.java.main_class": "x"})
    )
    assert "--class" not in launch.argv


def test_sql_goes_through_the_runner():
    submitted = submission(
        "/j/q.sql",
        args=("day=1",),
        params={"p": "v"},
        secrets={"params:password": "hush"},
    )
    launch = spark("SparkSQL", submitted)
    assert launch.argv[-4:] == ("/j/sql_runner.py", "/j/q.sql", "/j/v", "day=1")
    assert launch.variables == {"p": "v", "password": "hush"}
    assert "hush" not in " ".join(launch.argv)


def test_a_shell_script_is_run_by_no_shell_string():
    launch = spark_submit.shell(
        submission(
            "/j/s.sh", args=ODD, params={"A": "$(id)"}, secrets={"params:B": "hush"}
        ),
        TARGET,
    )
    assert launch.argv == ("/bin/sh", "/j/s.sh", *ODD)
    assert launch.environment == {"LANG": "C.UTF-8", "A": "$(id)", "B": "hush"}


def test_settings_and_secrets_stand_in_the_file_only():
    launch = spark(
        "PySpark",
        submission(
            "/j/app.py",
            configs={
                "spark.ui.port": "1234",
                "spark.x": "a b",
                "fs.s3a.endpoint": "e",
                "edp.spark.driver.classpath": "/cp",
                "spark.hadoop.fs.s3a.secret.key": "",
                "spark.authenticate": "false",
                "edp.other": "x",
            },
            secrets={"spark.hadoop.fs.s3a.secret.key": "hush"},
        ),
    )
    assert launch.properties.splitlines() == [
        "spark.app.name=job",
        "spark.driver.extraClassPath=/cp",
        "spark.driver.host=10.0.0.1",
        "spark.hadoop.fs.s3a.endpoint=e",
        "spark.hadoop.fs.s3a.secret.key=hush",
        "spark.ui.port=1234",
        "spark.x=a b",
    ]
    assert "hush" not in " ".join(launch.argv)


def test_a_jar_without_a_class_is_told():
    with pytest.raises(exceptions.Permanent) as error:
        spark("Spark", submission())
    assert error.value.code == "MAIN_CLASS_MISSING"


@pytest.mark.parametrize(
    ("value", "written"),
    [("a\\b", "a\\\\b"), ("é", "\\u00e9"), ("😀", "\\ud83d\\ude00"), ("\t", "\\u0009")],
)
def test_properties_are_escaped(value, written):
    assert properties.render({"spark.k": value}) == f"spark.k={written}\n"


@pytest.mark.parametrize(
    "name", ["spark.executor.memory", "spark.hadoop.fs.s3a.x-y", "spark.a_b.C1"]
)
def test_property_names(name):
    assert properties.is_name(name)


@pytest.mark.parametrize(
    "name", ["spark", "spark.", "spark.a b", "spark.a=b", "spark.a\nb", "Spark.x", "x"]
)
def test_no_property_names(name):
    assert not properties.is_name(name)


def validate(type="PySpark", args=(), params=None, **configs):
    template = model.JobTemplate(id="t", project_id="p", name="t", type=type)
    given = {"configs": configs.pop("configs", {}), "args": list(args)}
    job_settings.validate(template, {**given, "params": params or {}})


def test_settings_that_run():
    validate(args=ODD, configs={"spark.x": True, "edp.y": 1, "fs.s3a.z": "v"})
    validate("Spark", configs={"edp.java.main_class": "org.example.Main$Inner"})
    validate("Shell", params={"A_1": "x"})
    validate("SparkSQL", params={"any name": "x"})


@pytest.mark.parametrize(
    ("type", "args", "params", "configs", "told"),
    [
        ("Spark", (), {}, {}, "main_class"),
        ("Spark", (), {}, {"edp.java.main_class": "--conf"}, "no class name"),
        ("PySpark", ("a\0b",), {}, {}, "NUL"),
        ("PySpark", (1,), {}, {}, "text"),
        ("PySpark", ("\ud800",), {}, {}, "Unicode"),
        ("PySpark", ("x" * 200_000,), {}, {}, "128 KiB"),
        ("PySpark", ("x" * 100_000,) * 11, {}, {}, "1 MiB"),
        ("PySpark", (), {}, {"spark.a b": "x"}, "no Spark property"),
        ("PySpark", (), {}, {"spark.a": "x\ny"}, "line breaks"),
        ("PySpark", (), {}, {"spark.a": ["x"]}, "text, number"),
        ("PySpark", (), {}, {"spark.master": "local"}, "set by the service"),
        ("PySpark", (), {}, {"spark.authenticate.secret": "x"}, "set by the service"),
        ("PySpark", (), {}, {"edp.x": "a\nb"}, "line breaks"),
        ("Shell", (), {"A-B": "x"}, {}, "environment variable"),
        ("Shell", (), {"A": "x\0"}, {}, "NUL"),
    ],
)
def test_settings_refused(type, args, params, configs, told):
    with pytest.raises(exceptions.InvalidRequest, match=told):
        validate(type, args, params, configs=configs)
