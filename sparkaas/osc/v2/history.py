# SPDX-License-Identifier: Apache-2.0
"""``job events`` and ``history``: what jobs did, also when their clusters are gone."""

from __future__ import annotations

import argparse
import pathlib
import signal
import subprocess
import tempfile
import time
import webbrowser
from collections.abc import Sequence

from sparkaas.client import errors
from sparkaas.client import event_logs
from sparkaas.client import jobs
from sparkaas.osc import base

#: Jobs that are shown when none are named.
_LATEST = 50
_LOOK_SECONDS = 0.2
#: By then a history server has read what there is.
_READ_SECONDS = 120.0
_END_SECONDS = 20.0
_PORT = 18080
_LOG = ".history.log"


class JobEvents(base.Command):
    """Download the event log of a job's application, as a history server reads it."""

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser = super().get_parser(prog_name)
        parser.add_argument("name", metavar="JOB", help="name or id")
        parser.add_argument(
            "--directory",
            type=pathlib.Path,
            default=pathlib.Path(),
            help="where to put the file (default: here)",
        )
        return parser

    def take_action(self, parsed_args: argparse.Namespace) -> None:
        job = self.client.jobs.find(parsed_args.name)
        path = self.client.jobs.download_events(job.id, parsed_args.directory)
        if path is None:
            raise errors.ClientError(
                f"Job {job.id} has no event log.",
                hint="A job that uses Spark has one once it is over.",
            )
        print(path, file=self.app.stdout)


class ShowHistory(base.Command):
    """Show what jobs' applications did in Spark's own history server, here.

    It shows jobs that are over, whether their clusters exist or not, and runs on this
    machine until Ctrl-C. It needs Java, and Spark from pip install 'sparkaas[spark]'.
    """

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser = super().get_parser(prog_name)
        parser.add_argument(
            "names",
            metavar="JOB",
            nargs="*",
            help=f"name or id (default: the latest {_LATEST} that have an event log)",
        )
        parser.add_argument(
            "--port",
            type=base.whole_number,
            default=_PORT,
            help=f"of the history server on 127.0.0.1 (default: {_PORT})",
        )
        parser.add_argument(
            "--no-browser", action="store_true", help="only print where it is"
        )
        return parser

    def take_action(self, parsed_args: argparse.Namespace) -> int:
        # Who ends this command ends the history server too.
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        with tempfile.TemporaryDirectory(prefix="sparkaas-history-") as name:
            directory = pathlib.Path(name)
            server = event_logs.server(directory, parsed_args.port)
            count = self._download(parsed_args.names, directory)
            with (
                (directory / _LOG).open("wb") as log,
                subprocess.Popen(
                    server.argv,
                    env=server.environment,
                    cwd=directory,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                ) as process,
            ):
                try:
                    self._await(server, process, count, directory)
                    self._tell(server, count, parsed_args)
                    return process.wait()
                except KeyboardInterrupt:
                    return 0
                finally:
                    _end(process)

    def _download(self, names: Sequence[str], directory: pathlib.Path) -> int:
        """How many there are."""
        count = 0
        for job in self._jobs(names):
            with self.console().status(f"job {job.id}: its event log"):
                found = self.client.jobs.download_events(job.id, directory)
            if found is None and names:
                raise errors.ClientError(f"Job {job.id} has no event log.")
            count += found is not None
            if count == _LATEST and not names:
                break
        if not count:
            raise errors.ClientError(
                "There is no job with an event log.",
                hint="A job that uses Spark has one once it is over.",
            )
        return count

    def _jobs(self, names: Sequence[str]) -> list[jobs.Job]:
        if names:
            return [self.client.jobs.find(name) for name in names]
        ended = [job for job in self.client.jobs.list() if job.finished]
        return sorted(ended, key=lambda job: str(job.end_time), reverse=True)

    def _await(
        self,
        server: event_logs.Server,
        process: subprocess.Popen[bytes],
        count: int,
        directory: pathlib.Path,
    ) -> None:
        """Until it shows all that there is, or as many as it can read."""
        deadline = time.monotonic() + _READ_SECONDS
        while server.shown() < count and time.monotonic() < deadline:
            try:
                code = process.wait(_LOOK_SECONDS)
            except subprocess.TimeoutExpired:
                continue
            raise errors.ClientError(
                f"Spark's history server ended with code {code}: "
                f"{_cause((directory / _LOG).read_text(errors='replace'))}",
                hint="It needs Java, and its port; another one goes with --port.",
            )

    def _tell(
        self, server: event_logs.Server, count: int, parsed_args: argparse.Namespace
    ) -> None:
        plural = "" if count == 1 else "s"
        print(
            f"{count} application{plural}: {server.url}",
            "Ctrl-C ends it.",
            sep="\n",
            file=self.app.stdout,
            flush=True,
        )
        if not parsed_args.no_browser and self.app.stdout.isatty():
            webbrowser.open(server.url)


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(_END_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()


def _cause(log: str) -> str:
    """What went wrong, of all that a daemon wrote: its first exception, else its last
    words."""
    lines = [line.strip() for line in log.splitlines() if line.strip()]
    thrown = [line for line in lines if "Exception" in line and line[:3] != "at "]
    return (thrown[:1] or lines[-1:] or ["it said nothing"])[0][:300]
