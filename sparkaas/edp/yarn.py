# SPDX-License-Identifier: Apache-2.0
"""A job's applications on YARN: how they are started, found, looked at and ended.

The engines' side of ``yarn_runner.py``. Every application of a job has the job's tag,
by which it is found whatever became of the program that started it.
"""

from __future__ import annotations

import dataclasses
import json
import pathlib
from collections.abc import Callable
from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any

from sparkaas import exceptions
from sparkaas import interfaces
from sparkaas import manifest
from sparkaas import model
from sparkaas.edp import drivers
from sparkaas.edp import progress
from sparkaas.edp import temporary

_HERE = pathlib.Path(__file__).parent
_SETTINGS = "yarn.json"
_RUNNER = "yarn_runner.py"
_CLI = "org.apache.hadoop.yarn.client.cli"
_DEADLINE = 3.0
_LIMIT = 8 * 1024 * 1024
#: A JVM starts on a busy node and asks one question.
_KILL_DEADLINE = 60.0
_HEAP = 128


@dataclasses.dataclass(frozen=True)
class Yarn:
    """Where YARN is. Texts may hold manifest symbols: ``manager`` answers the resource
    manager's web address, ``conf`` is the directory of Hadoop's configuration."""

    manager: Callable[[model.Cluster], str]
    conf: str
    home: str = manifest.package("hadoop")
    java: str = manifest.package("java")


@dataclasses.dataclass(frozen=True)
class Application:
    """One of a job's applications as the resource manager has it."""

    id: str
    kind: str
    state: str


def tag(job_id: str) -> str:
    """What every application of a job is tagged with."""
    return f"sparkaas-{job_id}"


def program(
    yarn: Yarn,
    directory: str,
    main: str,
    *arguments: str,
    heap: int,
    before: str = "",
) -> tuple[str, ...]:
    """The argv of one of Hadoop's programs with ``heap`` MB for the job of that
    directory; ``before`` stands at the front of its class path."""
    path = f"{before}{yarn.conf}:{yarn.home}/lib/*"
    java = f"{yarn.java}/bin/java"
    place = temporary.java(temporary.of_job(directory))
    jvm = (f"-Xmx{heap}m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", place)
    return (java, *jvm, "-cp", path, main, *arguments)


def supervised(
    yarn: Yarn,
    job: model.Job,
    cluster: model.Cluster,
    directory: str,
    remote: interfaces.Remote,
    argv: Sequence[str],
    *,
    printed: bool = False,
    follow: str = "",
) -> tuple[tuple[str, ...], dict[str, bytes]]:
    """The argv of the runner for a program that starts applications, and the files that
    it needs. See ``yarn_runner.py`` for ``printed`` and ``follow``."""

    def expanded(main: str, *arguments: str) -> list[str]:
        words = program(yarn, directory, main, *arguments, heap=_HEAP)
        return [remote.expand(word) for word in words]

    settings = {
        "manager": remote.expand(yarn.manager(cluster)),
        "tag": tag(job.id),
        "submit": list(argv),
        "printed": printed,
        "follow": follow,
        "kill": expanded(f"{_CLI}.ApplicationCLI", "application", "-kill"),
        "logs": expanded(f"{_CLI}.LogsCLI", "-size_limit_mb", "-1"),
    }
    files = {
        _RUNNER: (_HERE / _RUNNER).read_bytes(),
        _SETTINGS: json.dumps(settings).encode(),
    }
    return _runner(directory, remote, "run"), files


def kill(directory: str, remote: interfaces.Remote) -> None:
    """End what a killed runner or driver left on YARN. Raises
    ``exceptions.Transient``; a job that never got there has nothing."""
    try:
        path = drivers.file(directory, _SETTINGS)
        remote.read_file(path, limit=1, deadline=_KILL_DEADLINE)
    except exceptions.NotFound:
        return
    done = remote.run(_runner(directory, remote, "kill"), deadline=_KILL_DEADLINE)
    if done.exit_code != 0:
        raise exceptions.Transient("YARN did not end the job's applications")


def applications(
    url: str, job: model.Job, remote: interfaces.Remote
) -> tuple[Application, ...]:
    """Those of the job that have not ended; none when nobody can tell now. ``url`` is
    the resource manager's."""
    try:
        body = remote.fetch(
            f"{url}/ws/v1/cluster/apps?applicationTags={tag(job.id)}",
            limit=_LIMIT,
            deadline=_DEADLINE,
        )
        found = (json.loads(body).get("apps") or {}).get("app") or ()
        return tuple(
            Application(str(one["id"]), str(one["applicationType"]), str(one["state"]))
            for one in found
            if one["finalStatus"] == "UNDEFINED"
        )
    except exceptions.SparkaasError:
        return ()
    except (ValueError, LookupError, TypeError, AttributeError):
        return ()  # something else answers there


def look(
    url: str, job: model.Job, remote: interfaces.Remote
) -> tuple[model.Progress | None, model.Reason | None]:
    """How far the job's applications are, and what they wait for."""
    found = applications(url, job, remote)
    waits = None
    if found and all(one.state not in ("RUNNING", "FINISHED") for one in found):
        waits = waiting(found[0])
    for one in found:
        if one.state != "RUNNING":
            continue
        at = f"{url}/proxy/{one.id}"
        if one.kind == "SPARK":
            seen = progress.read(remote, at)
            if seen is not None:
                return seen.progress, waits
        elif one.kind == "MAPREDUCE":
            done = _mapreduce(remote, at)
            if done is not None:
                return done, waits
    return None, waits


def waiting(application: Application) -> model.Reason:
    """Why an application does not run yet."""
    return model.Reason(
        code="WAITS_FOR_CONTAINER",
        sentence=f"It waits for YARN to start application {application.id}, which is "
        f"{application.state}.",
        hint="Others may hold the cluster's memory: wait for them, cancel one, or add "
        "nodes. One that asks for more memory than any node has waits for ever.",
    )


def _mapreduce(remote: interfaces.Remote, at: str) -> model.Progress | None:
    try:
        body = remote.fetch(
            f"{at}/ws/v1/mapreduce/jobs", limit=_LIMIT, deadline=_DEADLINE
        )
        return add_up(json.loads(body)["jobs"]["job"], at)
    except exceptions.SparkaasError:
        return None  # not up yet, busy, or gone: the next look will tell
    except (ValueError, LookupError, TypeError):
        return None


def add_up(jobs: Sequence[Mapping[str, Any]], ui_url: str) -> model.Progress:
    """The sum over MapReduce's jobs: maps and reduces are a stage each."""
    counts = [
        (int(job[f"{kind}Completed"]), int(job[f"{kind}Total"]))
        for job in jobs
        for kind in ("maps", "reduces")
        if int(job[f"{kind}Total"])
    ]
    return model.Progress(
        stages_done=sum(done == total for done, total in counts),
        stages_total=len(counts),
        tasks_done=sum(done for done, _ in counts),
        tasks_total=sum(total for _, total in counts),
        ui_url=ui_url,
    )


def _runner(directory: str, remote: interfaces.Remote, verb: str) -> tuple[str, ...]:
    runner = drivers.file(directory, _RUNNER)
    return (remote.python, "-I", runner, verb, drivers.file(directory, _SETTINGS))
