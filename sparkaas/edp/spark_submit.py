# SPDX-License-Identifier: Apache-2.0
"""What starts a job: argv, environment and properties, as a pure function.

No value of a user's goes through a shell, and none but the job's own arguments
stands in an argv: settings travel in a properties file that only the job's user
can read.
"""

from __future__ import annotations

import dataclasses
import pathlib
from collections.abc import Mapping
from collections.abc import Sequence

from sparkaas import exceptions
from sparkaas.edp import base
from sparkaas.edp import properties

MAIN_CLASS = "edp.java.main_class"
CLASS_PATH = "edp.spark.driver.classpath"
#: Spark's properties for the class paths of driver and executors.
CLASS_PATHS = ("spark.driver.extraClassPath", "spark.executor.extraClassPath")

#: How the service marks those of a submission's secrets that were ``params``.
PARAMS_PREFIX = "params:"

PYTHON_SUFFIXES = (".py", ".zip", ".egg")
JAR_SUFFIXES = (".jar",)


@dataclasses.dataclass(frozen=True)
class Target:
    """Where to submit to; every path is one on the node.

    ``environment`` is the driver's, apart from a Shell job's own; ``defaults`` are
    properties that a job's own win over, ``fixed`` ones that win over a job's.
    """

    home: str
    java: str
    master: str
    deploy_mode: str
    environment: Mapping[str, str]
    defaults: Mapping[str, str]
    fixed: Mapping[str, str]
    #: More for the class path of driver and executors, after a job's own.
    jars: str = ""


@dataclasses.dataclass(frozen=True)
class Launch:
    """What the launcher is given.

    With ``printed``, ``argv`` is a program that prints the driver's argv.
    ``properties`` and ``variables`` are contents of files that the argv names.
    """

    argv: tuple[str, ...]
    environment: Mapping[str, str]
    printed: bool = False
    properties: str = ""
    variables: Mapping[str, str] = dataclasses.field(default_factory=dict)


def shell(submission: base.Submission, target: Target) -> Launch:
    """``/bin/sh MAIN ARGS`` with the job's params as environment."""
    environment = dict(target.environment) | _params(submission)
    return Launch(("/bin/sh", submission.mains[0], *submission.args), environment)


def spark(
    job_type: str,
    submission: base.Submission,
    target: Target,
    *,
    properties_file: str,
    sql_runner: str,
    variables_file: str,
) -> Launch:
    """A ``spark-submit`` of the first main with the job's arguments.

    Spark's own launcher is asked for the driver's argv directly, for the shell
    script around it takes carriage returns out of arguments.
    """
    main, *others = submission.mains
    libs = (*others, *submission.libs)
    python = job_type in ("PySpark", "SparkSQL") or main.endswith(".py")
    argv = [
        f"{target.java}/bin/java",
        "-Xmx128m",
        "-XX:+UseSerialGC",
        "-XX:TieredStopAtLevel=1",
        "-cp",
        f"{target.home}/jars/*",
        "org.apache.spark.launcher.Main",
        "org.apache.spark.deploy.SparkSubmit",
        "--master",
        target.master,
        "--deploy-mode",
        target.deploy_mode,
        "--properties-file",
        properties_file,
        "--load-spark-defaults",
    ]
    if not python:
        argv += ["--class", _main_class(submission)]
    files = submission.files
    if job_type == "SparkSQL" and target.deploy_mode == "cluster":
        # The driver has them in its own directory, wherever it runs.
        files = (*files, main, variables_file)
    argv += _libraries(libs, files, python)
    if job_type == "SparkSQL" and target.deploy_mode == "cluster":
        names = [pathlib.PurePath(path).name for path in (main, variables_file)]
        argv += [sql_runner, *names]
    elif job_type == "SparkSQL":
        argv += [sql_runner, main, variables_file]
    else:
        argv += [main]
    argv += submission.args
    return Launch(
        tuple(argv),
        target.environment,
        printed=True,
        properties=properties.render(_properties(submission, target)),
        variables=_params(submission),
    )


def hadoop_property(name: str) -> str:
    """The Spark property for a setting: Hadoop's own get Spark's prefix."""
    return name if name.startswith("spark.") else f"spark.hadoop.{name}"


def is_property(name: str) -> bool:
    """Whether a job's setting is for Spark or Hadoop (others are the service's)."""
    return name.startswith(("spark.", "fs."))


def _main_class(submission: base.Submission) -> str:
    name = submission.configs.get(MAIN_CLASS, "")
    if not name:
        raise exceptions.Permanent(
            "A jar needs the name of its main class",
            code="MAIN_CLASS_MISSING",
            hint=f"Set {MAIN_CLASS} in the job's configs.",
        )
    return name


def _libraries(libs: Sequence[str], files: Sequence[str], python: bool) -> list[str]:
    jars = [path for path in libs if path.endswith(JAR_SUFFIXES)]
    code = [path for path in libs if python and path.endswith(PYTHON_SUFFIXES)]
    rest = [path for path in libs if path not in jars and path not in code]
    options = (("--jars", jars), ("--py-files", code), ("--files", [*rest, *files]))
    return [
        word for name, paths in options if paths for word in (name, ",".join(paths))
    ]


def _params(submission: base.Submission) -> dict[str, str]:
    """A job's params, with those that are secrets."""
    return dict(submission.params) | {
        name.removeprefix(PARAMS_PREFIX): value
        for name, value in submission.secrets.items()
        if name.startswith(PARAMS_PREFIX)
    }


def _properties(submission: base.Submission, target: Target) -> dict[str, str]:
    own = {
        hadoop_property(name): value
        for name, value in (*submission.configs.items(), *submission.secrets.items())
        if is_property(name) and not properties.is_ours(name)
    }
    if path := submission.configs.get(CLASS_PATH):
        own[CLASS_PATHS[0]] = path
    result = {**target.defaults, **own, **target.fixed}
    if target.jars:
        for name in CLASS_PATHS:
            result[name] = ":".join(filter(None, (result.get(name), target.jars)))
    return result
