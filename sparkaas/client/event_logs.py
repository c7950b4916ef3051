# SPDX-License-Identifier: Apache-2.0
"""Event logs of jobs' applications, and Spark's own history server over them."""

from __future__ import annotations

import dataclasses
import importlib.util
import json
import os
import pathlib
import re
from collections.abc import Mapping

import requests

from sparkaas.client import errors
from sparkaas.client import logs
from sparkaas.client import transport as transport_module

_NAME = re.compile(r"events[a-z.]{0,40}")
_MAIN = "org.apache.spark.deploy.history.HistoryServer"
_ADDRESS = "127.0.0.1"
_SECONDS = 5.0


def download(
    transport: transport_module.Transport, job_id: str, directory: pathlib.Path
) -> pathlib.Path | None:
    """Write a finished job's event log into a directory, as a file called by the job's
    id and what a history server needs to know; None when it has none."""
    answer = transport.request(
        "GET", f"/jobs/{job_id}/logs/{logs.EVENTS}", params={"limit": 1}
    )
    if not answer.content:
        return None
    name = answer.headers.get("X-Log-Name", "")
    if not _NAME.fullmatch(name):
        raise errors.ClientError(f"The service calls an event log {name[:80]!r}.")
    path = directory / f"{job_id}{name.removeprefix('events')}"
    with path.open("wb") as file:
        for piece in logs.follow(transport, job_id, logs.EVENTS, hold=0):
            file.write(piece)
    return path


@dataclasses.dataclass(frozen=True)
class Server:
    """How to start a history server."""

    argv: tuple[str, ...]
    environment: Mapping[str, str]
    url: str

    def shown(self) -> int:
        """How many applications it shows; 0 while it does not answer."""
        url = f"{self.url}/api/v1/applications"
        try:
            answer = requests.get(url, timeout=_SECONDS)
            answer.raise_for_status()
            return len(answer.json())
        except (requests.RequestException, json.JSONDecodeError):
            return 0


def server(directory: pathlib.Path, port: int) -> Server:
    """One over the logs in a directory, which only this machine reaches; writes its
    settings beside them. Raises ``errors.ClientError`` without Spark."""
    home = _spark()
    scratch = directory / ".tmp"
    scratch.mkdir()
    settings = directory / ".history.properties"
    settings.write_text(
        f"spark.history.fs.logDirectory={directory.as_uri()}\n"
        "spark.history.fs.update.interval=1s\n"
        f"spark.history.ui.port={port}\n"
        "spark.port.maxRetries=0\n"
    )
    return Server(
        argv=(
            str(home / "bin" / "spark-class"),
            _MAIN,
            "--properties-file",
            settings.name,
        ),
        environment={
            **os.environ,
            "SPARK_HOME": str(home),
            "SPARK_CONF_DIR": str(directory),
            "SPARK_LOCAL_IP": _ADDRESS,
            "SPARK_DAEMON_JAVA_OPTS": f'"-Djava.io.tmpdir={scratch}" '
            + os.environ.get("SPARK_DAEMON_JAVA_OPTS", ""),
        },
        url=f"http://{_ADDRESS}:{port}",
    )


def _spark() -> pathlib.Path:
    """Where the package ``pyspark`` has Spark; it is not imported for that."""
    spec = importlib.util.find_spec("pyspark")
    for place in (spec.submodule_search_locations or ()) if spec else ():
        if (pathlib.Path(place) / "bin" / "spark-class").is_file():
            return pathlib.Path(place)
    raise errors.ClientError(
        "There is no Spark on this machine to show the history with.",
        hint="Install it with: pip install 'sparkaas[spark]'",
    )
